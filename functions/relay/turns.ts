/**
 * A relay that lives in a Durable Object by turns, each in an alarm: before a turn begins the alarm of the next one is set, so
 * whatever becomes of it (a deploy, a crash, a machine that is gone) another one follows. Never are two under way.
 */
import { type BackoffPolicy, backoffSeconds } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import { errorText, type Fleet } from '../../lib/fleet.ts'
import type { Report } from '../../lib/index.ts'

/** What is used of `ctx` of a Durable Object. */
export interface TurnsContext {
  readonly storage: {
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
    deleteAlarm(): Promise<void>
    /** Resolves when everything written is safe. */
    sync(): Promise<void>
    readonly kv: { get<T>(key: string): T | undefined; put<T>(key: string, value: T): void }
  }
  /** Ends this memory and all that runs in it; the alarm that is set comes in a new one. */
  abort(reason: string): void
}

export interface TurnsUsing {
  /** The clusters as they are configured. */
  clusters(): Fleet | Promise<Fleet>
  /** One turn in one of them. Ends within `longestMs`; rejects where it came to nothing. */
  turn(cluster: string, clusters: Fleet): Promise<void>
  readonly longestMs: number
  /** Between turns that fail. Default 1 s doubling to a minute. */
  readonly backoff?: BackoffPolicy
  readonly report: Report
  readonly clock: Clock
  readonly random: () => number
}

export interface Turns {
  /** Sees to it that turns are taken in this cluster, which is always the same one. */
  ensure(cluster: string): Promise<void>
  /** What the alarm does: takes a turn and sets the alarm of the next. Rejects only where the storage does not even take that. */
  alarm(): Promise<void>
}

/** What is kept. `failures`: turns in a row that have begun and come to no good end. */
interface Kept {
  readonly cluster: string
  readonly failures: number
}

/** The turns of one Durable Object, in one memory. */
interface State extends TurnsUsing {
  readonly context: TurnsContext
  /** As kept, and what could not be: a storage that is full takes no count. */
  failures: number
  /** Since when a turn is under way. */
  since: number | undefined
}

const KEY = 'turns'

/** After a deploy the next turn begins soon; one that fails or crashes each time costs little. */
const BACKOFF = { baseSeconds: 1, capSeconds: 60 }

/** An alarm that finds a turn under way is set again for so much later, and one that is late by so much is lost. */
const BUSY_MS = 60_000

/** The turns of the Durable Object whose `ctx` this is: one of these for each memory. */
export function relayTurns(context: TurnsContext, using: TurnsUsing): Turns {
  const state: State = { ...using, context, failures: 0, since: undefined }
  const { storage } = context
  return {
    async ensure(cluster) {
      if (keptIn(state) === undefined) storage.kv.put<Kept>(KEY, { cluster, failures: 0 })
      if (state.since !== undefined && !isLost(state)) return
      const at = await storage.getAlarm()
      const now = state.clock.now()
      if (at === null || at < now - BUSY_MS) await storage.setAlarm(now)
    },
    async alarm() {
      const kept = keptIn(state)
      if (kept === undefined) return
      if (state.since !== undefined) return await wait(state)
      state.since = state.clock.now()
      try {
        await next(state, kept)
      } finally {
        state.since = undefined
      }
    },
  }
}

const keptIn = ({ context }: State): Kept | undefined => context.storage.kv.get<Kept>(KEY)

/** Whether the turn under way has been ended by the platform, which tells nobody in this memory. */
const isLost = ({ since, clock, longestMs }: State): boolean =>
  since !== undefined && clock.now() - since > longestMs

/** An alarm while a turn is under way (the platform has none): there will be a later one. */
async function wait(state: State): Promise<void> {
  const { storage } = state.context
  await storage.setAlarm(state.clock.now() + BUSY_MS)
  if (!isLost(state)) return
  await storage.sync()
  // Nothing of what it left behind may wake and go on beside the next turn.
  state.context.abort('a turn of the relay has not come to its end')
}

/** One turn, between the alarm that is set in case that it does not end and the one that is set when it has. */
async function next(state: State, { cluster, failures }: Kept): Promise<void> {
  const { storage } = state.context
  state.failures = Math.max(state.failures, failures)
  await storage.setAlarm(later(state))
  try {
    storage.kv.put<Kept>(KEY, { cluster, failures: state.failures + 1 })
    const clusters = await state.clusters()
    if (!clusters.names.includes(cluster)) return await stop(state, cluster)
    await state.turn(cluster, clusters)
    storage.kv.put<Kept>(KEY, { cluster, failures: 0 })
    state.failures = 0
    await storage.setAlarm(state.clock.now())
  } catch (error) {
    tell(state, cluster, errorText(error))
    await storage.setAlarm(later(state))
    state.failures += 1
  }
}

const later = ({ clock, failures, random, backoff = BACKOFF }: State): number =>
  clock.now() + 1000 * backoffSeconds(failures, random, backoff)

/** What has been seen stays: where the cluster comes back, what changed meanwhile is told. */
async function stop(state: State, cluster: string): Promise<void> {
  tell(state, cluster, 'FAIRLEAD_CLUSTERS does not have it any more: it is no longer watched')
  await state.context.storage.deleteAlarm()
}

const tell = ({ report }: Pick<State, 'report'>, cluster: string, error: string): void =>
  report({ type: 'failed', controller: 'relay', key: cluster, error })

/** The Durable Objects of relays, by the name of their cluster. */
export interface Relays {
  getByName(cluster: string): Pick<Turns, 'ensure'>
}

/** Sees to it that each cluster is watched. Never rejects: one that cannot be woken is told, and holds up no other. */
export async function wakeRelays(clusters: readonly string[], relays: Relays, report: Report): Promise<void> {
  const wake = async (cluster: string) => relays.getByName(cluster).ensure(cluster)
  await Promise.all(
    clusters.map((cluster) => wake(cluster).catch((error) => tell({ report }, cluster, errorText(error)))),
  )
}
