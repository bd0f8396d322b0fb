/** Objects in a file: what was answered is there again, however the process ended. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { type ApiServerOptions, startApiServer } from '../../lib/apiserver/index.ts'
import { DatabaseError } from '../../lib/database.ts'
import { type NodeDatabase, openData } from '../../lib/database/node.ts'
import { fakeClock } from '../fake-clock.ts'
import { startProgram } from '../functions/process.ts'
import { scratchFolder } from '../scratch.ts'
import {
  type Api,
  apiOf,
  CONFIGMAPS,
  configMap,
  defineWidgets,
  gone,
  openWatch,
  WIDGETS,
  widget,
} from './client.ts'

/** As the entries of functions/ have it. */
const OWNER = 'the objects of an API server'

const open = (file: string): NodeDatabase =>
  openData({ file, owner: OWNER, elsewhere: 'choose another file', patienceMs: 0 })

interface Life {
  readonly api: Api
  readonly database: NodeDatabase
  /** Ends it, as a process ends. */
  end(): Promise<void>
}

/** A server that keeps its objects in a file, until it ends or the test does. */
async function live(t: TestContext, file: string, options: ApiServerOptions = {}): Promise<Life> {
  const database = open(file)
  const server = await startApiServer({ database, ...options })
  let isOver = false
  const end = async () => {
    if (isOver) return
    isOver = true
    await server.close()
    database.close()
  }
  t.after(end)
  return { api: apiOf(server), database, end }
}

const newFile = () => join(scratchFolder(), 'objects.db')
const NAMESPACES = '/api/v1/namespaces'
const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

describe('the embedded API server with a file', () => {
  it('has its objects, kinds and versions again after a restart, and goes on counting', async (t) => {
    const file = newFile()
    const one = await live(t, file)
    await one.api.post(CONFIGMAPS, configMap('a', { v: '1' }))
    const changed = (await one.api.merge(`${CONFIGMAPS}/a`, { data: { v: '2' } })).body
    await one.api.post(CONFIGMAPS, configMap('b'))
    await defineWidgets(one.api)
    const made = (await one.api.post(WIDGETS, widget('w', { size: 7 }))).body
    const removed = await one.api.remove(`${CONFIGMAPS}/b`)
    assert.equal(removed.status, 200)
    const { metadata } = (await one.api.get(CONFIGMAPS)).body
    const namespaces = (await one.api.get(NAMESPACES)).body.items
    const roles = (await one.api.get(ROLES)).body.items
    await one.end()

    const { api } = await live(t, file)
    assert.deepEqual((await api.get(`${CONFIGMAPS}/a`)).body, changed)
    assert.deepEqual((await api.get(`${WIDGETS}/w`)).body, made)
    assert.equal((await api.get(`${CONFIGMAPS}/b`)).status, 404)
    assert.deepEqual((await api.get(NAMESPACES)).body.items, namespaces)
    assert.deepEqual((await api.get(ROLES)).body.items, roles)
    assert.notEqual(roles.length, 0)
    const next = (await api.post(CONFIGMAPS, configMap('c'))).body
    assert.ok(Number(next.metadata.resourceVersion) > Number(metadata.resourceVersion))
    assert.equal((await api.post(WIDGETS, widget('x', { size: 0 }))).status, 422)
  })

  it('a watch goes on from the version that was the last one; older ones have to list again', async (t) => {
    const file = newFile()
    const one = await live(t, file)
    const old = (await one.api.post(CONFIGMAPS, configMap('a'))).body.metadata.resourceVersion
    await one.api.post(CONFIGMAPS, configMap('b'))
    await one.api.remove(`${CONFIGMAPS}/b`)
    const page = (await one.api.get(`${NAMESPACES}?limit=1`)).body.metadata
    const last = (await one.api.get(CONFIGMAPS)).body.metadata.resourceVersion
    await one.end()

    const { api } = await live(t, file)
    const resumed = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${last}`)
    await api.post(CONFIGMAPS, configMap('c'))
    assert.equal((await resumed.next())?.object.metadata.name, 'c')
    resumed.close()
    const late = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${old}`)
    assert.equal((await late.next())?.object.code, 410)
    assert.equal((await api.get(`${NAMESPACES}?limit=1&continue=${page.continue}`)).status, 200)
    const exact = await api.get(`${CONFIGMAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`)
    assert.equal(exact.status, 410)
  })

  it('after an end that was none no version is one of the future: a lost tail is not waited for', async (t) => {
    const file = newFile()
    const one = await live(t, file)
    const { metadata } = (await one.api.post(CONFIGMAPS, configMap('a'))).body
    await one.end()
    // As a machine that fails leaves it: what came last was answered, and is not on the disk.
    const lost = Number(metadata.resourceVersion) + 100
    const sqlite = new DatabaseSync(file)
    sqlite.exec('UPDATE apiserver SET is_ended = 0')
    sqlite.close()
    const { api } = await live(t, file)
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${lost}`)
    assert.equal((await watch.next())?.object.code, 410)
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).body.metadata.resourceVersion, metadata.resourceVersion)
  })

  it('no version is given out twice, not even one that no change has', async (t) => {
    const file = newFile()
    const one = await live(t, file)
    one.api.server.expireHistory()
    const { resourceVersion } = (await one.api.get(CONFIGMAPS)).body.metadata
    await one.end()
    const { api } = await live(t, file)
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    assert.ok(Number(body.metadata.resourceVersion) > Number(resourceVersion))
  })

  it('kill -9 loses nothing that was answered', async () => {
    const file = newFile()
    const answered = new Map<string, string>()
    for (let life = 0; life < 3; life++) {
      await using program = startProgram('apiserver', ['--data', file])
      const url = (await program.line(/^server: (.+)$/))[1] ?? ''
      const write = async () => {
        for (let at = 0; ; at++) {
          const name = `l${life}-${at}`
          const response = await fetch(url + CONFIGMAPS, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(configMap(name, { at: String(at) })),
          })
          const body = (await response.json()) as { metadata: { resourceVersion: string } }
          answered.set(name, body.metadata.resourceVersion)
          if (at === 30) program.child.kill('SIGKILL')
        }
      }
      await assert.rejects(write)
      assert.deepEqual(await program.ended(), [null, 'SIGKILL'])
    }
    const database = open(file)
    const server = await startApiServer({ database })
    const { items } = (await apiOf(server).get(CONFIGMAPS)).body
    const kept = new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]))
    assert.ok(answered.size > 90)
    for (const [name, version] of answered) assert.equal(kept.get(name), version, name)
    await server.close()
    database.close()
  })

  it('what controllers had begun goes on: namespaces are emptied, owners gone take what they owned', async (t) => {
    const file = newFile()
    const one = await live(t, file, { controllers: false })
    const held = configMap('held', {}, { finalizers: ['example.com/hold'] })
    await one.api.post(NAMESPACES, namespace('n'))
    await one.api.post(`${NAMESPACES}/n/configmaps`, held)
    await one.api.remove(`${NAMESPACES}/n`)
    const owner = (await one.api.post(CONFIGMAPS, configMap('owner'))).body.metadata
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.uid }]
    await one.api.post(CONFIGMAPS, configMap('owned', {}, { ownerReferences }))
    await one.api.remove(`${CONFIGMAPS}/owner`)
    await one.end()

    const { api } = await live(t, file)
    await gone(api, CONFIGMAPS, 'owned')
    await api.merge(`${NAMESPACES}/n/configmaps/held`, { metadata: { finalizers: null } })
    await gone(api, NAMESPACES, 'n')
  })

  it('pods that were not ready yet become so in the next life', async (t) => {
    const file = newFile()
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const options = { clock, workloads: { readyAfterSeconds: 5 } }
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } }
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { selector: { matchLabels: labels }, template },
    }
    const ready = async (api: Api) => (await api.get(`${path}/web`)).body.status.readyReplicas
    const one = await live(t, file, options)
    await one.api.post(path, deployment)
    await clock.advance(1_000)
    assert.equal(await ready(one.api), undefined)
    await one.end()
    const { api } = await live(t, file, options)
    await clock.advance(10_000)
    assert.equal(await ready(api), 1)
  })

  it('a CRD that is being deleted goes on waiting for its objects', async (t) => {
    const file = newFile()
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const one = await live(t, file)
    await defineWidgets(one.api)
    const held = { ...widget('w'), metadata: { name: 'w', finalizers: ['example.com/hold'] } }
    await one.api.post(WIDGETS, held)
    await one.api.remove(`${path}/widgets.example.com`)
    await one.end()
    const two = await live(t, file)
    assert.equal((await two.api.get(`${path}/widgets.example.com`)).status, 200)
    await two.api.merge(`${WIDGETS}/w`, { metadata: { finalizers: null } })
    await gone(two.api, path, 'widgets.example.com')
    await two.end()
    const { api } = await live(t, file)
    assert.equal((await api.get(WIDGETS)).status, 404)
  })

  it('a restored snapshot is kept like any other change', async (t) => {
    const file = newFile()
    const one = await live(t, file)
    await one.api.post(CONFIGMAPS, configMap('a'))
    await defineWidgets(one.api)
    const snapshot = one.api.server.snapshot()
    await one.api.post(WIDGETS, widget('w'))
    await one.api.remove(`${CONFIGMAPS}/a`)
    one.api.server.restore(snapshot)
    await one.end()
    const { api } = await live(t, file)
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 200)
    assert.deepEqual((await api.get(WIDGETS)).body.items, [])
  })

  it('a full disk refuses the write, which then has not happened, and goes on once there is room', async (t) => {
    const file = newFile()
    const { api, database } = await live(t, file)
    await api.post(CONFIGMAPS, configMap('a', { v: '1' }))
    const [{ page_count = 0 } = {}] = [...database.rows('PRAGMA page_count')]
    database.run(`PRAGMA max_page_count = ${Number(page_count) + 1}`)
    const watch = await openWatch(api.server.url, `${CONFIGMAPS}?watch=1`)
    await watch.next()
    const large = { v: 'x'.repeat(200_000) }
    const refused = await api.merge(`${CONFIGMAPS}/a`, { data: large })
    assert.equal(refused.status, 500)
    assert.match(refused.body.message, /objects\.db cannot be written, the disk is full: make room/)
    assert.deepEqual((await api.get(`${CONFIGMAPS}/a`)).body.data, { v: '1' })
    database.run('PRAGMA max_page_count = 1000000')
    await api.merge(`${CONFIGMAPS}/a`, { data: large })
    assert.deepEqual((await watch.next())?.object.data, large)
    watch.close()
  })

  it('whatever was written, the next life begins with what the last one ended with', async (t) => {
    const action = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom('create', 'change', 'delete', 'restart'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 15 }), async (steps) => {
        const file = newFile()
        let life = await live(t, file)
        const listed = async () => (await life.api.get(CONFIGMAPS)).body
        for (const { name, action } of [...steps, { name: '', action: 'restart' }]) {
          const path = `${CONFIGMAPS}/${name}`
          if (action === 'create') await life.api.post(CONFIGMAPS, configMap(name))
          else if (action === 'change')
            await life.api.merge(path, { data: { [action]: String(steps.length) } })
          else if (action === 'delete') await life.api.remove(path)
          else {
            const before = await listed()
            await life.end()
            life = await live(t, file)
            assert.deepEqual(await listed(), before)
          }
        }
        await life.end()
      }),
      { numRuns: 15 },
    )
  })
})

const is = (trouble: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DatabaseError, String(error))
  assert.equal(error.trouble, trouble)
  assert.match(error.message, pattern)
  return true
}

describe('a file of objects', () => {
  it('is readable by its owner only', () => {
    const file = newFile()
    const database = open(file)
    database.run('CREATE TABLE things (id INTEGER PRIMARY KEY) STRICT')
    for (const name of [file, `${file}-wal`]) assert.equal(statSync(name).mode & 0o077, 0, name)
    database.close()
  })

  it('is held by one process at a time, which the other one is told', () => {
    const file = newFile()
    const holder = open(file)
    const held = new RegExp(
      `objects\\.db is in use by process ${process.pid} since .*: end that process, or choose another file`,
    )
    assert.throws(() => open(file), is('locked', held))
    holder.close()
    open(file).close()
  })

  it('that is no such file is left as it is, and named with the way out', () => {
    const damaged = newFile()
    writeFileSync(damaged, 'this is no database, however long it is'.repeat(100))
    assert.throws(
      () => open(damaged),
      is('damaged', /objects\.db is damaged .*: put a copy back, or move it away to start with an empty one/),
    )
    const other = newFile()
    const sqlite = new DatabaseSync(other)
    sqlite.exec('CREATE TABLE recipes (id INTEGER)')
    assert.throws(
      () => open(other),
      is('foreign', /objects\.db is a database of something else: choose another file/),
    )
    sqlite.close()
    const newer = newFile()
    open(newer).close()
    const later = new DatabaseSync(newer)
    later.exec('PRAGMA user_version = 99')
    later.close()
    assert.throws(() => open(newer), is('foreign', /objects\.db was written by a newer Fairlead/))
    assert.throws(
      () => openData({ file: newFileOf('queues'), owner: OWNER, elsewhere: 'choose another file' }),
      is(
        'foreign',
        /objects\.db belongs to queues, not to the objects of an API server: choose another file/,
      ),
    )
  })

  it('npm run apiserver ends with 1 and says which file it is', async () => {
    const file = newFile()
    const holder = openData({ file, owner: OWNER, elsewhere: '' })
    await using second = startProgram('apiserver', ['--data', file])
    assert.deepEqual(await second.ended(), [1, null])
    assert.match(
      second.lines.join('\n'),
      /objects\.db is in use by process \d+ since .*: end that process, or choose another file with --data/,
    )
    holder.close()
    const folder = scratchFolder()
    writeFileSync(join(folder, 'no-folder'), '')
    await using blocked = startProgram('apiserver', ['--data', join(folder, 'no-folder', 'objects.db')])
    assert.deepEqual(await blocked.ended(), [1, null])
    assert.match(blocked.lines.join('\n'), /objects cannot be kept in .*no-folder\/objects\.db: .*--data/)
  })
})

function newFileOf(owner: string): string {
  const file = newFile()
  openData({ file, owner, elsewhere: '' }).close()
  return file
}
