/**
 * The torture: a process relays, queues and reconciles against an API server that outlives it, people change things all the
 * while, and again and again it is killed (`kill -9`) at a random moment and started anew. At the end nothing may be lost.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { openState } from '../../lib/database/node.ts'
import { ConfigMap, connect, installCrds, type Kube, type KubeObject, systemClock } from '../../lib/index.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { parkedIn, sqliteStore } from '../../lib/queue/sqlite.ts'
import { startScript } from '../functions/process.ts'
import { randomFrom } from '../random.ts'
import { scratchFolder } from '../scratch.ts'
import { pageFor } from '../site.ts'
import { check, type Findings, type Stint } from './check.ts'
import { type Entry, Hold, Probe, tortureOperator } from './operator.ts'
import { act, type Truth } from './people.ts'

export interface Torture {
  readonly kills: number
  readonly seed: number
  /** Told after each kill. */
  onKill?(kills: number): void
}

export interface Verdict extends Findings {
  readonly seconds: number
  readonly objects: number
  readonly deletes: number
  readonly changes: number
}

/** How long a process lives, at most, once it is ready. */
const LONGEST_LIFE_MS = 1_000
/** One in so many is killed while it is still starting, within this time. */
const YOUNG_EVERY = 6
const LONGEST_YOUTH_MS = 500
/** People pause this long at most between two things. */
const PAUSE_MS = 20
/** Everything must have come to rest so long after the last kill. */
const REST_MS = 30_000
/** Longer than any timer of an object. */
const LAST_TIMERS_MS = 4_000

/** Tortures. Rejects only where the torture itself cannot go on; what was lost is in the verdict. */
export async function torture({ kills, seed, onKill }: Torture): Promise<Verdict> {
  const started = Date.now()
  const folder = scratchFolder()
  const journal = join(folder, 'journal')
  writeFileSync(journal, '')
  const server = await startApiServer()
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig()))
  const transport = httpsTransport({ server: server.url })
  const api = connect(transport)
  await installCrds(api, tortureOperator(journal), { clock: systemClock })
  const state = join(folder, 'state')
  const begin = () =>
    startScript('test/torture/process.ts', ['--kubeconfig', kubeconfig, '--state', state], {
      TORTURE_JOURNAL: journal,
    })
  const truth: Truth = { lives: [], changes: new Map() }
  const people = employ(api, truth, randomFrom(seed))
  try {
    const stints = await killAgainAndAgain(begin, { kills, random: randomFrom(seed + 1), onKill })
    await people.dismiss()
    const { stint, problems } = await rest(begin, api)
    const entries = readFileSync(journal, 'utf8').split('\n').filter(Boolean)
    const findings = check({
      journal: entries.map((line) => JSON.parse(line) as Entry),
      truth,
      stints: [...stints, stint],
    })
    return {
      ...findings,
      problems: [...findings.problems, ...problems, ...leftIn(state)],
      seconds: (Date.now() - started) / 1000,
      objects: truth.lives.length,
      deletes: truth.lives.filter(({ deletedAt }) => deletedAt !== undefined).length,
      changes: [...truth.changes.values()].reduce((sum, count) => sum + count, 0),
    }
  } finally {
    await people.dismiss()
    transport.close()
    await server.close()
    if (existsSync(folder)) rmSync(folder, { recursive: true })
  }
}

/** People who do one thing after the other until they are dismissed. */
function employ(api: Kube, truth: Truth, random: () => number) {
  let isDismissed = false
  const work = (async () => {
    while (!isDismissed) {
      await act(api, truth, random)
      await wait(random() * PAUSE_MS)
    }
  })()
  return {
    dismiss: () => {
      isDismissed = true
      return work
    },
  }
}

type Begin = () => ReturnType<typeof startScript>

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

const firstReady = (program: ReturnType<Begin>): Promise<number | undefined> =>
  program.line(/^ready$/).then(
    () => Date.now(),
    () => undefined,
  )

/** The last process is left alone until everything is as it should be and every timer has had its time; then it is told to stop. */
async function rest(begin: Begin, api: Kube): Promise<{ stint: Stint; problems: string[] }> {
  await using program = begin()
  const readyAt = await firstReady(program)
  let left = await unconverged(api)
  for (const end = Date.now() + REST_MS; left.length > 0 && Date.now() < end; left = await unconverged(api))
    await wait(100)
  await wait(LAST_TIMERS_MS)
  program.child.kill('SIGTERM')
  const [code] = await program.ended()
  return {
    stint: { pid: program.child.pid ?? 0, readyAt, endedAt: Date.now() },
    problems: [
      ...left,
      ...(code === 0 ? [] : [`the last process ended with ${code}`, ...program.lines.slice(-5)]),
    ],
  }
}

/** Objects that are not as they should be: status, children, deletion. */
async function unconverged(api: Kube): Promise<string[]> {
  const subjects = (await Promise.all([Probe, Hold].map((kind) => api.list(kind)))).flatMap(
    ({ items }) => items,
  )
  const pages = new Map((await api.list(ConfigMap)).items.map((page) => [page.metadata.name, page]))
  const wanted = new Set(subjects.flatMap(({ spec }) => spec.pages))
  const strays = [...pages.keys()].filter((name) => !wanted.has(name))
  const left = subjects.flatMap((subject) => {
    const { kind, metadata, spec, status } = subject as typeof subject & KubeObject
    const problems = [
      ...(metadata.deletionTimestamp === undefined ? [] : ['is not cleaned up']),
      ...(status?.round === spec.round ? [] : ['has an old status']),
      ...(status?.observedGeneration === metadata.generation ? [] : ['has an old generation in its status']),
      ...spec.pages.flatMap((page) =>
        pages.get(page)?.data?.page === pageFor(page).data?.page ? [] : [`lacks ${page}`],
      ),
    ]
    return problems.map((problem) => `${kind} ${metadata.name} ${problem}`)
  })
  return [...left, ...strays.map((name) => `ConfigMap ${name} belongs to nobody`)]
}

/** What the stopped process left in its state that should not be there. */
function leftIn(folder: string): string[] {
  const database = openState({ folder })
  try {
    const { entries } = sqliteStore(database).load()
    const locked = [...entries].filter(({ place }) => place === 'locked')
    return [
      ...locked.map(({ key }) => `${key} is still handed out after a graceful stop`),
      ...[...parkedIn(database)].map(({ key, reason }) => `${key} was parked: ${reason}`),
    ]
  } finally {
    database.close()
  }
}
