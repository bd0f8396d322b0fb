/** The end of a torture: everything has come to rest, or it is said what has not. */
import { setTimeout as wait } from 'node:timers/promises'
import { openState } from '../../lib/database/node.ts'
import { ConfigMap, type KubeObject } from '../../lib/index.ts'
import { parkedIn, sqliteStore } from '../../lib/queue/sqlite.ts'
import { pageFor } from '../site.ts'
import type { Stint } from './check.ts'
import { Hold, Probe } from './operator.ts'
import type { Place } from './people.ts'
import { type Begin, firstReady } from './process.ts'

/** Everything must have come to rest so long after the last kill. */
const REST_MS = 60_000
/** Longer than any timer of an object. */
const LAST_TIMERS_MS = 4_000

/** The last process is left alone until everything is as it should be and every timer has had its time; then it is told to stop. */
export async function rest(place: Place, begin: Begin): Promise<{ stint: Stint; problems: string[] }> {
  await using program = begin()
  const readyAt = await firstReady(program)
  let left = await unconverged(place)
  for (const end = Date.now() + REST_MS; left.length > 0 && Date.now() < end; left = await unconverged(place))
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
export async function unconverged({ api, namespace }: Place): Promise<string[]> {
  const subjects = (await Promise.all([Probe, Hold].map((kind) => api.list(kind, { namespace })))).flatMap(
    ({ items }) => items,
  )
  const pages = new Map(
    (await api.list(ConfigMap, { namespace })).items.map((page) => [page.metadata.name, page]),
  )
  const wanted = new Set(subjects.flatMap(({ spec }) => spec.pages))
  const strays = [...pages.keys()].filter((name) => !wanted.has(name) && name !== 'kube-root-ca.crt')
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
export function leftIn(folder: string): string[] {
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
