/** Turns of a relay without a runtime: when alarms are set, who must not overlap, and what a turn may use up. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { podQuota } from '../../functions/operators/podquota.ts'
import { newsOnly } from '../../functions/relay/news.ts'
import { takeTurn } from '../../functions/relay/turn.ts'
import { relayTurns, type TurnsUsing, wakeRelays } from '../../functions/relay/turns.ts'
import { DatabaseError } from '../../lib/database.ts'
import { type NodeDatabase, openState } from '../../lib/database/node.ts'
import {
  type Happening,
  type Kube,
  keyText,
  type ListOptions,
  type Message,
  type Resource,
  type WatchOptions,
} from '../../lib/index.ts'
import { defineOperator } from '../../lib/operator.ts'
import { fakeClock } from '../fake-clock.ts'
import { fleetOf } from '../fleet.ts'
import { App, apps } from '../relay.run.ts'
import { metadataServer } from '../relay.server.ts'
import { scratchFolder } from '../scratch.ts'

const NOW = 1_000_000

/** The turns of a Durable Object that does not run: its alarm rings when the test says so. */
function stage(overrides: Partial<TurnsUsing> = {}) {
  const clock = fakeClock(NOW)
  const happenings: Happening[] = []
  const kept = new Map<string, unknown>()
  const aborted: string[] = []
  const state = { alarm: null as number | null, isFull: false }
  const turns: { cluster: string; alarm: number | null; end: PromiseWithResolvers<void> }[] = []
  const context = {
    storage: {
      getAlarm: async () => state.alarm,
      async setAlarm(time: number) {
        state.alarm = time
      },
      async deleteAlarm() {
        state.alarm = null
      },
      sync: async () => {},
      kv: {
        get: <T>(key: string) => kept.get(key) as T | undefined,
        put<T>(key: string, value: T) {
          if (state.isFull) throw new Error('database or disk is full: SQLITE_FULL')
          kept.set(key, value)
        },
      },
    },
    abort: (reason: string) => void aborted.push(reason),
  }
  const using: TurnsUsing = {
    clock,
    random: () => 0,
    report: (happening) => void happenings.push(happening),
    longestMs: 900_000,
    clusters: () => fleetOf({ c1: async () => metadataServer().api }),
    async turn(cluster) {
      const end = Promise.withResolvers<void>()
      turns.push({ cluster, alarm: state.alarm, end })
      await end.promise
    },
    ...overrides,
  }
  /** A memory that knows nothing of those before. */
  const begin = () => relayTurns(context, using)
  return { clock, state, turns, happenings, aborted, kept, begin }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))
const errorsOf = (happenings: readonly Happening[]) =>
  happenings.map((one) => (one.type === 'failed' ? one.error : one.type))

describe('turns of a relay', () => {
  it('begin when they are asked for, once', async () => {
    const { begin, state, kept, turns } = stage()
    const relay = begin()
    await relay.alarm()
    assert.deepEqual([state.alarm, turns.length], [null, 0], 'an object that nobody asked does nothing')
    await relay.ensure('c1')
    assert.equal(state.alarm, NOW)
    state.alarm = NOW - 1
    await relay.ensure('c1')
    assert.equal(state.alarm, NOW - 1, 'an alarm that is set is left alone')
    assert.deepEqual([...kept.values()], [{ cluster: 'c1', failures: 0 }])
  })

  it('have the next alarm set before they begin, and at once when they have ended', async () => {
    const { begin, state, turns, clock } = stage()
    const relay = begin()
    await relay.ensure('c1')
    state.alarm = null
    const ringing = relay.alarm()
    await settle()
    assert.deepEqual(
      turns.map(({ cluster, alarm }) => [cluster, alarm]),
      [['c1', NOW + 500]],
    )
    await clock.advance(600_000)
    turns[0]?.end.resolve()
    await ringing
    assert.equal(state.alarm, NOW + 600_000)
  })

  it('follow each other later and later, up to a minute, where each dies: what is counted is kept before', async () => {
    const { begin, state, turns } = stage()
    await begin().ensure('c1')
    for (let death = 0; death < 9; death++) {
      void begin().alarm()
      await settle()
    }
    const waits = turns.map(({ alarm }) => (alarm ?? 0) - NOW)
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    const relay = begin()
    const ringing = relay.alarm()
    await settle()
    turns.at(-1)?.end.resolve()
    await ringing
    assert.equal(state.alarm, NOW, 'one good end forgets them')
    void begin().alarm()
    await settle()
    assert.equal(state.alarm, NOW + 500)
  })

  it('never overlap: an alarm during a turn begins none, and its successor still comes', async () => {
    const { begin, state, turns, aborted, clock } = stage()
    const relay = begin()
    await relay.ensure('c1')
    const ringing = relay.alarm()
    await settle()
    await clock.advance(900_000)
    await relay.alarm()
    await relay.ensure('c1')
    assert.deepEqual([turns.length, state.alarm, aborted], [1, NOW + 960_000, []])
    turns[0]?.end.resolve()
    await ringing
    assert.equal(state.alarm, NOW + 900_000)
  })

  it('end with their memory where the platform has ended one without a word', async () => {
    const { begin, state, aborted, clock } = stage()
    const relay = begin()
    await relay.ensure('c1')
    void relay.alarm()
    await settle()
    await clock.advance(900_001)
    await relay.ensure('c1')
    assert.equal(state.alarm, NOW + 900_001, 'the cron sees it')
    await relay.alarm()
    assert.equal(aborted.length, 1)
    assert.ok((state.alarm ?? 0) > clock.now(), 'the next memory has an alarm')
  })

  it('that fail are told and tried again ever later, also where the storage is too full to count them', async () => {
    const full = new DatabaseError('full', 'the storage of the Durable Object is full')
    const { begin, state, happenings } = stage({ turn: () => Promise.reject(full) })
    const relay = begin()
    await relay.ensure('c1')
    state.isFull = true
    const waits: number[] = []
    for (let turn = 0; turn < 8; turn++) {
      await relay.alarm()
      waits.push((state.alarm ?? 0) - NOW)
    }
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    assert.equal(happenings.length, 8)
    state.isFull = false
    await relay.alarm()
    assert.match(String(errorsOf(happenings).at(-1)), /is full/)
  })

  it('stop in a cluster that is configured no more, and begin again when it is', async () => {
    let names: readonly string[] = ['other']
    const clusters = () => ({ names, api: async () => metadataServer().api })
    const { begin, state, turns, happenings } = stage({ clusters })
    const relay = begin()
    await relay.ensure('c1')
    await relay.alarm()
    assert.deepEqual([state.alarm, turns.length], [null, 0])
    assert.match(String(errorsOf(happenings)), /FAIRLEAD_CLUSTERS does not have it any more/)
    names = ['c1']
    await relay.ensure('c1')
    assert.equal(state.alarm, NOW)
  })

  it('go on where the setting cannot be read for now', async () => {
    const { begin, state, happenings } = stage({
      clusters() {
        throw new Error('FAIRLEAD_CLUSTERS must be JSON')
      },
    })
    const relay = begin()
    await relay.ensure('c1')
    await relay.alarm()
    assert.equal(state.alarm, NOW + 500)
    assert.deepEqual(errorsOf(happenings), ['FAIRLEAD_CLUSTERS must be JSON'])
  })

  it('are woken in each cluster, whichever cannot be', async () => {
    const woken: string[] = []
    const told: Happening[] = []
    const relays = {
      getByName: (name: string) => ({
        async ensure(cluster: string) {
          if (name === 'bad') throw new Error('overloaded')
          woken.push(`${name} ${cluster}`)
        },
      }),
    }
    await wakeRelays(['a', 'bad', 'b'], relays, (happening) => void told.push(happening))
    assert.deepEqual(woken, ['a a', 'b b'])
    assert.deepEqual(errorsOf(told), ['overloaded'])
  })
})

describe('what turns tell', () => {
  it('is how a watch stands, once until it changes, however many turns begin to watch anew', () => {
    const told: Happening[] = []
    const report = newsOnly((happening) => void told.push(happening))
    const watch = (source: string, state: 'synced' | 'lost') =>
      report({ type: 'watch', kind: 'App', source, state, detail: '' })
    for (const state of ['synced', 'synced', 'lost', 'lost', 'synced'] as const) watch('c1|apps', state)
    watch('c1|pods', 'synced')
    for (let turn = 0; turn < 2; turn++)
      report({ type: 'changed', kind: 'App', key: 'default/web', cause: 'created' })
    assert.deepEqual(
      told.map((one) => (one.type === 'watch' ? `${one.source} ${one.state}` : one.type)),
      ['c1|apps synced', 'c1|apps lost', 'c1|apps synced', 'c1|pods synced', 'changed', 'changed'],
    )
  })
})

describe('one turn of a relay', () => {
  const databases: { database: NodeDatabase; folder: string }[] = []
  after(() => {
    for (const { database, folder } of databases) {
      database.close()
      rmSync(folder, { recursive: true })
    }
  })
  const open = () => {
    const folder = scratchFolder()
    const database = openState({ folder })
    databases.push({ database, folder })
    return database
  }
  const limits = { milliseconds: 1_000, listMilliseconds: 500, calls: 15 }
  const operator = defineOperator('test', [apps({ quietSeconds: 0 })])

  /** Turns against a server whose answers take their time, so that messages leave while a list is under way. */
  function scene(api: Kube, relayed = operator) {
    const database = open()
    const clock = fakeClock(NOW)
    const sent: Message[] = []
    const counts = { calls: 0, refusing: false }
    const queue = {
      async send(messages: readonly Message[]) {
        counts.calls += messages.length + 1
        if (counts.refusing) throw new Error('no queue')
        sent.push(...messages)
      },
    }
    const turn = (): Promise<void> => {
      counts.calls = 0
      const clusters = fleetOf({ c1: async () => api })
      const using = { cluster: 'c1', clusters, queue, database, clock, random: () => 0, report() {} }
      return takeTurn(relayed, { ...using, limits })
    }
    return { clock, sent, counts, turn }
  }

  const pagesOf = (api: Kube, size: number): Kube => ({
    ...api,
    async list<T>(resource: Resource<T>, options: ListOptions = {}) {
      for (let wait = 0; wait < 20; wait++) await settle()
      const { items, resourceVersion } = await api.list(resource)
      const from = Number(options.continue ?? 0)
      const next = from + size < items.length ? { continue: `${from + size}` } : {}
      return { items: items.slice(from, from + size), resourceVersion, ...next }
    },
  })
  const slowly = (api: Kube): Kube => ({
    ...api,
    async *watch(resource, options) {
      for await (const line of api.watch(resource, options)) {
        yield line
        for (let wait = 0; wait < 5; wait++) await settle()
      }
    },
  })

  for (const [what, streams, slow] of [
    ['by pages', false, (api: Kube) => pagesOf(api, 10)],
    ['by a stream', true, slowly],
  ] as const)
    it(`a list ${what} that is larger than its calls is read once, and sent over as many turns as it needs`, async () => {
      const server = metadataServer({ streams })
      for (let index = 0; index < 100; index++) server.put(App, { namespace: 'default', name: `a${index}` })
      let lists = 0
      const counted: Kube = {
        ...server.api,
        list: (resource, options) => {
          if (options?.continue === undefined) lists += 1
          return server.api.list(resource, options)
        },
      }
      const { sent, counts, turn } = scene(slow(counted))
      let turns = 0
      for (; sent.length < 100 && turns < 20; turns++) {
        let isOver = false
        void turn().then(() => (isOver = true))
        while (!isOver && sent.length < 100) await settle()
        assert.ok(counts.calls <= limits.calls, `${counts.calls} calls`)
      }
      assert.deepEqual([sent.length, new Set(sent.map(keyText)).size], [100, 100])
      assert.ok(turns <= 10, `${turns} turns`)
      const initial = server.opened.filter(({ options }) => options.initial).length
      assert.equal(streams ? initial : lists / 10, 1)
    })

  it('ends when its time is up, in the middle of a list a little later', async () => {
    const server = metadataServer()
    const quiet = scene(server.api)
    const running = quiet.turn()
    await quiet.clock.advance(1_000)
    await running
    const stuck = scene({ ...server.api, watch: silence })
    let isOver = false
    const late = stuck.turn().then(() => (isOver = true))
    await stuck.clock.advance(1_499)
    assert.equal(isOver, false)
    await stuck.clock.advance(1)
    await late
    assert.equal(quiet.clock.pending() + stuck.clock.pending(), 0)
  })

  it('rejects where there is nothing to watch: turns that are over at once would follow each other without an end', async () => {
    const { turn, clock } = scene(
      metadataServer().api,
      defineOperator('reviews', [], { reviews: [podQuota] }),
    )
    await assert.rejects(turn(), /nothing to watch: the operator has no controllers/)
    assert.equal(clock.pending(), 0)
  })

  it('rejects where the queue refuses what was kept, and keeps it', async () => {
    const server = metadataServer()
    for (let index = 0; index < 20; index++) server.put(App, { namespace: 'default', name: `a${index}` })
    const { turn, counts, sent, clock } = scene(server.api)
    await turn()
    assert.equal(sent.length, 13)
    counts.refusing = true
    await assert.rejects(turn(), /no queue/)
    counts.refusing = false
    void turn()
    await clock.advance(0)
    assert.equal(new Set(sent.map(keyText)).size, 20)
    assert.equal(sent.length, 20)
    await clock.advance(1_000)
  })
})

/** A list of which nothing comes. */
async function* silence(_resource: unknown, { signal }: WatchOptions): AsyncGenerator<never> {
  await new Promise((resolve) => signal?.addEventListener('abort', resolve))
}
