/**
 * Turns what the API server tells into messages that say which object to look at: one watch per source shared by all
 * controllers, what changed told from what only seems to, children mapped to their owners, each key sent at most once per
 * quiet window. Remembers of each object a fingerprint, never the object. It reconciles nothing and reads no object.
 *
 * The path of a change through `lib/relay`, in order:
 *
 *   plan         which sources are watched, and what each controller wants of them
 *   follow       one source: each batch of its watch goes through all of the following
 *   track        the change against the object's `fingerprint`: what became of it
 *   decide       whom that concerns; `atlas` answers what only other sources know
 *   message      the key and why, never the object
 *   ledger       the outbox first, and once the queue holds it the inventory
 *   outbox       at once or at the end of a quiet window (`windows`), until the queue accepts (`persist`)
 */
import type { Clock } from './clock.ts'
import type { Inventory } from './inventory.ts'
import type { Kube } from './kube.ts'
import type { Operator } from './operator.ts'
import type { Queue } from './queue.ts'
import { toAtlas } from './relay/atlas.ts'
import { follow } from './relay/follow.ts'
import { startHeadStart } from './relay/head-start.ts'
import { startLedger } from './relay/ledger.ts'
import { startOutbox } from './relay/outbox.ts'
import { type Persist, startPersisting } from './relay/persist.ts'
import { planSources, type Source } from './relay/plan.ts'
import { startTrack, type Track } from './relay/track.ts'
import type { Report } from './report.ts'

/** What a relay works with. */
export interface Relaying {
  readonly api: Kube
  /** The cluster's name in messages and in the inventory. */
  readonly cluster: string
  readonly queue: Queue
  readonly inventory: Inventory
  readonly report: Report
  readonly clock: Clock
  /** Numbers in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined
  /** A silent stream is given up after this long. Default 150. */
  readonly idleSeconds?: number | undefined
}

/** After an abort the queue and the inventory have this long to take what is left. */
const GRACE_MS = 5_000

/**
 * Relays until `signal` aborts; then sends what the quiet windows held back (for at most 5 s) and resolves. Troubles of the
 * API server, the queue or the inventory never reject it: they are reported and waited out, each source for itself. Only a
 * DatabaseError does: a store that is full or damaged is no weather.
 *
 * Guarantees: every change that a controller wants to know of leads to a message sent at or after it, at least once. The
 * inventory moves on only after the queue has accepted everything before, so a relay that is started again with the same
 * inventory sends what changed meanwhile, deletions and recreations included, and nothing that did not. Without an
 * inventory each object is sent once, in the background lane.
 */
export async function relay(operator: Operator, relaying: Relaying, signal: AbortSignal): Promise<void> {
  const using = { ...relaying, random: relaying.random ?? Math.random }
  const stop = new AbortController()
  const giveUp = new AbortController()
  const reading = AbortSignal.any([signal, stop.signal])
  let endGrace = () => {}
  const startGrace = () => {
    endGrace = using.clock.after(GRACE_MS, () => giveUp.abort())
  }
  reading.addEventListener('abort', startGrace, { once: true })
  const failed = Promise.withResolvers<never>()
  try {
    const work = relayUntil(operator, using, { reading, waiting: giveUp.signal, fail: failed.reject })
    await Promise.race([work, failed.promise])
  } finally {
    // Also when a defect ends one source: the others end with it, and nothing is waited for.
    stop.abort()
    endGrace()
    giveUp.abort()
  }
}

interface Ends {
  /** When it aborts no more is read. */
  readonly reading: AbortSignal
  /** When it aborts no more is waited for. */
  readonly waiting: AbortSignal
  /** Told of what nobody waits for: a queue or an inventory that is at its end. */
  fail(error: unknown): void
}

type Using = Relaying & { readonly random: () => number }

async function relayUntil(operator: Operator, using: Using, { reading, waiting, fail }: Ends): Promise<void> {
  const keep = startPersisting('inventory', using)
  const tracks = await loadTracks(operator, using, keep, reading)
  const outbox = startOutbox({ ...using, persist: startPersisting('queue', using), signal: waiting, fail })
  const headStart = startHeadStart(tracks, using.clock, reading)
  const following = { ...using, outbox, atlas: toAtlas(tracks) }
  const storing = { ...using, outbox, persist: keep, signal: waiting, fail }
  const ledgers = await Promise.all(
    tracks.map(async (track) => {
      const ledger = startLedger(track.source.name, storing)
      await headStart.turnOf(track)
      await follow(track, ledger, { ...following, onStanding: () => headStart.stands(track) }, reading)
      return ledger
    }),
  )
  await outbox.flush()
  await Promise.all(ledgers.map((ledger) => ledger.settled()))
}

/** Everything that is remembered, before anything is read. Nothing, when there is no more time for it. */
async function loadTracks(operator: Operator, using: Using, keep: Persist, signal: AbortSignal) {
  const load = async (source: Source): Promise<Track> =>
    startTrack(source, await keep(() => using.inventory.load(source.name), signal))
  try {
    return await Promise.all(planSources(operator, using.cluster).map(load))
  } catch (error) {
    if (signal.aborted) return []
    throw error
  }
}
