/**
 * The inventory in S3: by source a journal of numbered segments, a step each, and now and then a snapshot of what they add up
 * to. A commit is one PUT that fails where its number is taken: all of it or nothing, and the fence between two relays. What
 * is known stays in memory too, so that a process that goes on pays one GET to see that it is still alone.
 * Why, and what it costs: docs/adr/0014-inventory-on-s3.md.
 */
import { createHash } from 'node:crypto'
import type { Aws } from '../aws.ts'
import { type Clock, sleep } from '../clock.ts'
import { DatabaseError } from '../database.ts'
import type { Cursor, Inventory, Step } from '../inventory.ts'
import {
  append,
  blankState,
  numberOf,
  readContent,
  readState,
  type State,
  segmentKey,
  segmentText,
  snapshotKey,
  snapshotText,
} from './s3/journal.ts'
import { type Folder, openFolder, type S3Place } from './s3/store.ts'

export { parseS3Url, type S3Place } from './s3/store.ts'

export interface S3InventoryOptions extends S3Place {
  readonly aws: Aws
  readonly clock: Clock
  /** Tells this process from every other: a random text. */
  readonly writer: string
  /** A source is stored this often at most; what comes meanwhile is stored together. Default 2 s. */
  readonly intervalMs?: number
  /** A step that only moves the cursor on is stored this often at most. Default 5 minutes. */
  readonly cursorMs?: number
  /** Segments after which a snapshot is due whatever their size. Default 64. */
  readonly mostSegments?: number
  /** Told of a snapshot or a deletion that failed; it is tried again. */
  readonly onTrouble?: (error: unknown) => void
}

export interface S3Inventory extends Inventory {
  /** Stores the cursors that are not stored yet. For a process that ends; without it reading begins a little earlier. */
  flush(): Promise<void>
}

/** What one process knows of one source. */
interface Source {
  readonly name: string
  readonly folder: Folder
  state: State
  /** When it was last seen that nobody else has written, in milliseconds since the epoch. */
  seenAt: number
  storedAt: number
  /** A cursor that is not stored yet. */
  later: Cursor | undefined
}

/** Within this time after it has seen that it is alone, a process believes it. */
const TRUST_MS = 10 * 60_000
/** What is superseded stays this long: until nobody can take its number for a free one. More than TRUST_MS, for clocks that differ. */
const KEEP_MS = 60 * 60_000
/** Below this size of segments a snapshot is not worth its PUT. */
const LEAST_BYTES = 64 * 1024

/** An inventory below a bucket's prefix. Reads and writes nothing until it is asked. */
export function s3Inventory(options: S3InventoryOptions): S3Inventory {
  const sources = new Map<string, Source>()
  return {
    async load(name) {
      const source = await recall(sources, name, options)
      const { cursor, fingerprints } = source.state
      return cursor && { cursor: source.later ?? cursor, fingerprints: new Map(fingerprints) }
    },
    async commit(name, step) {
      const known = sources.get(name)
      const source = known ?? (await recall(sources, name, options))
      if (
        isMereProgress(step, source) &&
        options.clock.now() < source.storedAt + (options.cursorMs ?? 300_000)
      ) {
        source.later = step.cursor
        return
      }
      await store(source, step, options)
    },
    async flush() {
      const late = [...sources.values()].filter(({ later }) => later !== undefined)
      for (const source of late)
        await store(source, { puts: new Map(), deletes: [], cursor: source.later ?? {} }, options)
    },
  }
}

/** Losing such a step costs reading again from where the cursor was, and nothing else. */
function isMereProgress({ puts, deletes, cursor }: Step, { state }: Source): boolean {
  return (
    puts.size + deletes.length === 0 &&
    cursor.resourceVersion !== undefined &&
    state.cursor?.resourceVersion !== undefined &&
    JSON.stringify(cursor.told) === JSON.stringify(state.cursor.told)
  )
}

/** What is known, seen to be the newest: by one GET where it was a moment ago, else by reading everything. */
async function recall(
  sources: Map<string, Source>,
  name: string,
  options: S3InventoryOptions,
): Promise<Source> {
  const { aws, clock } = options
  const known = sources.get(name)
  const now = clock.now()
  if (known !== undefined && now < known.seenAt + TRUST_MS) {
    if ((await known.folder.read(segmentKey(known.state.number + 1))) === undefined) {
      known.seenAt = now
      return known
    }
  }
  const folder =
    known?.folder ??
    openFolder(aws, options, createHash('sha256').update(name).digest('base64url').slice(0, 32))
  const listed = await folder.list()
  const state = listed.length === 0 ? blankState() : await readState(folder, name, listed)
  const source: Source = {
    name,
    folder,
    state,
    seenAt: now,
    storedAt: Number.NEGATIVE_INFINITY,
    later: undefined,
  }
  sources.set(name, source)
  return source
}

/** One more segment, and a snapshot where it is due. */
async function store(source: Source, step: Step, options: S3InventoryOptions): Promise<void> {
  const { clock, intervalMs = 2_000, writer } = options
  const wait = source.storedAt + intervalMs - clock.now()
  if (wait > 0) await sleep(clock, wait)
  if (clock.now() >= source.seenAt + TRUST_MS) await lookAround(source, options)
  const text = segmentText(source.name, writer, step)
  let bytes = await source.folder.create(segmentKey(source.state.number + 1), text)
  if (bytes === undefined) {
    // Of a call that seemed to fail the answer alone may have been lost.
    const other = await readContent(source.folder, source.name, segmentKey(source.state.number + 1))
    if (other.writer !== writer) throw locked(source)
    append(source.state, other, 0)
    bytes = await source.folder.create(segmentKey(source.state.number + 1), text)
    if (bytes === undefined) throw locked(source)
  }
  append(source.state, step, bytes)
  source.later = undefined
  source.storedAt = clock.now()
  source.seenAt = source.storedAt
  await compact(source, options).catch((error: unknown) => options.onTrouble?.(error))
}

const locked = ({ folder }: Source): DatabaseError =>
  new DatabaseError(
    'locked',
    `${folder.url} is written by another relay: end it, or give this one a prefix of its own; start it again to go on from there`,
  )

/** After a long pause numbers may have been taken and freed again: only a list says who was here. */
async function lookAround(source: Source, { clock }: S3InventoryOptions): Promise<void> {
  const listed = await source.folder.list()
  const newest = Math.max(
    0,
    ...listed.map(({ key }) => numberOf(key, 'journal') ?? numberOf(key, 'snapshot') ?? 0),
  )
  // One more may be our own, of a call that seemed to fail.
  if (newest > source.state.number + 1 || newest < source.state.number) throw locked(source)
  source.seenAt = clock.now()
}

/**
 * Writes what the segments add up to, then deletes what that supersedes. Whoever has read the same segments writes the same, so
 * it needs no fence; a crash between any two of these calls leaves objects that are read, or passed over.
 */
async function compact(
  { name, folder, state }: Source,
  { clock, mostSegments = 64 }: S3InventoryOptions,
): Promise<void> {
  const isDue =
    state.segments >= mostSegments || state.segmentBytes > Math.max(LEAST_BYTES, state.snapshotBytes)
  if (!isDue) return
  const { number } = state
  const bytes = await folder.write(snapshotKey(number), snapshotText(name, state))
  Object.assign(state, { segments: state.number - number, segmentBytes: 0, snapshotBytes: bytes })
  const until = clock.now() - KEEP_MS
  const old = (await folder.list()).filter(({ key, writtenAt }) => {
    const [segment, snapshot] = [numberOf(key, 'journal'), numberOf(key, 'snapshot')]
    return writtenAt < until && ((segment ?? number + 1) <= number || (snapshot ?? number) < number)
  })
  // Oldest first, segments before snapshots: what is left is always a snapshot and what follows it.
  for (let start = 0; start < old.length; start += 16)
    await Promise.all(old.slice(start, start + 16).map(({ key }) => folder.remove(key)))
}
