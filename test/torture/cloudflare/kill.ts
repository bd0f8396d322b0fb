/** Ends objects and the whole runtime at random: what Cloudflare may do at any moment, and what nothing may be lost by. */
import { setTimeout as wait } from 'node:timers/promises'
import type { LocalWorkers } from '../../../infra/cloudflare/local/workers.ts'
import { pick } from '../../random.ts'
import type { Stint } from '../check.ts'
import type { Entry } from '../operator.ts'
import { readJournal, type Stage } from '../stage.ts'
import { KILLED } from './life.ts'

/**
 * `run`: a key in the middle of its run; `key`: any key; `index`, `relay`: of the one cluster; `runtime`: workerd (SIGKILL), which
 * is started again with its storage.
 */
export type Victim = 'run' | 'key' | 'index' | 'relay' | 'runtime'

/** When it was, by the clock of whoever killed: somewhere between the two. */
export interface Death {
  readonly victim: Victim
  /** As the journal has it: `Probe default/p-1`. */
  readonly key: string | undefined
  readonly since: number
  readonly until: number
}

/** Of ten deaths. */
const DECK: readonly Victim[] = [
  ...(['run', 'run', 'run', 'run', 'run'] as const),
  ...(['key', 'index', 'index', 'relay', 'runtime'] as const),
]

/** From death to death, at most. */
const PAUSE_MS = 1_000

interface Killing {
  readonly kills: number
  readonly random: () => number
  readonly onKill: ((count: number) => void) | undefined
}

/** One death after the other. */
export async function killAgainAndAgain(
  stage: Stage,
  workers: LocalWorkers,
  { kills, random, onKill }: Killing,
): Promise<Death[]> {
  const deaths: Death[] = []
  let deck: Victim[] = []
  while (deaths.length < kills) {
    await wait(random() * PAUSE_MS)
    if (deck.length === 0) deck = shuffled(DECK, random)
    const [victim = 'run', ...rest] = deck
    const key = keyFor(victim, readJournal(stage), random)
    if (key === undefined && (victim === 'run' || victim === 'key')) continue
    const since = Date.now()
    await kill(workers, victim, key)
    deaths.push({ victim, key, since, until: Date.now() })
    deck = rest
    onKill?.(deaths.length)
  }
  return deaths
}

function keyFor(victim: Victim, journal: readonly Entry[], random: () => number): string | undefined {
  if (victim !== 'run' && victim !== 'key') return undefined
  const last = new Map(journal.map(({ key, type }) => [key, type]))
  const keys = [...last].filter(([, type]) => victim === 'key' || type === 'begin' || type === 'repass')
  return keys.length === 0 ? undefined : pick(keys, random)[0]
}

async function kill({ harness }: LocalWorkers, victim: Victim, key: string | undefined): Promise<void> {
  // Wrangler ends the runtime with SIGKILL, whatever changes; its storage is the harness's own.
  if (victim === 'runtime') return await harness.update((options) => ({ ...options }))
  const name = victim === 'relay' ? 'fairlead-relay' : 'fairlead'
  const object = key === undefined ? 'INDEX/default' : `KEYS/${encodeURIComponent(nameOf(key))}`
  const response = await harness.getWorker(name).fetch(`/torture/${object}`)
  if (response.status !== 204) throw new Error(`${KILLED}, ${victim} answers ${await response.text()}`)
}

/** The name of a key's Durable Object. */
const nameOf = (key: string): string => {
  const [kind = '', object = ''] = key.split(' ')
  return `default|${kind.toLowerCase()}||${object.replace('/', '|')}`
}

/** Each life that the journal knows, and its end: the first death that may have been its own after the last that was heard of it. */
export function livesIn(journal: readonly Entry[], deaths: readonly Death[]): Stint[] {
  return [...Map.groupBy(journal, ({ pid }) => pid)].map(([pid, entries]) => {
    const [first] = entries
    const last = entries.at(-1)
    const death = deaths.find(
      ({ victim, key, until }) => (victim === 'runtime' || key === last?.key) && until >= (last?.at ?? 0),
    )
    return { pid, readyAt: first?.at, endedAt: death?.since ?? Number.POSITIVE_INFINITY }
  })
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as T)
}
