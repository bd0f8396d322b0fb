/** Waiting and asking again, on a clock that is moved by hand. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { connect } from '../../lib/kube/rest.ts'
import type { SentCall } from '../../lib/kube/send.ts'
import { fakeClock } from '../fake-clock.ts'
import { configMaps, scripted } from './script.ts'
import { statusOf } from './server.ts'

const key = { namespace: 'default', name: 'a' }
const object = { metadata: key, data: { a: '1' } }
const ok = { status: 200, body: { kind: 'ConfigMap', metadata: key } }

const tooMany = (headers: Record<string, string> = {}) => ({
  status: 429,
  headers,
  body: statusOf(429, 'TooManyRequests', 'slow down'),
})

test('A4: a 429 is waited out as Retry-After says, with jitter, also for a POST', async () => {
  const clock = fakeClock()
  const transport = scripted(tooMany({ 'retry-after': '2' }), ok)
  const creating = connect(transport, { clock, random: () => 0.5 }).create(configMaps, object)
  await clock.advance(2249)
  assert.equal(transport.requests.length, 1)
  await clock.advance(1)
  assert.equal(transport.requests.length, 2)
  assert.deepEqual(await creating, ok.body)
})

for (const [what, header, milliseconds] of [
  ['an HTTP date', new Date(3000).toUTCString(), 3000],
  ['a date that has passed', new Date(-5000).toUTCString(), 1000],
  ['0', '0', 1000],
  ['nonsense', 'soon', 1000],
  ['nothing', undefined, 1000],
] as const)
  test(`Retry-After may be ${what}: the wait is ${milliseconds} ms`, async () => {
    const clock = fakeClock()
    const transport = scripted(tooMany(header === undefined ? {} : { 'retry-after': header }), ok)
    const getting = connect(transport, { clock, random: () => 0 }).get(configMaps, key)
    await clock.advance(milliseconds - 1)
    assert.equal(transport.requests.length, 1)
    await clock.advance(1)
    assert.deepEqual(await getting, ok.body)
  })

test('what keeps being refused is thrown when the budget is spent, with the seconds for whoever waits on', async () => {
  const clock = fakeClock()
  const transport = scripted(tooMany({ 'retry-after': '3' }))
  const failing = assert.rejects(connect(transport, { clock, random: () => 0 }).get(configMaps, key), {
    code: 429,
    details: { retryAfterSeconds: 3 },
  })
  await clock.advance(60_000)
  await failing
  assert.equal(transport.requests.length, 4, 'at 0, 3, 6 and 9 s')

  const often = scripted(tooMany({ 'retry-after': '1' }))
  const giving = assert.rejects(
    connect(often, { clock, random: () => 0, retryBudgetSeconds: 3600 }).get(configMaps, key),
  )
  await clock.advance(60_000)
  await giving
  assert.equal(often.requests.length, 10)

  const later = scripted(tooMany({ 'retry-after': '60' }))
  await assert.rejects(connect(later, { clock }).get(configMaps, key), { code: 429 })
  assert.equal(later.requests.length, 1, 'a wait beyond the budget is not begun')
})

test('a 5xx is repeated when it says when, and thrown at once when it does not', async () => {
  const clock = fakeClock()
  const busy = { status: 503, body: statusOf(503, 'ServiceUnavailable', 'starting') }
  const silent = scripted(busy, ok)
  await assert.rejects(connect(silent, { clock }).get(configMaps, key), {
    code: 503,
    reason: 'ServiceUnavailable',
  })
  const told = scripted({ ...busy, headers: { 'retry-after': '1' } }, ok)
  const getting = connect(told, { clock, random: () => 0 }).get(configMaps, key)
  await clock.advance(1000)
  assert.deepEqual(await getting, ok.body)
})

test('an abort during the wait rejects with its reason at once and leaves no timer', async () => {
  const clock = fakeClock()
  const abort = new AbortController()
  const getting = connect(scripted(tooMany()), { clock }).get(configMaps, key, { signal: abort.signal })
  const reason = new Error('deadline')
  const failing = assert.rejects(getting, (error) => error === reason)
  await clock.advance(10)
  abort.abort(reason)
  await failing
  assert.equal(clock.pending(), 0)
})

test('a call that is aborted already is not sent', async () => {
  const transport = scripted(ok)
  await assert.rejects(
    connect(transport).get(configMaps, key, { signal: AbortSignal.abort('stop') }),
    (error) => error === 'stop',
  )
  assert.equal(transport.requests.length, 0)
})

test('onCall is told of each request, the repeated and the failed ones too', async () => {
  const clock = fakeClock()
  const calls: SentCall[] = []
  const transport = scripted(tooMany(), ok, new Error('gone'))
  const kube = connect(transport, { clock, random: () => 0, onCall: (call) => calls.push(call) })
  const getting = kube.get(configMaps, key)
  await clock.advance(1000)
  await getting
  await assert.rejects(kube.delete(configMaps, key))
  assert.deepEqual(
    calls.map(({ verb, status, key: { name } = {} }) => [verb, status, name]),
    [
      ['get', 429, 'a'],
      ['get', 200, 'a'],
      ['delete', 0, 'a'],
    ],
  )
})
