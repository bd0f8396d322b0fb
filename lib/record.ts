/**
 * Records what happened as Kubernetes Events (`events.k8s.io/v1`), so that `kubectl describe` shows it. Workers come and
 * go, so the Event's name is derived from what it says: any worker that has the same to say meets the same Event and counts it up as a
 * series (KEP-383). Recording never fails and never holds up a reconcile for long: what cannot be written is dropped and reported.
 */
import { type Clock, microTime } from './clock.ts'
import { hashText } from './hash.ts'
import { isAlreadyExists, isNotFound, type Kube, type KubeObject, type Resource } from './kube.ts'
import { keyText } from './message.ts'
import type { Report } from './report.ts'

/** What to record. `action` is what was being done (`Reconcile`), `note` is for people. */
export interface Occurrence {
  readonly regarding: KubeObject
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly action: string
  readonly note: string
}

/** Records occurrences; resolves when they are written or dropped, never rejects. */
export type Recorder = (occurrences: readonly Occurrence[], signal?: AbortSignal) => Promise<void>

const EVENTS: Resource<KubeEvent> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
}

interface KubeEvent extends KubeObject {
  readonly series?: { readonly count: number; readonly lastObservedTime: string }
}

/** Limits of the API (`events.k8s.io/v1` validation): bytes of a note, characters of a reason. */
const NOTE_BYTES = 1024
const REASON_LENGTH = 128

/** A series is written at most this often; repeats in between are counted by the next write. */
const SERIES_MILLISECONDS = 60_000

/** How many series and objects a process remembers. */
const REMEMBERED = 1024

/** So many Events about one object at once, then one more each so often: client-go's spam filter (`tools/record`). */
const BURST = 25
const REFILL_MILLISECONDS = 300_000

/**
 * A recorder for one reporter. `reporter` becomes reportingController (and, being constant, the reportingInstance: a
 * host name would split the series of short-lived workers).
 */
export function recorder(
  api: Kube,
  reporter: string,
  { clock, report }: { clock: Clock; report: Report },
): Recorder {
  const series: Series = new Map()
  const spent: Spent = new Map()

  async function write(occurrence: Occurrence, signal: AbortSignal | undefined): Promise<void> {
    const now = clock.now()
    const object = toEvent(occurrence, reporter, now)
    const times = timesToWrite(series, `${object.metadata.namespace}/${object.metadata.name}`, now)
    if (times === 0) return
    const { uid } = occurrence.regarding.metadata
    if (!mayWrite(spent, uid, now)) throw new Error('too many Events about one object')
    try {
      await api.create(EVENTS, object, { signal })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      await countUp(api, object.metadata, { times, now, signal })
    }
  }

  return async (occurrences, signal) => {
    for (const occurrence of occurrences) {
      const { kind, metadata } = occurrence.regarding
      const key = keyText(metadata)
      if (kind === 'Event') continue // F4: an Event about an Event would go on for ever
      const { type: eventType, reason, note } = occurrence
      try {
        await write(occurrence, signal)
        report({ type: 'event', kind, key, eventType, reason, note })
      } catch (error) {
        report({ type: 'dropped', what: 'event', key: `${kind} ${key} ${reason}`, error: errorText(error) })
      }
    }
  }
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))

type Series = Map<string, { readonly written: number; readonly writes: number; unwritten: number }>

/**
 * How many occurrences the next write stands for; 0: do not write now. The first and the second are written at once (one
 * Event, then a series), further ones at most once per {@link SERIES_MILLISECONDS}.
 */
function timesToWrite(series: Series, id: string, now: number): number {
  const known = series.get(id)
  if (known !== undefined && known.writes > 1 && now - known.written < SERIES_MILLISECONDS) {
    known.unwritten++
    return 0
  }
  remember(series, id, { written: now, writes: (known?.writes ?? 0) + 1, unwritten: 0 })
  return 1 + (known?.unwritten ?? 0)
}

/** How much of its {@link BURST} an object had used, and when. */
type Spent = Map<string, { readonly used: number; readonly at: number }>

/** A text that differs each time is a new Event each time: without a bound one broken object would fill etcd. */
function mayWrite(spent: Spent, uid: string, now: number): boolean {
  const known = spent.get(uid) ?? { used: 0, at: now }
  const used = Math.max(0, known.used - (now - known.at) / REFILL_MILLISECONDS)
  if (used > BURST - 1) return false
  remember(spent, uid, { used: used + 1, at: now })
  return true
}

/** Maps keep insertion order: the first is the one longest unused. */
function remember<V>(map: Map<string, V>, id: string, value: V): void {
  map.delete(id)
  map.set(id, value)
  const oldest = map.keys().next()
  if (map.size > REMEMBERED && !oldest.done) map.delete(oldest.value)
}

/** The Event for an occurrence, at a time in milliseconds since the epoch. Equal occurrences have equal names. */
export function toEvent(
  { regarding, type, reason, action, note }: Occurrence,
  reporter: string,
  now: number,
) {
  const { name, namespace, uid, resourceVersion } = regarding.metadata
  const cut = { reason: reason.slice(0, REASON_LENGTH), note: cutBytes(note, NOTE_BYTES) }
  const hash = hashText([uid, type, cut.reason, action, cut.note].join('\n'))
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      name: `${toSubdomain(name)}.${hash}`,
      // Events about cluster-scoped objects live in the namespace default (client-go's recorder).
      namespace: namespace ?? 'default',
    },
    eventTime: microTime(now),
    reportingController: reporter,
    reportingInstance: reporter,
    action,
    ...cut,
    type,
    regarding: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name,
      namespace,
      uid,
      resourceVersion,
    },
  }
}

/** An Event's name is a DNS subdomain; names of some kinds (`system:node`) are not. Leaves room for a hash. */
function toSubdomain(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9.]/g, '-')
    .slice(0, 230)
  return plain.replace(/^[-.]+|[-.]+$/g, '').replace(/-*\.[-.]*/g, '.') || 'object'
}

/** Cuts a text to a number of UTF-8 bytes without splitting a character. */
function cutBytes(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text)
  if (encoded.length <= bytes) return text
  const room = encoded.subarray(0, bytes - 3)
  return `${new TextDecoder().decode(room).replace(/\uFFFD+$/, '')}…`
}

/**
 * Adds to the series of an Event that exists. Another worker's count may be lost in the race: the count says "often", not
 * how often. An Event that expired between the two calls (they live an hour) is left for the next time.
 */
async function countUp(
  api: Kube,
  key: { name: string; namespace: string },
  { times, now, signal }: { times: number; now: number; signal: AbortSignal | undefined },
): Promise<void> {
  const live = await api.get(EVENTS, key, { signal })
  if (live === undefined) return
  const last = Date.parse(live.series?.lastObservedTime ?? '')
  if (now - last < SERIES_MILLISECONDS) return // another worker has just counted
  const series = { count: (live.series?.count ?? 1) + times, lastObservedTime: microTime(now) }
  try {
    await api.patch(EVENTS, key, { type: 'merge', body: { series } }, { signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
