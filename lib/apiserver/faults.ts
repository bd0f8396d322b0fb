/**
 * What the server is told to do wrong, as plain data: a hook sees a request, or a line of a watch, and says what becomes of
 * it. Time is the server's clock, so that a test decides when a delay is over; the same answers make the same faults.
 */
import type { JsonObject } from './resource.ts'
import type { RequestInfo, Server, Sink } from './server.ts'
import { errorLine } from './seen.ts'
import { StatusError } from './status.ts'

/** What becomes of a request. Without `status` and `drop` it is handled as ever, only later. */
export interface Fault {
  /**
   * `before` (the default): instead of handling it. `after`: it is handled first, and a write is stored; then its answer is
   * delayed, replaced or lost.
   */
  when?: 'before' | 'after'
  /** Milliseconds by the server's clock before anything else of this fault happens. */
  delay?: number
  /** Cuts the connection without an answer. */
  drop?: boolean
  /** The answer's status. */
  status?: number
  /** By default the Status with which Kubernetes refuses with that status. */
  body?: object | string
  headers?: Record<string, string>
  /** In the `Retry-After` header, and in the Status. */
  retryAfterSeconds?: number
}

/** A line that is about to be written to a watch. */
export interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  /** What the client would get: an object, its metadata, a Table, a Status. */
  readonly object: JsonObject
  /** Counted from 1 in each watch. */
  readonly number: number
}

/** What becomes of a line. The first of `drop`, `status`, `end` and `cut` counts; without them the line is written. */
export interface WatchFault {
  /** Milliseconds by the server's clock for which the stream stands still before anything else of this fault happens. */
  delay?: number
  /** It is left out. A bookmark that is left out is one that is withheld. */
  drop?: boolean
  /** An ERROR with this code comes instead, and ends the stream. 410 says that the version is too old. */
  status?: number
  /** The stream ends before it, in good order. */
  end?: boolean
  /** The connection is cut in the middle of it. */
  cut?: boolean
  /** It is written twice. */
  duplicate?: boolean
  /** It is written behind the next so many lines, at the latest when the stream ends in good order. */
  behind?: number
}

/** Called once for each request, before it is handled. */
export type FaultHook = (request: RequestInfo) => Fault | undefined

/** Called once for each line of each watch, with the request that opened it. Must not throw: a line may be part of a write. */
export type WatchFaultHook = (line: WatchLine, request: RequestInfo) => WatchFault | undefined

/** Both are asked about everything for as long as they are set, of watches that were open before too. */
export interface FaultHooks {
  readonly request?: FaultHook | undefined
  readonly watch?: WatchFaultHook | undefined
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The refusal that a fault asks for. */
export const injected = (status: number, retryAfterSeconds?: number): StatusError =>
  new StatusError(status, `injected: ${REASONS[status] ?? status}`, {
    ...(REASONS[status] === undefined ? {} : { reason: REASONS[status] }),
    retryAfterSeconds,
  })

/** The sink of a watch, seen through the hook that is set when a line comes. */
export function faultySink(server: Server, request: RequestInfo, sink: Sink): Sink {
  const stream: Stream = {
    server,
    request,
    sink,
    number: 0,
    held: [],
    waiting: [],
    drained: [],
    stall: undefined,
    isOver: false,
  }
  sink.onClose(() => stream.stall?.())
  return {
    ...sink,
    write(line) {
      if (stream.stall === undefined) return offer(stream, line)
      stream.waiting.push(line)
      return false
    },
    onDrain(task) {
      stream.drained.push(task)
      sink.onDrain(task)
    },
    end: () => end(stream),
  }
}

interface Stream {
  readonly server: Server
  readonly request: RequestInfo
  readonly sink: Sink
  number: number
  /** Lines that are to come behind others. */
  held: { readonly line: string; readonly copies: number; behind: number }[]
  /** Lines that came while the stream stood still. */
  readonly waiting: string[]
  readonly drained: (() => void)[]
  /** Ends the stall, while there is one. */
  stall: (() => void) | undefined
  /** Nothing may follow. */
  isOver: boolean
}

/** False when whoever writes is to wait. */
function offer(stream: Stream, line: string): boolean {
  stream.number++
  const hook = stream.server.faults.watch
  const fault = hook === undefined || stream.isOver ? undefined : hook(seen(stream, line), stream.request)
  if (fault?.delay === undefined) return pass(stream, line, fault)
  stream.stall = stream.server.clock.after(fault.delay, () => {
    stream.stall = undefined
    let isTaken = pass(stream, line, fault)
    while (stream.stall === undefined && stream.waiting.length > 0)
      isTaken = offer(stream, stream.waiting.shift() ?? '') && isTaken
    // Otherwise the reader's own readiness goes on with it.
    if (isTaken) for (const task of stream.drained) task()
  })
  return false
}

function seen({ number }: Stream, line: string): WatchLine {
  const { type, object } = JSON.parse(line) as Pick<WatchLine, 'type' | 'object'>
  return { type, object, number }
}

function pass(stream: Stream, line: string, fault: WatchFault | undefined): boolean {
  const { sink, held } = stream
  if (stream.isOver || fault?.drop === true) return true
  if (fault === undefined) return put(stream, line, 1)
  const copies = fault.duplicate === true ? 2 : 1
  if (fault.status !== undefined) {
    put(stream, errorLine(injected(fault.status)), 1)
    end(stream)
  } else if (fault.end === true) end(stream)
  else if (fault.cut === true) {
    stream.isOver = true
    sink.cut(line.slice(0, line.length / 2))
  } else if (fault.behind !== undefined && fault.behind > 0) held.push({ line, copies, behind: fault.behind })
  else return put(stream, line, copies)
  return true
}

function put(stream: Stream, line: string, copies: number): boolean {
  let isTaken = true
  for (let copy = 0; copy < copies; copy++) isTaken = stream.sink.write(line)
  if (stream.held.length === 0) return isTaken
  const due = stream.held.filter((one) => --one.behind === 0)
  stream.held = stream.held.filter(({ behind }) => behind > 0)
  for (const one of due) for (let copy = 0; copy < one.copies; copy++) isTaken = stream.sink.write(one.line)
  return isTaken
}

function end(stream: Stream): void {
  if (stream.isOver) return
  stream.isOver = true
  for (const { line, copies } of stream.held)
    for (let copy = 0; copy < copies; copy++) stream.sink.write(line)
  stream.sink.end()
}
