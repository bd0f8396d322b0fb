/**
 * Where a watch begins: with what exists, or after a version, and what keeps it from that. What is wrong with a watch that is
 * open already is told in its stream.
 */
import { internalError } from './admission/ask.ts'
import { RETRY_SECONDS, untilFresh } from './fresh.ts'
import { linesFor } from './lines.ts'
import { type Filter, filterOf } from './list.ts'
import type { Form } from './negotiate.ts'
import { parseRevision } from './numbers.ts'
import type { ListOptions } from './options.ts'
import type { ResourceType } from './resource.ts'
import type { Route } from './route.ts'
import { type Server, type Sink, tableFor } from './server.ts'
import { expired, internal, StatusError, tooLargeVersion } from './status.ts'
import { positionAfter, rangeOf } from './store.ts'
import { follow, type Lines, textOf, type Watcher } from './watch.ts'

/**
 * Checks the request and resolves with what streams it. Rejects with 400 and 500; a version that is too old, or does not come
 * in time, is told in the stream.
 */
export async function openWatch(
  server: Server,
  route: Route,
  options: ListOptions,
  form: Form,
): Promise<(sink: Sink) => void> {
  const asked = parseRevision(options.resourceVersion, internal)
  const request = { route, options, form, asked: Number(asked), filter: filterOf(options, route.type) }
  const late = options.sendInitialEvents === true ? await lateness(server, route.type, asked) : undefined
  return (sink) => {
    if (late === undefined) start(server, request, sink)
    else refuse(linesFor(server, route.type, form), late, sink)
  }
}

/** Why a watch cannot begin with what exists: that is not as new as was asked for. Storage itself does not wait for it. */
async function lateness(server: Server, { isUncached }: ResourceType, asked: bigint): Promise<unknown> {
  const { revision } = server.store
  if (isUncached === true)
    return asked > revision ? tooLargeVersion(asked, revision, RETRY_SECONDS) : undefined
  return untilFresh(server, asked)?.then(
    () => undefined,
    (error: unknown) => error,
  )
}

interface Request {
  route: Route
  options: ListOptions
  form: Form
  /** 0: no version in particular. */
  asked: number
  filter: Filter | undefined
}

/** Where a watch begins (storage/cacher, getAllEventsSinceLocked). */
function start(server: Server, { route, options, form, asked, filter }: Request, sink: Sink): void {
  const table = tableFor(server, route.type)
  const lines = linesFor(server, route.type, form)
  const { revision } = server.store
  const isInitial = options.sendInitialEvents ?? asked === 0
  const from = isInitial || asked === 0 ? revision : asked
  const tooOld = isInitial ? undefined : problemOf(server, route.type, from)
  if (tooOld !== undefined) {
    refuse(lines, tooOld, sink)
    return
  }
  const watcher: Watcher = {
    server,
    table,
    sink,
    initial: isInitial ? [...rangeOf(table.entries, route.namespace)] : [],
    next: 0,
    position: positionAfter(table, from),
    after: from,
    namespace: route.namespace,
    filter,
    lines,
    closing: options.sendInitialEvents === true && options.allowWatchBookmarks ? revision : undefined,
    isBlocked: false,
    isConverting: false,
    isEnded: false,
    finish: () => {},
    type: route.type,
  }
  follow(watcher, options)
}

/** Why what followed a version is not known any more. The watch cache outlives a compaction, storage does not. */
function problemOf(server: Server, type: ResourceType, from: number): StatusError | undefined {
  const { floor } = tableFor(server, type)
  if (type.isUncached === true)
    return from < Math.max(floor, server.compacted)
      ? expired('The resourceVersion for the provided watch is too old.')
      : undefined
  return from < floor ? expired(`too old resource version: ${from} (${floor})`) : undefined
}

/** The stream says what is wrong, and ends with that. */
function refuse(lines: Lines, error: unknown, sink: Sink): void {
  sink.write(lines.error(error instanceof StatusError ? error : internalError(textOf(error))))
  sink.end()
}
