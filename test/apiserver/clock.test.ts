/** Time and chance of the embedded API server are what a test says they are. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fakeClock, randomFrom } from '../../lib/testing/index.ts'
import { CONFIGMAPS, configMap, defineWidgets, startServer } from './client.ts'

const START = Date.parse('2030-01-01T00:00:00Z')

describe('the clock of the embedded API server', () => {
  it('is the only one: nothing in it asks the machine what time it is, or waits by the machine', () => {
    const files = globSync('lib/apiserver/**/*.ts')
    assert.ok(files.length > 100)
    const own = /\bDate\.now\(|new Date\(\)|performance\.now|setTimeout\(|setInterval\(|AbortSignal\.timeout/
    assert.deepEqual(
      files.filter((file) => own.test(readFileSync(file, 'utf8'))),
      [],
    )
  })

  it('dates everything that is written: objects, managers, conditions, deletions, ages', async (t) => {
    const clock = fakeClock(START)
    const api = await startServer(t, { clock })
    await clock.advance(60_000)
    const made = await api.post(CONFIGMAPS, configMap('a', { v: '1' }, { finalizers: ['example.com/hold'] }))
    assert.equal(made.body.metadata.creationTimestamp, '2030-01-01T00:01:00Z')
    assert.equal((made.body.metadata.managedFields as { time: string }[])[0]?.time, '2030-01-01T00:01:00Z')
    await clock.advance(60_000)
    const marked = await api.remove(`${CONFIGMAPS}/a`)
    assert.equal(marked.body.metadata.deletionTimestamp, '2030-01-01T00:02:00Z')
    await defineWidgets(api)
    const { body } = await api.get(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com',
    )
    const conditions = body.status.conditions as { lastTransitionTime: string }[]
    assert.deepEqual(
      conditions.map(({ lastTransitionTime }) => lastTransitionTime),
      ['2030-01-01T00:02:00Z', '2030-01-01T00:02:00Z'],
    )
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
    const table = JSON.parse((await api.send('GET', `${CONFIGMAPS}/a`, { headers })).text)
    assert.equal(table.rows[0].cells[2], '60s')
  })
})

describe('the chance of the embedded API server', () => {
  it('the same seed gives the same uids and generated names', async (t) => {
    const identities = async (seed: number) => {
      const api = await startServer(t, { random: randomFrom(seed) })
      const metadata = { name: undefined, generateName: 'it-' }
      const { body } = await api.post(CONFIGMAPS, { ...configMap(''), metadata })
      const namespace = await api.get('/api/v1/namespaces/default')
      return [body.metadata.name, body.metadata.uid, namespace.body.metadata.uid]
    }
    const once = await identities(1)
    assert.deepEqual(await identities(1), once)
    assert.notDeepEqual(await identities(2), once)
    const [name, ...uids] = once
    assert.match(name ?? '', /^it-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    for (const uid of uids)
      assert.match(uid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
