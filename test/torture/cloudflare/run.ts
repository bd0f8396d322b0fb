/**
 * The torture of the Workers on Cloudflare: in the real runtime they relay, queue and reconcile as deployed, people change things
 * all the while, and again and again a Durable Object or the whole runtime ends at a random moment. Their storage and the API server
 * outlive them. At the end nothing may be lost.
 */
import { happeningOf } from '../../../infra/local/told.ts'
import { randomFrom } from '../../random.ts'
import { check, LATE_MS, type Patience, usualDelay } from '../check.ts'
import { deedsOf, employ, type Truth } from '../people.ts'
import type { Verdict } from '../run.ts'
import { openStage, readJournal } from '../stage.ts'
import { openCloud } from './cloud.ts'
import { type Death, killAgainAndAgain, livesIn, type Victim } from './kill.ts'
import { rest } from './rest.ts'

export interface CloudflareTorture {
  readonly kills: number
  readonly seed: number
  /** A key whose turn was forgotten with the index comes back after so long (default: half a minute, as on the platform). */
  readonly lookMs?: number
  /** Told after each kill. */
  onKill?(kills: number): void
  /** Told each line that a Worker writes. */
  log?(line: string): void
}

export interface CloudflareVerdict extends Verdict {
  readonly killed: Readonly<Partial<Record<Victim, number>>>
  /** Memories of keys in which something was done. */
  readonly lives: number
  /** Runs that the queue counted as crashed. */
  readonly crashes: number
  /** How late a timer is once nobody dies any more: the median, in milliseconds. */
  readonly usualMs: number
  /** From the last death until everything had converged, every timer had fired twice, and nothing was left. */
  readonly restSeconds: number
}

/** People pause this long at most between two things. */
const PEOPLE_PAUSE_MS = 60

/** Alarms are milliseconds late; on a machine that is busy with else, some hundreds. */
const USUAL_MS = 2_000

/** As `lib/queue/durable/shelf.ts` has it. */
const LOOK_MS = 30_000

/** Tortures. Rejects only where the torture itself cannot go on; what was lost is in the verdict. */
export async function tortureCloudflare(torture: CloudflareTorture): Promise<CloudflareVerdict> {
  const { kills, seed, onKill, lookMs = LOOK_MS, log = () => {} } = torture
  const started = Date.now()
  await using stage = await openStage(undefined, seed)
  const truth: Truth = { lives: [], changes: new Map() }
  let crashes = 0
  await using cloud = await openCloud(stage, {
    lookMs: torture.lookMs,
    log(line) {
      const happening = happeningOf(line)
      if (happening?.type === 'failed' && CRASHED.test(happening.error)) crashes++
      log(line)
    },
  })
  const { workers } = cloud
  const opened = Date.now()
  const people = employ(stage, truth, randomFrom(seed), PEOPLE_PAUSE_MS)
  const random = randomFrom(seed + 1)
  const deaths = await killAgainAndAgain(stage, workers, { kills, random, onKill }).finally(people.dismiss)
  const lastDeath = Date.now()
  const backAt = lastDeath + lookMs
  const { problems, convergedAt } = await rest(stage, truth, { workers, backAt })
  const closed = Date.now()
  // Each line was posted, and whoever died may be heard later than who came after.
  const journal = readJournal(stage).toSorted((one, other) => one.at - other.at)
  const stints = livesIn(journal, deaths)
  const patience = patienceOf({ opened, deaths, convergedAt, closed }, lookMs)
  const findings = check({ journal, truth, stints, patience, deaths: kills })
  const usualMs = usualDelay(journal, convergedAt)
  return {
    ...findings,
    ...deedsOf(truth),
    problems: [...findings.problems, ...problems, ...unpunctual(usualMs, lookMs)],
    killed: countOf(deaths),
    lives: stints.length,
    crashes,
    usualMs,
    restSeconds: (closed - lastDeath) / 1000,
    seconds: (Date.now() - started) / 1000,
  }
}

/** An alarm that is lost has another one stand in for it, which is late by most of its time. */
const unpunctual = (usualMs: number, lookMs: number): string[] =>
  usualMs < Math.min(USUAL_MS, lookMs / 4) ? [] : [`timers are ${usualMs} ms late, with nobody to die`]

const CRASHED = /^handler crashed: the Durable Object ended while it ran/

interface Times {
  readonly opened: number
  readonly deaths: readonly Death[]
  readonly convergedAt: number
  readonly closed: number
}

/**
 * A key whose turn was forgotten waits for its alarm while the runtime is up, and its turn may be forgotten again; once nobody dies,
 * who waited has come back and everything has converged, timers are as punctual as ever.
 */
function patienceOf({ opened, deaths, convergedAt, closed }: Times, lookMs: number): readonly Patience[] {
  const downs = deaths.filter(({ victim }) => victim === 'runtime')
  const readyAts = [opened, ...downs.map(({ until }) => until)]
  const up = readyAts.map((readyAt, index) => ({ readyAt, endedAt: downs[index]?.since ?? closed }))
  return [
    { up, lateMs: 3 * lookMs + 2 * LATE_MS },
    { up: [{ readyAt: convergedAt, endedAt: closed }], lateMs: LATE_MS },
  ]
}

function countOf(deaths: readonly Death[]): Partial<Record<Victim, number>> {
  const byVictim = Map.groupBy(deaths, ({ victim }) => victim)
  return Object.fromEntries([...byVictim].map(([victim, some]) => [victim, some.length]))
}
