/** The faults that a test may ask for: what becomes of requests, and of the lines of watches. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { WatchFault, WatchFaultHook, WatchLine } from '../../lib/apiserver/index.ts'
import { fakeClock } from '../fake-clock.ts'
import { type Api, CONFIGMAPS, configMap, nextRequest, startServer } from './client.ts'

describe('faults of requests', () => {
  it('an answer can be lost after the write was stored', async (t) => {
    const api = await startServer(t)
    api.server.faults(({ verb }) => (verb === 'create' ? { when: 'after', drop: true } : undefined))
    await assert.rejects(api.post(CONFIGMAPS, configMap('a')))
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 200)
    api.server.faults(({ verb }) => (verb === 'create' ? { drop: true } : undefined))
    await assert.rejects(api.post(CONFIGMAPS, configMap('b')))
    assert.equal((await api.get(`${CONFIGMAPS}/b`)).status, 404)
  })

  it('a call can be refused by its number, in the words of Kubernetes', async (t) => {
    const api = await startServer(t)
    api.server.faults(({ number }) => {
      if (number === 2) return { status: 429, retryAfterSeconds: 7 }
      return number === 3 ? { when: 'after', status: 500 } : undefined
    })
    await api.post(CONFIGMAPS, configMap('a'))
    const throttled = await api.post(CONFIGMAPS, configMap('b'))
    assert.deepEqual(
      [throttled.status, throttled.headers['retry-after'], throttled.body.reason, throttled.body.details],
      [429, '7', 'TooManyRequests', { retryAfterSeconds: 7 }],
    )
    const failed = await api.post(CONFIGMAPS, configMap('c'))
    assert.deepEqual([failed.status, failed.body.reason], [500, 'InternalError'])
    const { items } = (await api.get(CONFIGMAPS)).body
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['a', 'c'],
    )
  })

  it('a delay lasts until the clock says so, before the request or before its answer', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    for (const when of ['before', 'after'] as const) {
      api.server.faults({ request: ({ verb }) => (verb === 'create' ? { when, delay: 1_000 } : undefined) })
      const asked = nextRequest(api)
      const answer = api.post(CONFIGMAPS, configMap(when))
      await asked
      await clock.advance(999)
      const { status } = await api.get(`${CONFIGMAPS}/${when}`)
      assert.equal(status, when === 'before' ? 404 : 200)
      await clock.advance(1)
      assert.equal((await answer).status, 201)
    }
  })

  it('tells the hook what a request is about', async (t) => {
    const api = await startServer(t)
    const seen: unknown[] = []
    api.server.faults((request) => void seen.push(request))
    await api.get(`${CONFIGMAPS}/a`)
    await api.get('/apis/apps/v1/deployments')
    assert.deepEqual(seen, [
      {
        number: 1,
        method: 'GET',
        path: `${CONFIGMAPS}/a`,
        verb: 'get',
        resource: 'configmaps',
        namespace: 'default',
        name: 'a',
      },
      {
        number: 2,
        method: 'GET',
        path: '/apis/apps/v1/deployments',
        verb: 'list',
        resource: 'deployments',
      },
    ])
  })
})

const WATCH = `${CONFIGMAPS}?watch=1`

/** The fault for the object of a name. */
const at =
  (name: string, fault: WatchFault) =>
  ({ object }: WatchLine): WatchFault | undefined =>
    (object.metadata as { name?: string } | undefined)?.name === name ? fault : undefined

const create = async (api: Api, ...names: string[]) => {
  for (const name of names) await api.post(CONFIGMAPS, configMap(name))
}

/** What a watch tells of four objects that are created, and then of the object `end`. */
async function told(api: Api, watch: WatchFaultHook): Promise<string[]> {
  const stream = await api.watch(WATCH)
  api.server.faults({ watch })
  await create(api, 'a', 'b', 'c', 'd')
  api.server.faults(undefined)
  await create(api, 'end')
  const names: string[] = []
  for (let line = await stream.next(); line !== undefined; line = await stream.next()) {
    if (line.object.metadata.name === 'end') break
    names.push(
      line.type === 'ERROR' ? `${line.object.code} ${line.object.reason}` : line.object.metadata.name,
    )
  }
  stream.close()
  return names
}

describe('faults of watches', () => {
  it('lines are lost, come twice, or behind others', async (t) => {
    const cases: [WatchFault, string[]][] = [
      [{}, ['a', 'b', 'c', 'd']],
      [{ drop: true }, ['a', 'c', 'd']],
      [{ duplicate: true }, ['a', 'b', 'b', 'c', 'd']],
      [{ behind: 1 }, ['a', 'c', 'b', 'd']],
      [{ behind: 2, duplicate: true }, ['a', 'c', 'd', 'b', 'b']],
      [{ end: true }, ['a']],
      [{ status: 410 }, ['a', '410 Expired']],
      [{ status: 500 }, ['a', '500 InternalError']],
    ]
    for (const [fault, expected] of cases)
      assert.deepEqual(await told(await startServer(t), at('b', fault)), expected, JSON.stringify(fault))
  })

  it('what is to come behind others comes at the end of the stream at the latest', async (t) => {
    const api = await startServer(t)
    const hook = (line: WatchLine) => at('a', { behind: 9 })(line) ?? at('c', { end: true })(line)
    assert.deepEqual(await told(api, hook), ['b', 'a'])
  })

  it('a line may be cut off in its middle', async (t) => {
    const api = await startServer(t)
    const { message } = await api.watch(WATCH)
    api.server.faults({ watch: at('a', { cut: true }) })
    let text = ''
    message.setEncoding('utf8').on('data', (part) => {
      text += part
    })
    const cut = once(message, 'error')
    await create(api, 'a')
    const [error] = await cut
    assert.equal(error.code, 'ECONNRESET')
    assert.match(text, /^{"type":"ADDED","object":{"kind":"ConfigMap"/)
    assert.throws(() => JSON.parse(text))
  })

  it('a stream stands still until the clock says so, and keeps its order', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    const stalled = await api.watch(WATCH)
    const free = await api.watch(`${WATCH}&timeoutSeconds=9`)
    api.server.faults({
      watch: (line, request) => (request.number === 1 ? at('a', { delay: 1_000 })(line) : undefined),
    })
    let isTold = false
    const first = stalled.next().then((line) => {
      isTold = true
      return line
    })
    await create(api, 'a', 'b')
    assert.equal((await free.next())?.object.metadata.name, 'a')
    assert.equal((await free.next())?.object.metadata.name, 'b')
    await clock.advance(999)
    assert.equal(isTold, false)
    await clock.advance(1)
    assert.equal((await first)?.object.metadata.name, 'a')
    assert.equal((await stalled.next())?.object.metadata.name, 'b')
    stalled.close()
    free.close()
  })

  it('bookmarks may be withheld', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    api.server.faults({ watch: ({ type }) => ({ drop: type === 'BOOKMARK' }) })
    const stream = await api.watch(`${WATCH}&allowWatchBookmarks=true&timeoutSeconds=90`)
    await create(api, 'a')
    await clock.advance(90_000)
    assert.equal((await stream.next())?.type, 'ADDED')
    assert.equal(await stream.next(), undefined)
  })

  it('history may expire at a given line: who resumes from there has to list again', async (t) => {
    const api = await startServer(t)
    const stream = await api.watch(WATCH)
    api.server.faults({
      watch: (line) => {
        if (at('b', {})(line) === undefined) return undefined
        api.server.faults(undefined)
        api.server.expireHistory()
        return { end: true }
      },
    })
    await create(api, 'a', 'b', 'c')
    const { resourceVersion } = (await stream.next())?.object.metadata ?? {}
    assert.equal(await stream.next(), undefined)
    const again = await api.watch(`${WATCH}&resourceVersion=${resourceVersion}`)
    assert.equal((await again.next())?.object.code, 410)
  })

  it('counts the lines of each watch and knows the request that opened it', async (t) => {
    const api = await startServer(t)
    const seen: string[] = []
    api.server.faults({
      watch: ({ type, number, object }, request) =>
        void seen.push(`${request.number}.${number} ${type} ${(object.metadata as { name: string }).name}`),
    })
    const one = await api.watch(WATCH)
    const other = await api.watch(`${WATCH}&fieldSelector=metadata.name%3Db`)
    await create(api, 'a', 'b')
    await one.next()
    await one.next()
    await other.next()
    assert.deepEqual(seen, ['1.1 ADDED a', '1.2 ADDED b', '2.1 ADDED b'])
    one.close()
    other.close()
  })
})
