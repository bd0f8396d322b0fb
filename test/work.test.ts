import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ApiError,
  ConfigMap,
  type Controller,
  type Delivery,
  defineController,
  defineOperator,
  type Happening,
  type Key,
  type KubeObject,
  type Message,
  Namespace,
  RetryAfter,
  Secret,
  type Served,
  TerminalError,
  type Verdict,
  verdictFor,
  watch,
  work,
} from '../lib/index.ts'
import type { Outcome } from '../lib/reconcile.ts'
import type { Occurrence, Recorder } from '../lib/record.ts'
import { startCluster } from './cluster.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'

const message = (more: Partial<Message> = {}): Message => ({
  version: 1,
  cluster: 'default',
  controller: 'maps',
  namespace: 'default',
  name: 'a',
  causes: ['created'],
  lane: 'change',
  attempt: 0,
  ...more,
})

const delivery = (body: unknown, more: Partial<Delivery> = {}): Delivery => ({
  id: 'd1',
  body,
  attempt: 0,
  early: false,
  ...more,
})

type Maps = Served<ConfigMap>
type Options = Parameters<typeof defineController<Maps>>[1]

const maps = (reconcile: Options['reconcile'], more: Partial<Options> = {}): Controller<Maps> =>
  defineController(ConfigMap, { name: 'maps', reconcile, ...more })

describe('verdictFor: the one place that decides', () => {
  const controller = maps(() => {}, { attempts: 3 })
  const on = (outcome: Outcome, more: Partial<Delivery> = {}): Verdict =>
    verdictFor(outcome, { delivery: delivery(undefined, more), controller, random: () => 0, now: 0 })
  const failed: Outcome = { type: 'failed', error: new Error('no') }

  it('acknowledges what is done or gone (B12)', () => {
    assert.deepEqual(on({ type: 'done' }), { type: 'ack' })
    assert.deepEqual(on({ type: 'gone' }), { type: 'ack' })
  })

  it('asks again when the author asked to look again (case 13)', () => {
    assert.deepEqual(on({ type: 'done', afterSeconds: 300 }), { type: 'again', afterSeconds: 300 })
  })

  it('retries a failure with growing delay and counts it (B5, case 10)', () => {
    assert.deepEqual(on(failed), { type: 'retry', afterSeconds: 0.0025, attempt: 1 })
    assert.deepEqual(on(failed, { attempt: 1 }), { type: 'retry', afterSeconds: 0.005, attempt: 2 })
  })

  it('does not count a failure of a run that a new change brought forward (B6)', () => {
    assert.deepEqual(on(failed, { attempt: 2, early: true }), {
      type: 'retry',
      afterSeconds: 0.005,
      attempt: 2,
    })
  })

  it('gives up when the attempts are used up (B7)', () => {
    assert.deepEqual(on(failed, { attempt: 2 }), { type: 'bury', reason: 'failed 3 times, last: no' })
  })

  it('gives up at once on a TerminalError (case 12)', () => {
    assert.deepEqual(on({ type: 'terminal', error: new TerminalError('never') }), {
      type: 'bury',
      reason: 'never',
    })
  })

  it('waits for an API server that is away, and counts nothing', () => {
    const away = (details?: { retryAfterSeconds: number }): Outcome => ({
      type: 'unavailable',
      error: new ApiError(429, 'TooManyRequests', 'later', details),
    })
    assert.deepEqual(on(away(), { attempt: 2 }), { type: 'retry', afterSeconds: 2, attempt: 2 })
    assert.deepEqual(on(away({ retryAfterSeconds: 9 })), { type: 'retry', afterSeconds: 9, attempt: 0 })
  })

  it('waits longer each time where the queue tells how long it was, because each look costs money there', () => {
    const away: Outcome = { type: 'unavailable', error: new ApiError(0, 'Unreachable', 'gone') }
    const waits = [undefined, 2, 40, 1_000].map((waitedSeconds) => {
      const verdict = on(away, waitedSeconds === undefined ? {} : { waitedSeconds })
      return verdict.type === 'retry' && verdict.afterSeconds
    })
    assert.deepEqual(waits, [2, 4, 80, 300])
  })

  it('comes back when it is asked to, and counts nothing: by seconds, by a date, by a header or without one (B9, B10)', () => {
    const pushed = (wait: RetryAfter['wait']) =>
      on({ type: 'postponed', error: new RetryAfter(wait) }, { attempt: 2 })
    const waits: [RetryAfter['wait'], number][] = [
      [30, 30],
      ['120', 120],
      [new Date(90_000), 90],
      ['Thu, 01 Jan 1970 00:02:00 GMT', 120],
      ['Thu, 01 Jan 1970 00:00:00 GMT', 1],
      [0, 1],
      [-5, 1],
      ['soon', 5],
      ['', 5],
      [null, 5],
      [undefined, 5],
      [Number.NaN, 5],
    ]
    for (const [wait, afterSeconds] of waits)
      assert.deepEqual(pushed(wait), { type: 'retry', afterSeconds, attempt: 2 }, String(wait))
  })

  it('brings an interrupted run back at once (B16)', () => {
    assert.deepEqual(on({ type: 'interrupted' }, { attempt: 1 }), {
      type: 'retry',
      afterSeconds: 0,
      attempt: 1,
    })
  })
})

describe('work', () => {
  async function run<T extends KubeObject>(
    controller: Controller<T>,
    deliveries: readonly Delivery[],
    more: { objects?: object[]; clock?: FakeClock; record?: Recorder } = {},
  ) {
    await using cluster = await startCluster()
    for (const object of more.objects ?? []) await cluster.api.create(ConfigMap, object)
    const happenings: Happening[] = []
    const using_ = {
      api: cluster.api,
      record: more.record ?? (async () => {}),
      report: (happening: Happening) => void happenings.push(happening),
      clock: more.clock ?? fakeClock(),
      random: () => 0,
    }
    const verdicts = await work(
      deliveries,
      defineOperator('test', [controller]),
      using_,
      new AbortController().signal,
    )
    return { verdicts, happenings }
  }

  const object = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
  })

  it('parks a malformed message with its reason and goes on with the rest', async () => {
    const seen: string[] = []
    const controller = maps((map) => void seen.push(map.metadata.name))
    const bad = [undefined, 'text', {}, { ...message(), name: 7 }, { ...message(), version: 2 }]
    const deliveries = [
      ...bad.map((body, index) => delivery(body, { id: `bad${index}` })),
      delivery(message()),
    ]
    const { verdicts, happenings } = await run(controller, deliveries, { objects: [object('a')] })
    for (const index of bad.keys()) {
      const verdict = verdicts.get(`bad${index}`)
      assert.equal(verdict?.type, 'bury')
      assert.match(verdict?.type === 'bury' ? verdict.reason : '', /^malformed message: /)
    }
    assert.deepEqual(verdicts.get('d1'), { type: 'ack' })
    assert.deepEqual(seen, ['a'])
    assert.equal(happenings.filter(({ type }) => type === 'parked').length, bad.length)
  })

  it('parks a message for a controller that it does not have, and names those it has', async () => {
    const { verdicts } = await run(
      maps(() => {}),
      [delivery(message({ controller: 'other' }))],
    )
    assert.deepEqual(verdicts.get('d1'), {
      type: 'bury',
      reason: 'operator "test" has no controller "other", it has maps',
    })
  })

  it('acknowledges an object that is gone, with no noise (B12)', async () => {
    const { verdicts, happenings } = await run(
      maps(() => assert.fail('called')),
      [delivery(message())],
    )
    assert.deepEqual(verdicts.get('d1'), { type: 'ack' })
    assert.deepEqual(
      happenings.map(({ type }) => type),
      ['reconciled'],
    )
  })

  it('handles the keys of a batch side by side; one that fails does not stop the others (B13)', async () => {
    const controller = maps((map) => {
      if (map.metadata.name === 'a') throw new Error('poison')
    })
    const deliveries = ['a', 'b', 'c'].map((name) => delivery(message({ name }), { id: name }))
    const { verdicts } = await run(controller, deliveries, { objects: ['a', 'b', 'c'].map(object) })
    assert.deepEqual(
      [...verdicts].map(([id, { type }]) => [id, type]),
      [
        ['a', 'retry'],
        ['b', 'ack'],
        ['c', 'ack'],
      ],
    )
  })

  it('maps a watched object to primaries and forwards one message for each (case 20)', async () => {
    const watches = [
      watch(Secret, {
        map: ({ name, namespace }) =>
          ['x', 'y', 'x'].map((prefix) => ({ namespace, name: `${prefix}-${name}` })),
      }),
    ]
    const controller = maps(() => {}, { watches })
    const { verdicts } = await run(controller, [
      delivery(message({ related: 'Secret', name: 's', lane: 'background', origin: 'u:1' })),
    ])
    const verdict = verdicts.get('d1')
    assert.equal(verdict?.type, 'forward')
    assert.deepEqual(
      verdict?.type === 'forward' &&
        verdict.messages.map(({ name, related, lane, causes }) => ({ name, related, lane, causes })),
      ['x-s', 'y-s'].map((name) => ({
        name,
        related: undefined,
        lane: 'background',
        causes: ['Secret default/s changed'],
      })),
    )
    // Nobody else sends these: a queue must not drop one for another.
    assert.ok(verdict?.type === 'forward' && verdict.messages.every((sent) => !('origin' in sent)))
  })

  it('gives one object one key, and refuses a key without the namespace that its kind needs', async () => {
    const watches = [watch(Secret, { map: () => [{ namespace: 'x', name: 'n' }, { name: 'n' }] })]
    const related = message({ related: 'Secret', name: 's' })
    const nodes = defineController(Namespace, { name: 'maps', reconcile: () => {}, watches })
    const { verdicts } = await run(nodes, [delivery(related)])
    const verdict = verdicts.get('d1')
    assert.deepEqual(
      verdict?.type === 'forward' && verdict.messages.map(({ namespace, name }) => [namespace, name]),
      [[undefined, 'n']],
    )
    const { happenings } = await run(
      maps(() => {}, { watches }),
      [delivery(related)],
    )
    const failed = happenings.find(({ type }) => type === 'failed')
    assert.match(failed?.type === 'failed' ? failed.error : '', /map gave "n" without namespace/)
  })

  it('leaves a map function behind that does not end by its deadline (B15)', async () => {
    const started = Promise.withResolvers<void>()
    const watches = [
      watch(Secret, {
        map() {
          started.resolve()
          return new Promise(() => {})
        },
      }),
    ]
    const clock = fakeClock()
    const running = run(
      maps(() => {}, { watches, deadlineSeconds: 1 }),
      [delivery(message({ related: 'Secret', name: 's' }))],
      { clock },
    )
    await started.promise
    await clock.advance(1000)
    assert.equal((await running).verdicts.get('d1')?.type, 'retry')
  })

  it('retries a map function that throws', async () => {
    const watches = [
      watch(Secret, {
        map: () => {
          throw new Error('no map')
        },
      }),
    ]
    const { verdicts } = await run(
      maps(() => {}, { watches }),
      [delivery(message({ related: 'Secret', name: 's' }))],
    )
    assert.equal(verdicts.get('d1')?.type, 'retry')
  })

  it('refuses a negative afterSeconds with controller, rule and value', async () => {
    const { verdicts, happenings } = await run(
      maps(() => ({ afterSeconds: -5 })),
      [delivery(message())],
      {
        objects: [object('a')],
      },
    )
    assert.equal(verdicts.get('d1')?.type, 'retry')
    const failed = happenings.find(({ type }) => type === 'failed')
    assert.equal(
      failed?.type === 'failed' && failed.error,
      'Controller "maps": afterSeconds must be >= 0, got -5',
    )
  })

  it('tells nobody of a push-back: no failure, no status, no Event (B9)', async () => {
    const controller = maps(() => {
      throw new RetryAfter(7, 'the quota is used up')
    })
    const { verdicts, happenings } = await run(controller, [delivery(message())], { objects: [object('a')] })
    assert.deepEqual([...verdicts.values()], [{ type: 'retry', afterSeconds: 7, attempt: 0 }])
    assert.deepEqual(
      happenings.map((happening) => happening.type === 'reconciled' && happening.outcome),
      ['postponed, retry in 7 s'],
    )
  })

  it('tells of an object that is there no more, and tries again when that fails', async () => {
    const told: Key[] = []
    const controller = maps(() => assert.fail('there is nothing to reconcile'), {
      gone(key) {
        told.push(key)
        if (told.length === 1) throw new Error('the ledger is closed')
      },
    })
    const first = await run(controller, [delivery(message())])
    assert.deepEqual([...first.verdicts.values()], [{ type: 'retry', afterSeconds: 0.0025, attempt: 1 }])
    const second = await run(controller, [delivery(message(), { attempt: 1 })])
    assert.deepEqual([...second.verdicts.values()], [{ type: 'ack' }])
    assert.deepEqual(told, [
      { namespace: 'default', name: 'a' },
      { namespace: 'default', name: 'a' },
    ])
  })

  it('does not let the author at a key again that crashed too often: it is given up, and its object told (B15)', async () => {
    let runs = 0
    const controller = maps(() => void runs++)
    const crash = 'the process ended while it ran'
    const deliveries = [delivery(message(), { attempt: 18, crash })]
    const objects = [object('a')]
    const spared = await run(controller, deliveries, { objects })
    assert.deepEqual([[...spared.verdicts.values()], runs], [[{ type: 'ack' }], 1])
    const recorded: Occurrence[] = []
    const last = await run(controller, [delivery(message(), { attempt: 19, crash })], {
      objects,
      record: async (occurrences) => void recorded.push(...occurrences),
    })
    assert.deepEqual(
      [[...last.verdicts.values()], runs],
      [[{ type: 'bury', reason: 'crashed 19 times, last: the process ended while it ran' }], 1],
    )
    assert.deepEqual(
      recorded.map(({ type, reason, note }) => [type, reason, note]),
      [
        [
          'Warning',
          'Stalled',
          'crashed 19 times, last: the process ended while it ran (not tried again until the object changes)',
        ],
      ],
    )
    const gone = await run(
      maps(() => {}, { gone: () => assert.fail('it crashes') }),
      [delivery(message(), { attempt: 19, crash })],
    )
    assert.deepEqual([...gone.verdicts.values()], [{ type: 'ack' }])
    // A map function has no object to tell; it is not let at it again either.
    const related = message({ related: 'Secret' })
    const mapped = await run(
      maps(() => {}, { watches: [watch(Secret, { map: () => assert.fail('it crashes') })] }),
      [delivery(related, { attempt: 4, crash, isLastChance: true })],
    )
    const reason = 'crashed 4 times, last: the process ended while it ran'
    assert.deepEqual([...mapped.verdicts.values()], [{ type: 'bury', reason }])
  })

  it('tells the object that it runs in a circle (B18), and how long its key waited', async () => {
    const recorded: Occurrence[] = []
    const clock = fakeClock(5_000)
    const { happenings } = await run(
      maps(() => {}),
      [delivery(message(), { isLimited: true, readySince: 3_000 })],
      {
        objects: [object('a')],
        clock,
        record: async (occurrences) => void recorded.push(...occurrences),
      },
    )
    assert.match(recorded[0]?.note ?? '', /more than 100 times in a row, now at most 1 times per second/)
    assert.equal(recorded[0]?.reason, 'RateLimited')
    assert.equal(happenings.find((happening) => happening.type === 'reconciled')?.waitedMilliseconds, 2_000)
  })
})
