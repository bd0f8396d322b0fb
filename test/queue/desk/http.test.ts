/** The desk of a queue over HTTP: who may ask, for what, and the exact answer to each. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Happening, systemClock } from '../../../lib/index.ts'
import { parseLiveKeys } from '../../../lib/mac.ts'
import type { Desk, Pending } from '../../../lib/queue/desk.ts'
import { queueApp } from '../../../lib/queue/desk/http.ts'
import { fakeClock } from '../../fake-clock.ts'
import { memoryDesk, parkedAs } from './samples.ts'

const secret = (byte: number, length = 32) => Buffer.alloc(length, byte).toString('base64url')
const keys = parseLiveKeys(`a=${secret(1)},b=${secret(2)}`, 'queue keys')
const BEARER = { authorization: `Bearer ${secret(1)}` }
const JSON_TYPE = { 'content-type': 'application/json' }

const rest = { body: {}, dueAt: 0, reason: '' }
const locked: Pending = { ...rest, key: 'k1', place: 'locked', since: 5, attempt: 0 }
const delayed: Pending = { ...rest, key: 'k0', place: 'delayed', since: 6, dueAt: 9, attempt: 3 }

function rig({ queue = memoryDesk([parkedAs('x'), parkedAs('y')], [locked, delayed]).desk } = {}) {
  const happenings: Happening[] = []
  const report = (happening: Happening) => void happenings.push(happening)
  const app = queueApp({ keys, clock: systemClock, queue, report })
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(path, { ...init, headers: { ...BEARER, ...init.headers } })
    const text = await response.text()
    return { status: response.status, text, headers: response.headers, body: text && JSON.parse(text) }
  }
  const post = (path: string, body: unknown, headers: Record<string, string> = JSON_TYPE) =>
    ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers })
  return { app, ask, post, happenings }
}

describe('the desk of a queue', () => {
  it('shows what is parked and what waits, each with all that is known', async () => {
    const { ask } = rig()
    const { status, body, headers } = await ask('/queue/parked')
    assert.deepEqual([status, body], [200, { items: [parkedAs('x'), parkedAs('y')] }])
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.deepEqual((await ask('/queue/pending')).body, { items: [delayed, locked] })
    assert.deepEqual((await ask('/queue')).body, {
      clusters: { east: { ready: 0, running: 1, delayed: 2, parked: 2 } },
    })
  })

  it('shows long lists in pages, each going on after the one before', async () => {
    const parked = Array.from({ length: 250 }, (_, index) =>
      parkedAs(`k${String(index).padStart(3, '0')}|/&`),
    )
    const { desk, kept } = memoryDesk(parked.toReversed())
    const { ask } = rig({ queue: desk })
    const seen: unknown[] = []
    let query = ''
    for (let pages = 1; ; pages++) {
      const { items, next } = (await ask(`/queue/parked${query}`)).body
      seen.push(...items)
      // What went away meanwhile makes nobody else go unseen.
      kept.delete(next)
      if (next === undefined) {
        assert.equal(pages, 3)
        break
      }
      query = `?after=${encodeURIComponent(next)}`
    }
    assert.deepEqual(seen, parked)
    assert.equal((await ask('/queue/parked?limit=7')).body.items.length, 7)
  })

  it('redrives and drops keys that are named, or all, and an order that comes twice is carried out once', async () => {
    const { desk, kept, redriven } = memoryDesk(['a', 'b', 'c', 'd', 'e'].map((key) => parkedAs(key)))
    const { post } = rig({ queue: desk })
    for (const count of [1, 0])
      assert.deepEqual((await post('/queue/redrive', { keys: ['a', 'a', 'z'] })).body, { count })
    assert.deepEqual((await post('/queue/drop', { keys: ['b'] })).body, { count: 1 })
    assert.deepEqual(redriven, ['a'])
    assert.deepEqual([...kept.keys()], ['c', 'd', 'e'])
    assert.deepEqual((await post('/queue/redrive', { all: true })).body, { count: 3 })
    assert.deepEqual(redriven, ['a', 'c', 'd', 'e'])
    const dropping = memoryDesk([parkedAs('a'), parkedAs('b')])
    const { status, body } = await rig({ queue: dropping.desk }).post('/queue/drop', { all: true })
    assert.deepEqual([status, body, dropping.kept.size], [200, { count: 2 }, 0])
  })

  it('answers 401 without a word to whoever shows no live key, whatever is asked, and asks nobody', async () => {
    const refuse = () => assert.fail('asked')
    const queue: Desk = { parked: refuse, pending: refuse, depths: refuse, redrive: refuse, drop: refuse }
    const { app, happenings } = rig({ queue })
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      `Bearer ${secret(3)}`,
      `Bearer a=${secret(1)}`,
      `Bearer ${secret(1).slice(0, -1)}`,
      `Bearer ${secret(1, 31)}`,
      // HMAC fills up short keys with zeros.
      `Bearer ${Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(1)]).toString('base64url')}`,
      `Bearer ${secret(1)} x`,
      `Basic ${secret(1)}`,
      secret(1),
    ]
    const asked = ['GET /queue/parked', 'POST /queue/redrive', 'PUT /queue/drop', 'GET /', 'POST /healthz']
    for (const authorization of wrong)
      for (const [method = '', path = ''] of asked.map((one) => one.split(' '))) {
        const response = await app.request(path, { method, headers: { authorization } })
        assert.deepEqual([response.status, await response.text()], [401, ''], `${authorization} ${path}`)
        assert.equal(response.headers.get('www-authenticate'), 'Bearer')
      }
    assert.deepEqual(happenings, [])
  })

  it('knows either of two keys, and is healthy for everybody', async () => {
    const { app } = rig()
    for (const authorization of [`Bearer ${secret(1)}`, `bearer ${secret(2)}`, `Bearer ${secret(2)}=`])
      assert.equal((await app.request('/queue/parked', { headers: { authorization } })).status, 200)
    assert.equal(await (await app.request('/healthz')).text(), 'ok')
  })

  it('answers 404 and 405 to what it does not do', async () => {
    const { ask, post } = rig()
    for (const path of ['/', '/queue/dead', '/queue/parked/x'])
      assert.deepEqual([(await ask(path)).status, (await ask(path)).text], [404, ''])
    for (const [answer, allow] of [
      [await post('/queue', {}), 'GET, HEAD'],
      [await post('/queue/parked', {}), 'GET, HEAD'],
      [await ask('/queue/pending', { method: 'DELETE' }), 'GET, HEAD'],
      [await ask('/queue/redrive'), 'POST'],
      [await ask('/queue/drop', { method: 'PUT' }), 'POST'],
    ] as const)
      assert.deepEqual([answer.status, answer.text, answer.headers.get('allow')], [405, '', allow])
  })

  it('refuses what it cannot read, with the rule, and carries out nothing of it', async () => {
    const { desk, kept } = memoryDesk([parkedAs('x')])
    const { ask, post } = rig({ queue: desk })
    const cases: [unknown, number, RegExp][] = [
      ['', 400, /^the body is empty$/],
      ['{"all":', 400, /^the body is not JSON$/],
      ['[[[[[]]]]]', 400, /^the body is nested more than 4 levels deep$/],
      [' '.repeat(1024 * 1024 + 1), 413, /^the body must be 1048576 bytes at most$/],
      [{}, 422, /^body: must have either keys or all$/],
      [[], 422, /^body: /],
      [{ all: true, keys: ['x'] }, 422, /^body: must have either keys or all$/],
      [{ all: false }, 422, /^all: must be true$/],
      [{ all: true, really: 1 }, 422, /^body: Unrecognized key/],
      [{ keys: 'x' }, 422, /^keys: must be a list of keys$/],
      [{ keys: [] }, 422, /^keys: /],
      [{ keys: [7] }, 422, /^keys\.0: /],
      [{ keys: Array(1001).fill('x') }, 422, /^keys: /],
    ]
    for (const [body, code, message] of cases)
      for (const path of ['/queue/redrive', '/queue/drop']) {
        const answer = await post(path, body)
        assert.deepEqual([answer.status, Object.keys(answer.body)], [code, ['error']], String(message))
        assert.match(answer.body.error, message)
      }
    const typed = await post('/queue/drop', { all: true }, { 'content-type': 'text/plain' })
    assert.deepEqual([typed.status, typed.body], [415, { error: 'content type must be application/json' }])
    for (const limit of ['0', '1001', '1.5', 'x', ''])
      assert.deepEqual(
        [
          (await ask(`/queue/parked?limit=${limit}`)).status,
          (await ask(`/queue/pending?limit=${limit}`)).body,
        ],
        [422, { error: 'limit: must be a whole number from 1 to 100' }],
      )
    assert.deepEqual([...kept.keys()], ['x'])
  })

  it('gives up on a body that does not come', async () => {
    const clock = fakeClock()
    const app = queueApp({ keys, clock, queue: memoryDesk([]).desk, report() {} })
    const body = new ReadableStream({ pull: () => new Promise(() => {}) })
    const init = { method: 'POST', body, duplex: 'half', headers: { ...BEARER, ...JSON_TYPE } } as const
    const asked = app.request('/queue/drop', init)
    while (clock.pending() === 0) await clock.advance(0)
    await clock.advance(10_000)
    assert.equal((await asked).status, 408)
  })

  it('answers 503 while the queue does not, and says why to its own people alone', async () => {
    const fail = async () => {
      throw new Error('overloaded')
    }
    const { ask, post, happenings } = rig({
      queue: { parked: fail, pending: fail, depths: fail, redrive: fail, drop: fail },
    })
    const answers = [
      await ask('/queue/parked'),
      await ask('/queue/pending'),
      await post('/queue/redrive', { all: true }),
      await post('/queue/drop', { keys: ['x'] }),
    ]
    for (const { status, body, headers } of answers) {
      assert.deepEqual([status, body], [503, { error: 'the queue does not answer' }])
      assert.equal(headers.get('retry-after'), '5')
    }
    assert.deepEqual(
      happenings,
      Array(4).fill({ type: 'store', store: 'queue', state: 'refusing', detail: 'overloaded' }),
    )
  })
})
