/**
 * Watches that have begun. A watcher holds a position in the log of its table and writes from there for as long as its reader takes it; one
 * that falls behind what the log keeps is cut, so memory is bounded by the log. Lines are encoded once for all watchers of
 * the same form.
 */
import { internalError } from './admission/ask.ts'
import { converted } from './conversion/convert.ts'
import type { Filter } from './list.ts'
import type { ListOptions } from './options.ts'
import type { ResourceType } from './resource.ts'
import type { Server, Sink } from './server.ts'
import type { Change, Entry, Table } from './store.ts'

/** The real server picks 30 to 60 minutes where the client does not say (`--min-request-timeout`). */
const DEFAULT_TIMEOUT_SECONDS = 1800
/** How often a watcher that asked for them gets a bookmark, and how long before its end (watch cache: 1 min, 2 s). */
const BOOKMARK_MILLISECONDS = 60_000
const LAST_BOOKMARK_MILLISECONDS = 2_000

/** One watch. */
export interface Watcher {
  server: Server
  table: Table
  sink: Sink
  /** What exists already and is still to be written. */
  initial: readonly Entry[]
  /** Index of the next of these. */
  next: number
  /** Position in the log. */
  position: number
  /** What is not newer was asked not to be sent: a client may name a version that is still to come. */
  after: number
  namespace: string
  filter: Filter | undefined
  lines: Lines
  /** The revision of the bookmark to write once `initial` is through. */
  closing: number | undefined
  isBlocked: boolean
  /** True while the next changes are being converted. */
  isConverting: boolean
  isEnded: boolean
  /** Ends it from this side. */
  finish: () => void
  type: ResourceType
}

/** Makes the lines of one watch. */
export interface Lines {
  of(type: Change['type'], change: Change): string
  added(entry: Entry): string
  bookmark(revision: number, endsInitial: boolean): string
  error(error: Error): string
}

/** Writes what is there, then whatever comes, until either side ends. */
export function follow(watcher: Watcher, options: ListOptions): void {
  const { server, table, sink, lines } = watcher
  const timers: (() => void)[] = []
  const onChange = (change: Change | undefined) => (change === undefined ? finish() : pump(watcher))
  const finish = () => {
    stop()
    // An orderly end would wait for a reader who does not read.
    if (watcher.isBlocked) sink.destroy()
    else sink.end()
  }
  watcher.finish = finish
  const stop = () => {
    watcher.isEnded = true
    table.listeners.delete(onChange)
    server.watches.delete(finish)
    for (const cancel of timers) cancel()
  }
  const bookmark = () => {
    // It says that everything up to there has been written, and never goes back behind what was asked for.
    if (watcher.isBlocked || watcher.isConverting || server.store.revision < watcher.after) return
    sink.write(lines.bookmark(server.store.revision, false))
  }
  const lasts = (options.timeoutSeconds || DEFAULT_TIMEOUT_SECONDS) * 1000
  // Less than no time: it is over before anything is written.
  if (lasts < 0) {
    sink.end()
    return
  }
  timers.push(server.clock.after(lasts, finish))
  if (options.allowWatchBookmarks && watcher.type.isUncached !== true) {
    const last = lasts - LAST_BOOKMARK_MILLISECONDS
    if (last > 0) timers.push(server.clock.after(last, bookmark))
    timers.push(repeat(server, BOOKMARK_MILLISECONDS, bookmark))
  }
  table.listeners.add(onChange)
  server.watches.set(finish, watcher.type)
  sink.onClose(stop)
  sink.onDrain(() => {
    watcher.isBlocked = false
    pump(watcher)
  })
  pump(watcher)
}

function repeat(server: Server, milliseconds: number, task: () => void): () => void {
  let cancel = () => {}
  const schedule = () => {
    cancel = server.clock.after(milliseconds, () => {
      task()
      schedule()
    })
  }
  schedule()
  return () => cancel()
}

function pump(watcher: Watcher): void {
  const { table, sink, lines } = watcher
  // The reader is too slow: what it misses has left the log.
  if (watcher.position < table.dropped) {
    sink.destroy()
    return
  }
  if (watcher.isEnded || watcher.isBlocked || watcher.isConverting || convertNext(watcher)) return
  const { filter } = watcher
  while (watcher.next < watcher.initial.length) {
    const entry = watcher.initial[watcher.next++] as Entry
    if ((filter === undefined || filter(entry)) && !write(watcher, lines.added(entry))) return
  }
  if (watcher.initial.length > 0) Object.assign(watcher, { initial: [], next: 0 })
  if (watcher.closing !== undefined) {
    const revision = watcher.closing
    watcher.closing = undefined
    if (!write(watcher, lines.bookmark(revision, true))) return
  }
  for (let index = watcher.position - table.dropped; index < table.log.length; index++) {
    watcher.position++
    const line = lineOf(watcher, table.log[index] as Change)
    if (line !== undefined && !write(watcher, line)) return
  }
}

/** True when what comes next has to be converted first: then the pump runs again after that. */
function convertNext(watcher: Watcher): boolean {
  const { server, table, type } = watcher
  if (type.conversion === undefined) return false
  const changes = table.log.slice(watcher.position - table.dropped)
  const waiting = [
    ...watcher.initial.slice(watcher.next),
    ...changes.flatMap(({ entry, before }) =>
      before === undefined || watcher.filter === undefined ? [entry] : [before, entry],
    ),
  ]
  const relevant = waiting.filter(
    ({ namespace }) => watcher.namespace === '' || namespace === watcher.namespace,
  )
  const converting = converted(server, type, relevant)
  if (converting === undefined) return false
  watcher.isConverting = true
  converting.then(
    () => {
      watcher.isConverting = false
      pump(watcher)
    },
    (error: unknown) => endBy(watcher, error),
  )
  return true
}

/** Nothing can follow what cannot be shown: the stream says why, and ends. */
function endBy(watcher: Watcher, error: unknown): void {
  if (watcher.isEnded) return
  watcher.sink.write(watcher.lines.error(internalError(textOf(error))))
  watcher.finish()
}

/** What an error says. */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** False when the reader is behind. */
function write(watcher: Watcher, line: string): boolean {
  watcher.isBlocked = !watcher.sink.write(line)
  return !watcher.isBlocked
}

/** The line of a change as this watcher sees it: entering its selector is ADDED, leaving it is DELETED. */
function lineOf(watcher: Watcher, change: Change): string | undefined {
  if (change.revision <= watcher.after) return undefined
  if (watcher.namespace !== '' && change.entry.namespace !== watcher.namespace) return undefined
  const { filter, lines } = watcher
  if (filter === undefined) return lines.of(change.type, change)
  const is = change.type !== 'DELETED' && filter(change.entry)
  const was = change.before !== undefined && filter(change.before)
  if (is) return lines.of(was ? 'MODIFIED' : 'ADDED', change)
  return was ? lines.of('DELETED', change) : undefined
}
