/** What must be true after the torture, read off the journal, the truth, and how long each process was up. Pure. */
import type { Entry } from './operator.ts'
import type { Truth } from './people.ts'

/** One process: when it said `ready` (undefined: never), and when it ended. */
export interface Stint {
  readonly pid: number
  readonly readyAt: number | undefined
  readonly endedAt: number
}

export interface Evidence {
  readonly journal: readonly Entry[]
  readonly truth: Truth
  readonly stints: readonly Stint[]
  /** How late timers may be (default: 5 s of the time in which a process was up). */
  readonly patience?: readonly Patience[]
  /** A queue may keep a timer beside the one that a later run has set (default: it keeps one per key). */
  readonly keepsTimers?: boolean
  /** How often every key was asked for beside all that (default: never). */
  readonly resyncs?: number
  /** How often something was killed, each of which a key may run once more for (default: each of `stints`). */
  readonly deaths?: number
}

/** A due timer must fire within so much of the time that `up` adds up to. */
export interface Patience {
  readonly up: readonly Pick<Stint, 'readyAt' | 'endedAt'>[]
  readonly lateMs: number
}

export interface Findings {
  /** One line each; none: nothing was lost. */
  readonly problems: readonly string[]
  readonly runs: number
  readonly timers: number
  /** How late a timer fired at most, in milliseconds of the time in which it could. */
  readonly latestMs: number
  /** Runs that a process did not live to finish. */
  readonly cutShort: number
}

export const LATE_MS = 5_000

/** Looks at everything. */
export function check(evidence: Evidence): Findings {
  const { journal } = evidence
  const byKey = Map.groupBy(journal, ({ key }) => key)
  const problems = [...byKey].flatMap(([key, entries]) => [
    ...overlaps(key, entries, evidence),
    ...lateTimers(key, entries, evidence),
    ...extraRuns(key, entries, evidence),
  ])
  const count = (...types: Entry['type'][]) => journal.filter(({ type }) => types.includes(type)).length
  return {
    problems: [...problems, ...unseenDeletes(evidence, byKey)],
    runs: count('begin'),
    timers: [...byKey.values()].reduce((sum, entries) => sum + firedTimers(entries), 0),
    latestMs: Math.max(
      0,
      ...[...byKey.values()].flatMap((entries) => delays(entries, evidence).map(({ late }) => late)),
    ),
    cutShort: count('begin', 'repass') - count('end', 'failed'),
  }
}

/** Nothing is done for a key while a run of it is on, in the same process or in one that is still alive. */
function overlaps(key: string, entries: readonly Entry[], { stints }: Evidence): string[] {
  const endOf = new Map(stints.map(({ pid, endedAt }) => [pid, endedAt]))
  let open: Entry | undefined
  const found: string[] = []
  for (const entry of entries) {
    const isOn = open !== undefined && (open.pid === entry.pid || (endOf.get(open.pid) ?? 0) > entry.at)
    // A pass that finds the object gone ends the run that it belongs to.
    const isSameRun = entry.type !== 'begin' && open?.pid === entry.pid
    if (isOn && !isSameRun) found.push(`${key}: two runs at once at ${entry.at}`)
    open = entry.type === 'begin' || entry.type === 'repass' ? entry : undefined
  }
  return found
}

/** Each end that asked to be looked at again, with the run that followed it. */
function* waits(entries: readonly Entry[]): Iterable<{ end: Entry; dueAt: number; next: Entry | undefined }> {
  for (const [index, end] of entries.entries()) {
    if (end.type !== 'end' || end.dueAt === undefined) continue
    yield { end, dueAt: end.dueAt, next: entries[index + 1] }
  }
}

/** How late a timer is that is due from then on: the median, in milliseconds, of those that have fired. */
export function usualDelay(journal: readonly Entry[], since: number): number {
  const late = [...Map.groupBy(journal, ({ key }) => key).values()].flatMap((entries) =>
    [...waits(entries)].flatMap(({ dueAt, next }) =>
      next !== undefined && dueAt >= since && next.at >= dueAt ? [next.at - dueAt] : [],
    ),
  )
  return late.toSorted((one, other) => one - other)[Math.floor(late.length / 2)] ?? 0
}

const firedTimers = (entries: readonly Entry[]): number =>
  [...waits(entries)].filter(({ dueAt, next }) => next !== undefined && next.at >= dueAt).length

/** What was due is followed by a run (a change may have brought it forward), unless the object went before. */
function lateTimers(key: string, entries: readonly Entry[], evidence: Evidence): string[] {
  return delays(entries, evidence)
    .filter(({ late, lateMs }) => late > lateMs)
    .map(({ dueAt, late }) => `${key}: due at ${dueAt}, not run in ${Math.round(late)} ms of running`)
}

function delays(entries: readonly Entry[], { truth, stints, patience }: Evidence) {
  const all: readonly Patience[] = patience ?? [{ up: stints, lateMs: LATE_MS }]
  return all.flatMap(({ up, lateMs }) => {
    const last = Math.max(...up.map(({ endedAt }) => endedAt))
    return [...waits(entries)].map(({ end, dueAt, next }) => {
      const deletedAt = truth.lives.find(({ uid }) => uid === end.uid)?.deletedAt
      const until = Math.min(next?.at ?? last, deletedAt ?? last)
      return { dueAt, late: upBetween(dueAt, until, up), lateMs }
    })
  })
}

function upBetween(from: number, to: number, up: Patience['up']): number {
  return up.reduce((sum, { readyAt, endedAt }) => {
    if (readyAt === undefined) return sum
    return sum + Math.max(0, Math.min(to, endedAt) - Math.max(from, readyAt))
  }, 0)
}

/** Beyond one run per change, per timer, per resync and per failure, at most one for each death. */
function extraRuns(key: string, entries: readonly Entry[], evidence: Evidence): string[] {
  const { truth, stints, keepsTimers = false, resyncs = 0, deaths = stints.length } = evidence
  const of = (type: Entry['type']) => entries.filter((entry) => entry.type === type).length
  const timers = keepsTimers ? [...waits(entries)].length : firedTimers(entries)
  const allowed = (truth.changes.get(key) ?? 0) + timers + resyncs + of('failed') + deaths
  const runs = of('begin')
  return runs > allowed ? [`${key}: ${runs} runs, where ${allowed} are accounted for`] : []
}

/**
 * Every object that anything was done for, and that went, was seen to be gone or replaced by a namesake; with cleanup, cleaned
 * up. One that came and went while no process was up never was anybody's.
 */
function unseenDeletes({ truth }: Evidence, byKey: ReadonlyMap<string, readonly Entry[]>): string[] {
  return truth.lives.flatMap(({ key, uid, deletedAt }) => {
    const entries = byKey.get(key) ?? []
    if (deletedAt === undefined || !entries.some((entry) => entry.uid === uid)) return []
    const isSeen = entries.some(({ type, at, uid: other }) =>
      key.startsWith('Hold')
        ? type === 'finalized' && other === uid
        : at >= deletedAt - HEARD_MS && (type === 'gone' || other !== uid),
    )
    return isSeen ? [] : [`${key} (${uid}): deleted at ${deletedAt}, and nobody was told`]
  })
}

/** The driver notes a deletion when it hears of it, which may be a moment after the process did. */
const HEARD_MS = 1_000
