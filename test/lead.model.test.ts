/**
 * R7 under random troubles: three candidates on clocks that differ; calls that are slow, refused, lost on their way there or
 * back, or arrive after their sender has given them up; processes that freeze, stop and die. Whatever happens, one acts at
 * most, and once the troubles are over one does.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LiveLease } from '../lib/lead/lease.ts'
import { fakeClock } from './fake-clock.ts'
import { type Fate, failing, LOST, leaseServer, type Process, startProcess } from './lead.server.ts'
import { randomFrom } from './random.ts'

/** For a while one candidate's calls or the candidate itself are in trouble; `seconds` is how long. */
interface Trouble {
  readonly at: number
  readonly who: number | 'holder'
  readonly what:
    | 'slow'
    | 'refused'
    | 'lost'
    | 'unheard'
    | 'late'
    | 'freeze'
    | 'stop'
    | 'die'
    | 'label'
    | 'set clock'
  readonly seconds: number
}

const CANDIDATES = 3
const RUNS = 60

/** Troubles begin within so many seconds and last no longer than so many; then there is peace. */
const LAST = 60
const LONGEST = 30
const PEACE = 60

const troubles: fc.Arbitrary<Trouble> = fc.record({
  at: fc.nat(LAST * 1000).map((milliseconds) => milliseconds / 1000),
  // More often the one that acts.
  who: fc.oneof(fc.nat(CANDIDATES - 1), fc.constant('holder' as const)),
  what: fc.constantFrom(
    ...([
      'slow',
      'refused',
      'lost',
      'unheard',
      'late',
      'freeze',
      'stop',
      'die',
      'label',
      'set clock',
    ] as const),
  ),
  seconds: fc.integer({ min: 1, max: LONGEST }),
})

const schedules = fc.record({
  seed: fc.nat(),
  troubles: fc.array(troubles, { maxLength: 16, size: 'max' }),
  // 15 s of the fastest clock are 14.7 s, 10 s of the slowest 10.2 s: ending takes less than what is between.
  paces: fc.array(fc.double({ min: 0.98, max: 1.02, noNaN: true }), {
    minLength: CANDIDATES,
    maxLength: CANDIDATES,
  }),
  endingMs: fc.constantFrom(0, 4_000),
})

type Schedule = typeof schedules extends fc.Arbitrary<infer S> ? S : never

/** What becomes of a call in a trouble. */
function fateIn(what: Trouble['what'] | undefined, random: () => number): Fate {
  const fast = { there: random() * 50, back: random() * 50 }
  if (what === 'slow') return { there: random() * 4_000, back: random() * 4_000 }
  if (what === 'refused') return failing(500, 'InternalError')
  if (what === 'lost') return LOST
  if (what === 'unheard') return { ...fast, back: Number.POSITIVE_INFINITY }
  if (what === 'late') return { there: 3_000 + random() * 27_000, back: random() * 50 }
  return fast
}

/** What must hold of every write of a candidate: the record keeps the history of the lease right. */
function checkWrite(before: LiveLease | undefined, after: LiveLease): void {
  const old = before?.spec ?? {}
  const now = after.spec ?? {}
  if (before === undefined) assert.equal(now.leaseTransitions, 0)
  else if (now.holderIdentity === '') {
    assert.equal(now.leaseDurationSeconds, 1)
    assert.equal(now.leaseTransitions, old.leaseTransitions)
  } else if (now.holderIdentity === old.holderIdentity) {
    assert.equal(now.leaseTransitions, old.leaseTransitions)
    assert.equal(now.acquireTime, old.acquireTime)
  } else {
    assert.equal(now.leaseTransitions, (old.leaseTransitions ?? 0) + 1)
    assert.equal(now.acquireTime, now.renewTime)
  }
}

/** A process, and what the model must know of it. */
interface Actor {
  readonly process: Process
  /** It was frozen in its present run: it could not be told of a loss before it went on. */
  isExcused: boolean
}

/** Where one candidate is: when it has stopped or died another takes its place. `trouble` is of its calls. */
interface Place {
  readonly pace: number
  actor: Actor
  trouble: Trouble['what'] | undefined
}

/** Plays a schedule to its end. Resolves with how often somebody began to act. */
async function play({ seed, troubles, paces, endingMs }: Schedule): Promise<number> {
  const random = randomFrom(seed)
  const clock = fakeClock()
  const server = leaseServer(clock, checkWrite)
  const actors: Actor[] = []
  const violations: string[] = []
  let terms = 0

  const acts = ({ process, isExcused }: Actor) =>
    !process.isFrozen() && [...process.runs].some(({ aborted }) => !(aborted && isExcused))
  const check = (when: string) => {
    const acting = actors.filter(acts).map(({ process }) => process.identity)
    if (acting.length > 1) violations.push(`${clock.now() / 1000} s, ${when}: ${acting.join(' and ')} act`)
  }
  const begin = (place: Pick<Place, 'pace' | 'trouble'>): Actor => {
    const onRun = () => {
      terms++
      actor.isExcused = false
      check('a run begins')
    }
    const connect = (deliver: (answer: () => void) => void) =>
      server.connect(() => fateIn(place.trouble, random), deliver)
    const identity = `candidate-${actors.length + 1}`
    const process = startProcess({ identity, clock, random, pace: place.pace, endingMs, onRun, connect })
    const actor = { process, isExcused: false }
    actors.push(actor)
    return actor
  }
  const places = paces.map((pace) => {
    const place = { pace, trouble: undefined }
    return Object.assign(place, { actor: begin(place) }) as Place
  })
  const start = ({ what, seconds }: Trouble, place: Place): (() => void) => {
    const { actor } = place
    const { process } = actor
    const succeed = () => {
      if (place.actor === actor) place.actor = begin(place)
    }
    switch (what) {
      case 'freeze':
        process.freeze()
        actor.isExcused = true
        return () => {
          if (place.actor === actor) process.thaw()
          check('it goes on')
        }
      case 'stop':
        process.stop()
        return succeed
      case 'die':
        process.freeze()
        succeed()
        return () => {}
      case 'set clock':
        process.setClock((random() - 0.5) * 2000 * seconds)
        return () => {}
      case 'label': {
        const { metadata, ...lease } = server.lease() ?? { metadata: undefined }
        if (metadata) server.edit({ ...lease, metadata: { ...metadata, labels: { at: `${clock.now()}` } } })
        return () => {}
      }
      default:
        place.trouble = what
        return () => {
          place.trouble = undefined
        }
    }
  }

  for (const trouble of troubles)
    clock.after(trouble.at * 1000, () => {
      const who = trouble.who === 'holder' ? places.findIndex(({ actor }) => acts(actor)) : trouble.who
      const end = start(trouble, places[who] ?? (places[0] as Place))
      clock.after(trouble.seconds * 1000, end)
    })
  await clock.advance((LAST + LONGEST + PEACE) * 1000)
  assert.deepEqual(violations, [])
  const last = places.map(({ actor }) => actor.process)
  const acting = last.filter(({ runs }) => runs.size > 0).map(({ identity }) => identity)
  assert.deepEqual(acting, [server.lease()?.spec?.holderIdentity], 'after the troubles one acts')
  for (const process of last) {
    const said = process.said()
    assert.ok(!said.some((text, index) => text === said[index - 1]), said.join('; '))
    process.stop()
  }
  await clock.advance(10_000)
  await Promise.all(last.map(({ done }) => done))
  assert.equal(server.lease()?.spec?.holderIdentity, '')
  return terms
}

test('R7: never do two act, whatever becomes of calls, processes and clocks; afterwards one does', async (t) => {
  let terms = 0
  const property = fc.asyncProperty(schedules, async (schedule) => {
    terms += await play(schedule)
  })
  await fc.assert(property, { numRuns: RUNS })
  t.diagnostic(`${RUNS} schedules, ${terms} terms`)
})
