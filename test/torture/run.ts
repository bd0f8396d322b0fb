/**
 * The torture: a process relays, queues and reconciles against an API server that outlives it, people change things all the
 * while, and again and again it is killed (`kill -9`) at a random moment and started anew. At the end nothing may be lost.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { randomFrom } from '../random.ts'
import { check, type Findings, type Stint } from './check.ts'
import { type Deeds, deedsOf, employ, type Truth } from './people.ts'
import { type Begin, firstReady, startsOn } from './process.ts'
import { leftIn, rest } from './rest.ts'
import { openStage, readJournal } from './stage.ts'

export interface Torture {
  readonly kills: number
  readonly seed: number
  /** Of a cluster that collects garbage; absent: an embedded API server. */
  readonly kubeconfig?: string | undefined
  /** Told after each kill. */
  onKill?(kills: number): void
}

export interface Verdict extends Findings, Deeds {
  readonly seconds: number
}

/** How long a process lives, at most, once it is ready. */
const LONGEST_LIFE_MS = 1_000
/** One in so many is killed while it is still starting, within this time. */
const YOUNG_EVERY = 6
const LONGEST_YOUTH_MS = 500
/** People pause this long at most between two things. */
const PAUSE_MS = 20

/** Tortures. Rejects only where the torture itself cannot go on; what was lost is in the verdict. */
export async function torture({ kills, seed, kubeconfig, onKill }: Torture): Promise<Verdict> {
  const started = Date.now()
  await using stage = await openStage(kubeconfig, seed)
  const truth: Truth = { lives: [], changes: new Map() }
  const { begin, state } = startsOn(stage)
  const people = employ(stage, truth, randomFrom(seed), PAUSE_MS)
  const stints = await killAgainAndAgain(begin, {
    kills,
    random: randomFrom(seed + 1),
    onKill,
  }).finally(people.dismiss)
  const { stint, problems } = await rest(stage, begin)
  const findings = check({ journal: readJournal(stage), truth, stints: [...stints, stint] })
  return {
    ...findings,
    ...deedsOf(truth),
    problems: [...findings.problems, ...problems, ...leftIn(state)],
    seconds: (Date.now() - started) / 1000,
  }
}

async function killAgainAndAgain(
  begin: Begin,
  { kills, random, onKill }: { kills: number; random: () => number; onKill: Torture['onKill'] },
): Promise<Stint[]> {
  const stints: Stint[] = []
  while (stints.length < kills) {
    const program = begin()
    const readyAt = firstReady(program)
    const isYoung = random() < 1 / YOUNG_EVERY
    if (!isYoung) await readyAt
    await wait(random() * (isYoung ? LONGEST_YOUTH_MS : LONGEST_LIFE_MS))
    if (program.child.exitCode !== null) throw new Error(`it ended by itself:\n${program.lines.join('\n')}`)
    program.child.kill('SIGKILL')
    await program.ended()
    stints.push({ pid: program.child.pid ?? 0, readyAt: await readyAt, endedAt: Date.now() })
    onKill?.(stints.length)
  }
  return stints
}
