/**
 * Random sends, times, answers and crashes against a model so small that it can be believed: per key, when it is next
 * wanted and what is known of it. The model predicts exactly who is handed out, in which order, and how the key stands.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Lane } from '../../lib/message.ts'
import type { Verdict } from '../../lib/queue.ts'
import { CRASH_LIMIT } from '../../lib/queue.ts'
import { type FakeClock, fakeClock } from '../fake-clock.ts'
import { held, message, type Run } from './held.ts'
import { inMemory, type Lives, openDisk } from './lives.ts'

type Step =
  | { do: 'send'; name: string; lane: Lane; delaySeconds: number }
  | { do: 'pass'; milliseconds: number }
  | { do: 'answer'; which: number; verdict: Verdict }
  | { do: 'crash'; which: number; how: 'throw' | 'omit' }
  | { do: 'redrive' }
  /** The process dies and another one takes over; only what is stored is left. */
  | { do: 'restart' }

interface Wanted {
  at: number
  lane: Lane
  /** Position among what is ready: when it became so. */
  turn: number
}

interface Known {
  wanted: Wanted | undefined
  state: 'waiting' | 'running' | 'parked'
  lane: Lane
  attempt: number
  backoffUntil: number
  early: boolean
  /** Position among the parked ones. */
  parkedTurn: number
}

const CONCURRENCY = 2

const seconds = fc.constantFrom(0.004, 0.01, 0.05, 1, 1000)
const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Verdict>({ type: 'ack' }) },
  seconds.map((afterSeconds): Verdict => ({ type: 'again', afterSeconds })),
  fc
    .tuple(seconds, fc.nat(5))
    .map(([afterSeconds, attempt]): Verdict => ({ type: 'retry', afterSeconds, attempt })),
  fc.constant<Verdict>({ type: 'bury', reason: 'model' }),
)
const restarts = { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) }
const steps = [
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      lane: fc.constantFrom<Lane>('change', 'background'),
      delaySeconds: fc.oneof(fc.constant(0), seconds),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(0, 4, 10, 60, 5000, 2_000_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(9), verdict: verdicts }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      which: fc.nat(9),
      how: fc.constantFrom('throw' as const, 'omit' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'redrive' }) },
] as const

/** The queue as its contract words it. Nothing is fast, nothing is shared with the real one. */
function createModel() {
  const keys = new Map<string, Known>()
  let turns = 0
  let streak = 0

  const known = (name: string): Known => {
    const fresh: Known = {
      wanted: undefined,
      state: 'waiting',
      lane: 'background',
      attempt: 0,
      backoffUntil: 0,
      early: false,
      parkedTurn: 0,
    }
    const key = keys.get(name) ?? fresh
    keys.set(name, key)
    return key
  }
  const want = (key: Known, at: number, lane: Lane, now: number) => {
    const before = key.wanted
    const merged: Wanted = {
      at: Math.min(before?.at ?? Infinity, at <= now ? 0 : at),
      lane: before?.lane === 'change' ? 'change' : lane,
      turn: before?.turn ?? 0,
    }
    if (merged.at !== before?.at || merged.lane !== before?.lane) merged.turn = ++turns
    key.wanted = merged
  }
  /** Runs in the order of turns; what becomes due gets its turn then. */
  const ripen = (now: number) => {
    const due = [...keys.values()].filter(({ wanted }) => wanted && wanted.at > 0 && wanted.at <= now)
    due.sort(
      (a, b) => (a.wanted?.at ?? 0) - (b.wanted?.at ?? 0) || (a.wanted?.turn ?? 0) - (b.wanted?.turn ?? 0),
    )
    for (const { wanted, state } of due) {
      if (wanted && state === 'waiting') Object.assign(wanted, { at: 0, turn: ++turns })
    }
  }
  const firstReady = (lane: Lane) =>
    [...keys.entries()]
      .filter(([, { wanted, state }]) => state === 'waiting' && wanted?.at === 0 && wanted.lane === lane)
      .toSorted(([, a], [, b]) => (a.wanted?.turn ?? 0) - (b.wanted?.turn ?? 0))[0]

  return {
    keys,
    send(name: string, lane: Lane, at: number, now: number) {
      const key = known(name)
      if (key.state === 'parked') {
        if (lane !== 'change') return
        Object.assign(key, { state: 'waiting', attempt: 0, wanted: undefined })
      }
      want(key, at, lane, now)
    },
    /** Whom the queue must hand out now, given how many run. */
    start(now: number, running: number): string[] {
      const started: string[] = []
      ripen(now)
      while (running + started.length < CONCURRENCY) {
        const [change, background] = [firstReady('change'), firstReady('background')]
        const next = background && (!change || streak >= 15) ? background : change
        streak = background && next !== background ? streak + 1 : 0
        if (!next) break
        const [name, key] = next
        key.lane = key.wanted?.lane ?? 'background'
        Object.assign(key, { state: 'running', wanted: undefined, early: now < key.backoffUntil })
        started.push(name)
      }
      return started
    },
    answer(name: string, verdict: Verdict, now: number) {
      const key = known(name)
      const arrived = key.wanted
      if (arrived && arrived.at <= now) arrived.at = 0
      key.state = 'waiting'
      key.attempt = verdict.type === 'retry' ? verdict.attempt : 0
      key.backoffUntil = 0
      if (arrived) arrived.turn = ++turns
      if (verdict.type === 'again' && arrived?.at !== 0)
        want(key, now + verdict.afterSeconds * 1000, key.lane, now)
      if (verdict.type === 'retry') {
        key.backoffUntil = now + verdict.afterSeconds * 1000
        want(key, key.backoffUntil, key.lane, now)
      }
      if (verdict.type === 'bury' && arrived?.lane !== 'change') {
        Object.assign(key, { state: 'parked', wanted: undefined, parkedTurn: ++turns })
      }
    },
    /** What ran has crashed; the order of all else is kept. */
    restart(running: readonly Pick<Run, 'name' | 'delivery'>[], now: number) {
      streak = 0
      ripen(now)
      for (const { name, delivery } of running) this.answer(name, crashOf(delivery), now)
    },
    redrive(now: number) {
      const parked = [...keys.values()].filter(({ state }) => state === 'parked')
      for (const key of parked.toSorted((a, b) => a.parkedTurn - b.parkedTurn)) {
        key.state = 'waiting'
        want(key, now, key.lane, now)
      }
    },
  }
}

/** The verdict of a delivery that nobody judged, with no jitter. */
function crashOf({ attempt, early }: Run['delivery']): Verdict {
  const counted = early && attempt > 0 ? attempt : attempt + 1
  if (counted >= CRASH_LIMIT) return { type: 'bury', reason: 'model' }
  return { type: 'retry', attempt: counted, afterSeconds: 0.0025 * 2 ** (counted - 1) }
}

/** Quick by default; a long search is asked for by number: `HISTORIES=20000 node --test test/queue/model.test.ts`. */
const numRuns = Number(process.env.HISTORIES ?? 1500)

test('random histories: never twice at once, nothing lost, earliest due first, exactly what the model says', async () => {
  const histories = fc.array(fc.oneof(...steps), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(histories, (sequence) => replay(sequence, inMemory)),
    { numRuns },
  )
})

test('the same on disk, with the process killed now and then: what was sent, due, failed and parked outlives it', async () => {
  using disk = openDisk()
  const histories = fc.array(fc.oneof(...steps, restarts), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(histories, (sequence) => replay(sequence, disk.lives)),
    { numRuns },
  )
})

/** The end of every history: answer and redrive everything until nothing is left. */
const farewell: readonly Step[] = Array.from({ length: 40 }, (_, i): Step[] => [
  { do: 'answer', which: 0, verdict: { type: 'ack' } },
  i % 10 === 9 ? { do: 'pass', milliseconds: 2_000_000 } : { do: 'redrive' },
]).flat()

async function replay(sequence: readonly Step[], start: (clock: FakeClock) => Lives): Promise<void> {
  const clock = fakeClock(1_000_000)
  const lives = start(clock)
  const model = createModel()
  const running: Run[] = []
  let { queue, worker, stop, consumed } = begin()

  function begin() {
    const queue = lives.next({ random: () => 0, answerSeconds: 1e9 })
    const worker = held()
    const stop = new AbortController()
    const consumed = queue.consume(worker.handle, { concurrency: CONCURRENCY, signal: stop.signal })
    return { queue, worker, stop, consumed }
  }

  const compare = async () => {
    await clock.advance(0)
    const expected = model.start(clock.now(), running.length)
    assert.deepEqual(worker.unseen(), expected)
    for (const name of expected) {
      const run = await worker.next()
      const key = model.keys.get(name)
      assert.deepEqual([run.delivery.attempt, run.delivery.early], [key?.attempt, key?.early])
      running.push(run)
    }
    compareDepth()
    assert.deepEqual(worker.overlaps, [])
  }
  const compareDepth = () => {
    const states = [...model.keys.values()]
    const counts = Object.values(queue.depth()).reduce((sum, lane) => sum + lane.parked, 0)
    assert.equal(counts, states.filter(({ state }) => state === 'parked').length)
    const waiting = Object.values(queue.depth()).reduce((sum, lane) => sum + lane.ready + lane.delayed, 0)
    assert.equal(waiting, states.filter(({ state, wanted }) => state === 'waiting' && wanted).length)
  }
  const pass = async (milliseconds: number) => {
    // From due time to due time: who is handed out at each of them matters.
    const until = clock.now() + milliseconds
    for (;;) {
      const times = [...model.keys.values()].flatMap(({ wanted }) => (wanted ? [wanted.at] : []))
      const next = Math.min(until, ...times.filter((at) => at > clock.now()).map(Math.ceil))
      await clock.advance(next - clock.now())
      await compare()
      if (next === until) return
    }
  }
  const end = (which: number, how: (run: Run) => Verdict) => {
    const [run] = running.splice(which % Math.max(running.length, 1), 1)
    if (run) model.answer(run.name, how(run), clock.now())
  }

  for (const step of [...sequence, ...farewell]) {
    const now = clock.now()
    if (step.do === 'send') {
      const { name, lane, delaySeconds } = step
      await queue.send([message(name, { lane, delaySeconds })])
      model.send(name, lane, now + delaySeconds * 1000, now)
    } else if (step.do === 'pass') {
      await pass(step.milliseconds)
    } else if (step.do === 'answer') {
      end(step.which, (run) => {
        run.answer(step.verdict)
        return step.verdict
      })
    } else if (step.do === 'crash') {
      end(step.which, (run) => {
        if (step.how === 'throw') run.crash(new Error('model'))
        else run.omit()
        return crashOf(run.delivery)
      })
    } else if (step.do === 'restart') {
      model.restart(running.splice(0), now)
      ;({ queue, worker, stop, consumed } = begin())
    } else {
      queue.redrive('all')
      model.redrive(now)
    }
    await compare()
  }
  assert.deepEqual(running, [])
  await queue.drained()
  stop.abort()
  await consumed
  assert.equal(clock.pending(), 0)
}
