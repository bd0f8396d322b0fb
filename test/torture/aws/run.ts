/**
 * The torture of the functions on AWS: they relay, promote and reconcile as deployed, bundled and in processes of their own,
 * people change things all the while, and again and again one of the processes is killed (`kill -9`) at a random moment. The
 * queues and the API server outlive them. At the end nothing may be lost.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { killSomebody } from '../../../infra/aws/local/kill.ts'
import type { LocalAws } from '../../../infra/aws/local/aws.ts'
import { randomFrom } from '../../random.ts'
import { check, LATE_MS, type Patience } from '../check.ts'
import { deedsOf, employ, type Truth } from '../people.ts'
import type { Verdict } from '../run.ts'
import { openStage, readJournal } from '../stage.ts'
import { openCloud, VISIBILITY_SECONDS } from './cloud.ts'
import { rest } from './rest.ts'

export interface AwsTorture {
  readonly kills: number
  readonly seed: number
  /** Told after each kill. */
  onKill?(kills: number): void
  /** Told each line that a function writes, with its name. */
  log?(name: string, line: string): void
}

export interface AwsVerdict extends Verdict {
  /** By function. */
  readonly killed: Readonly<Record<string, number>>
  /** Keys that were given up for being killed too often by chance, and redriven. */
  readonly redriven: number
  readonly coldStarts: number
}

/** From kill to kill, at most. */
const PAUSE_MS = 1_500
/** People pause this long at most between two things: each is an invocation here. */
const PEOPLE_PAUSE_MS = 60
const VISIBILITY_MS = 1000 * VISIBILITY_SECONDS.ready

/** Tortures. Rejects only where the torture itself cannot go on; what was lost is in the verdict. */
export async function tortureAws({ kills, seed, onKill, log = () => {} }: AwsTorture): Promise<AwsVerdict> {
  const started = Date.now()
  await using stage = await openStage(undefined, seed)
  const truth: Truth = { lives: [], changes: new Map() }
  const cloud = await openCloud(stage, log)
  const { aws } = cloud
  try {
    const opened = Date.now()
    const people = employ(stage, truth, randomFrom(seed), PEOPLE_PAUSE_MS)
    const killed = await killAgainAndAgain(aws, { kills, random: randomFrom(seed + 1), onKill }).finally(
      people.dismiss,
    )
    const lastKill = Date.now()
    // What it sends would stand in for timers that are lost.
    await aws.functions.resync?.close()
    const { problems, redriven } = await rest(stage, truth, aws)
    const findings = check({
      journal: readJournal(stage),
      truth,
      stints: cloud.stints(),
      patience: patienceOf({ opened, lastKill, closed: Date.now() }),
      keepsTimers: true,
      resyncs: aws.figures().functions.resync?.invocations ?? 0,
    })
    return {
      ...findings,
      ...deedsOf(truth),
      problems: [...findings.problems, ...problems],
      killed,
      redriven,
      coldStarts: cloud.stints().length,
      seconds: (Date.now() - started) / 1000,
    }
  } finally {
    // Its run would go on for a while; what it has not stored, nobody waits for.
    await aws.functions.relay?.close()
    await aws.close(1)
  }
}

/**
 * The platform is up all the time: a process that is missing is started. A key is killed four times at most before it is given
 * up, and waits for its visibility to end each time; once nobody is killed and what was is back, timers are as punctual as ever.
 */
const patienceOf = (times: { opened: number; lastKill: number; closed: number }): readonly Patience[] => [
  { up: [{ readyAt: times.opened, endedAt: times.closed }], lateMs: 4 * VISIBILITY_MS + LATE_MS },
  { up: [{ readyAt: times.lastKill + VISIBILITY_MS, endedAt: times.closed }], lateMs: LATE_MS },
]

async function killAgainAndAgain(
  { functions }: LocalAws,
  { kills, random, onKill }: { kills: number; random: () => number; onKill: AwsTorture['onKill'] },
): Promise<Record<string, number>> {
  const killed: Record<string, number> = {}
  for (let count = 0; count < kills; ) {
    await wait(random() * PAUSE_MS)
    const { work, promote, relay, resync } = functions
    const dice = random()
    // The relay is one process for everything: killed as often as the others it would never catch up.
    const chosen = dice < 0.04 ? relay : dice < 0.07 ? resync : dice < 0.25 ? promote : work
    const name = chosen && killSomebody([chosen], random)
    if (name === undefined) continue
    killed[name] = (killed[name] ?? 0) + 1
    count++
    onKill?.(count)
  }
  return killed
}
