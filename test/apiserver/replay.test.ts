/**
 * Replays against the embedded server: a scenario with a step of each kind is recorded from it and replayed. As it was recorded
 * it is equal; with one thing in it changed, exactly that is told.
 */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { type Changes, changed } from './transcripts/record/change.ts'
import { record } from './transcripts/record/record.ts'
import type { Recorder } from './transcripts/record/recorder.ts'
import { connectTo } from './transcripts/replay/connect.ts'
import { judge } from './transcripts/replay/judge.ts'
import {
  differenceLine,
  isAllEqual,
  replayLines,
  summarize,
  summaryLine,
} from './transcripts/replay/report.ts'
import { replay } from './transcripts/replay/run.ts'
import { parseScenario } from './transcripts/replay/scenario.ts'
import { startWebhooks } from './transcripts/replay/webhooks.ts'

const server = await startApiServer()
const connection = connectTo({ server: server.url })
const webhooks = await startWebhooks()
after(async () => {
  connection.close()
  webhooks.close()
  await server.close()
})

const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const configMap = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { x: '1' },
})

async function oneOfEach(t: Recorder): Promise<void> {
  await t.ns()
  const p = `${t.core}/configmaps`
  const url = t.hook('/allow', { response: { allowed: true, warnings: ['mind the gap'] } })
  await t.post(HOOKS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: t.run },
    webhooks: [
      {
        name: `allow.${t.run}.example.com`,
        clientConfig: { url, caBundle: t.ca },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': t.N } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
      },
    ],
  })
  const list = await t.get(p)
  const watch = await t.watch(`${p}?watch=true&resourceVersion=${list.rv}`)
  await t.post(p, configMap('a'))
  await t.merge(`${p}/a`, { data: { x: '2' } })
  await watch.read(2)
  await t.calls()
  await t.wait(`${p}/a`, [{ pointer: '/data/x', equals: '2' }], { pick: ['/metadata/name', '/data'] })
  await watch.close()
  await t.get(`${p}/absent`)
}

const stand = { connection, webhooks }
const source = { area: 'kinds', name: 'kinds-each', about: 'A step of each kind.', run: oneOfEach }
const recorded = (await record(source, stand, 'v1.36.0')).scenario

async function replayed(changes: Changes = {}) {
  const scenario = parseScenario(changed(recorded, changes), 'kinds-each')
  return replay(scenario, connection, webhooks, { settleMs: 20 })
}

const P = '/api/v1/namespaces/t-<run>/configmaps'
const events = '/steps/6/events'

const tampered: [title: string, changes: Changes, told: RegExp[]][] = [
  [
    'another status',
    { '/steps/4/response/status': 200 },
    [/^05 \(POST .*\): \/status expected 200 actual 201$/],
  ],
  [
    'a field that does not come',
    { '/steps/4/response/body/immutable': true },
    [/^05 .*: \/body\/immutable expected true actual \(absent\)$/],
  ],
  [
    'a field more than there was',
    { '/steps/5/response/body/data': undefined },
    [/^06 .*: \/body\/data expected \(absent\) actual \{"x":"2"\}$/],
  ],
  [
    'another value in a picked place',
    { '/steps/8/response/pick/~1data/x': '3' },
    [/^09 \(wait .*\): \/pick\/~1data\/x expected "3" actual "2"$/],
  ],
  [
    'a picked place where nothing is',
    { '/steps/8/response/pick/~1status': {} },
    [/^09 .*: \/pick\/~1status expected \{\} actual \(absent\)$/],
  ],
  [
    'a header less',
    { '/steps/4/response/headers/warning': ['299 - "mind the gap"', '299 - "and the step"'] },
    [/^05 .*: \/headers\/warning\/# expected 2 items actual 1 items/],
  ],
  [
    'a warning that was not there',
    { '/steps/4/response/headers/warning': undefined },
    [/^05 .*: \/headers\/warning expected \(absent\) actual \["299 - /],
  ],
  [
    'an event that does not come',
    { [`${events}/2`]: { type: 'DELETED' }, '/steps/6/withinSeconds': 0.05 },
    [/^07 \(read watch w1\): \/events\/# expected 3 items actual 2 items/],
  ],
  [
    'an event that nobody expected',
    { [events]: [{ type: 'ADDED', object: '<object>' }] },
    [/^10 \(read watch w1\): \/events\/# expected 0 items actual 1 items: \[\{"type":"MODIFIED"/],
  ],
  [
    'events in another order',
    {
      [events]: [
        { type: 'MODIFIED', object: '<object>' },
        { type: 'ADDED', object: '<object>' },
      ],
    },
    [
      /^07 .*: \/events\/0\/type expected "MODIFIED" actual "ADDED"$/,
      /^07 .*: \/events\/1\/type expected "ADDED" actual "MODIFIED"$/,
    ],
  ],
  [
    'a stream that should have ended',
    { '/steps/6/end': 'server', '/steps/6/withinSeconds': 0.05 },
    [/^07 .*: \/end expected "server" actual the stream is still open$/],
  ],
  [
    'a stream that should go on',
    { '/steps/10': { id: '11', watch: { read: 'w1' }, events: [], end: 'open' } },
    [/^11 .*: \/end expected "open" actual the stream has ended$/],
  ],
  [
    'a bookmark that does not come',
    { '/steps/6/bookmark': { type: 'BOOKMARK', object: '<object>' } },
    [/^07 .*: \/bookmark expected \{"type":"BOOKMARK","object":"<object>"\} actual \(absent\)$/],
  ],
  [
    'a call of a webhook that nobody expected',
    { '/steps/7/calls': [] },
    [/^08 \(webhook calls\): \/calls\/# expected 0 items actual 1 items/],
  ],
  [
    'a review with something else in it',
    { '/steps/7/calls/0/body/request/operation': 'UPDATE' },
    [/^08 .*: \/calls\/0\/body\/request\/operation expected "UPDATE" actual "CREATE"$/],
  ],
  [
    'a condition that never holds',
    { '/steps/8/until/0/equals': '7', '/steps/8/withinSeconds': 0.05 },
    [/^09 .*: \/until expected \[.*\] actual not within 0.05 s$/],
  ],
  [
    'a watch that is not open',
    { '/steps/6/watch/read': 'w9' },
    [
      /^07 \(read watch w9\): \/ expected an answer actual watch w9 is not open$/,
      /^10 .*: \/events\/# expected 0 items actual 2 items/,
    ],
  ],
  [
    'a request that needs what no earlier answer gave',
    { '/steps/10/request/path': '/api/v1/namespaces/<ref:04#/metadata/name>' },
    [/^11 .*: \/ expected an answer actual <ref:04#\/metadata\/name> has no value in this run$/],
  ],
  [
    'a compaction that nobody can do',
    { '/steps/10': { id: '11', compact: true } },
    [/^11 \(compact\): \/ expected an answer actual this scenario needs --compact$/],
  ],
  [
    'a uid that is another later',
    { [`${events}/1/object/metadata/uid`]: '<uid:1>' },
    [/^07 .*: \/events\/1\/object\/metadata\/uid expected "<uid:1>" actual "[-0-9a-f]{36}"$/],
  ],
  [
    'versions that are not in order',
    { '/steps/5/response/body/metadata/resourceVersion': '<rv:1>' },
    [/^06 .*: \/body\/metadata\/resourceVersion expected "<rv:1>" actual "\d+"$/],
  ],
]

describe('a replay', { concurrency: 4 }, () => {
  it('is equal where nothing differs', async () => {
    const outcome = await replayed()
    assert.deepEqual(outcome.diffs, [])
    assert.deepEqual([outcome.ok, outcome.total, outcome.equal], [true, 11, 11])
    assert.deepEqual(replayLines(outcome, 10), ['ok kinds-each (11 exchanges)'])
  })

  for (const [title, changes, told] of tampered)
    it(`tells ${title}`, async () => {
      const { diffs, ok } = await replayed(changes)
      const lines = diffs.map(differenceLine)
      assert.equal(lines.length, told.length, lines.join('\n'))
      for (const [index, pattern] of told.entries()) assert.match(lines[index] ?? '', pattern)
      assert.equal(ok, false)
    })

  it('counts an exchange once, however much of it differs', async () => {
    const { total, equal, diffs } = await replayed({
      '/steps/4/response/status': 200,
      '/steps/4/response/body/immutable': true,
      '/steps/10/response/status': 200,
    })
    assert.deepEqual([total, equal, diffs.length], [11, 9, 3])
  })

  it('counts what has no answer as different, and goes on', async () => {
    const nobody = connectTo({ server: `http://${webhooks.deadAddress}` })
    const outcome = await replay(parseScenario(recorded, 'kinds-each'), nobody, webhooks)
    assert.deepEqual([outcome.total, outcome.equal, outcome.ok], [11, 0, false])
    assert.match(
      differenceLine(outcome.diffs.at(-1) ?? assert.fail()),
      /^11 \(GET .*\): \/ expected an answer/,
    )
    nobody.close()
  })

  it('sends what a step says: its body as it stands, its headers, and leaves out what is null', async () => {
    const answer = await connection.request({
      method: 'POST',
      path: P.replace('t-<run>', 'default'),
      headers: { 'content-type': 'application/yaml', accept: null },
      body: 'kind: ConfigMap\napiVersion: v1\nmetadata: {generateName: y-}\n',
    })
    assert.equal(answer.status, 201)
    assert.deepEqual(answer.headers, { 'content-type': 'application/json' })
  })

  it('leaves nothing behind', async () => {
    await replayed()
    const { body } = await connection.request({ method: 'GET', path: HOOKS })
    const names = JSON.stringify(body).match(/allow\.\w+\.example\.com/g) ?? []
    assert.deepEqual(names, [])
  })
})

describe('the list of intended differences', () => {
  const diff = { step: '05', what: 'GET /x', path: '/status', expected: '200', actual: '201' }
  const outcome = { name: 'a', area: 'a', total: 9, equal: 8, ok: false, diffs: [diff] }
  const line = '05 (GET /x): /status expected 200 actual 201'

  it('lets pass what is on it, by step or by place', () => {
    const one = { scenario: 'a', steps: ['05'], reason: 'because' }
    assert.deepEqual(judge(outcome, [one]), [])
    assert.deepEqual(judge(outcome, [{ ...one, path: '/status' }]), [])
  })

  it('fails what is not on it', () => {
    assert.deepEqual(judge(outcome, []), [line])
    assert.deepEqual(judge(outcome, [{ scenario: 'b', steps: ['05'], reason: 'because' }]), [line])
  })

  it('fails an entry that is not true any more', () => {
    const listed = [{ scenario: 'a', steps: ['05', '06'], reason: 'because' }]
    assert.deepEqual(judge(outcome, listed), ['06: listed, but nothing differs any more (because)'])
    const elsewhere = [{ scenario: 'a', steps: ['05'], path: '/body', reason: 'because' }]
    assert.deepEqual(judge(outcome, elsewhere), [
      line,
      '05 /body: listed, but nothing differs any more (because)',
    ])
  })
})

describe('a report', () => {
  const diff = { step: '1', what: 'w', path: '/', expected: 'e', actual: 'a' }
  const equal = { name: 'a', area: 'a', total: 3, equal: 3, diffs: [], ok: true }
  const other = { name: 'b', area: 'b', total: 3, equal: 1, diffs: [diff, diff, diff], ok: false }

  it('sums up exchanges and scenarios', () => {
    const summary = summarize([equal, other])
    assert.equal(summaryLine(summary), 'exchanges: 4 equal of 6; scenarios: 1 of 2')
    assert.deepEqual(
      [isAllEqual(summary), isAllEqual(summarize([equal])), isAllEqual(summarize([]))],
      [false, true, false],
    )
  })

  it('shows the first differences and how many more there are', () => {
    assert.deepEqual(replayLines(other, 2), [
      'DIFF b 1 (w): / expected e actual a',
      'DIFF b 1 (w): / expected e actual a',
      'DIFF b ... and 1 more',
    ])
  })
})

describe('a file that is no transcript', () => {
  const refused: [title: string, value: unknown, message: RegExp][] = [
    ['another format', { ...recorded, format: 2 }, /^Error: x\.json: no transcript of format 1: \/format: /],
    ['no object', [], /^Error: x\.json: no transcript of format 1: \/: /],
    ['a step of no kind', { ...recorded, steps: [{ id: '1', dance: true }] }, /x\.json: .*: \/steps\/0: /],
    ['an end that there is not', changed(recorded, { '/steps/6/end': 'never' }), /x\.json: .*: \/steps\/6: /],
  ]
  for (const [title, value, message] of refused)
    it(`is refused by name and place: ${title}`, () =>
      assert.throws(() => parseScenario(value, 'x.json'), message))
})
