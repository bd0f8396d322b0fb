/** A watch that is open: collects what comes, bookmarks apart, and hands out the events in order as they are asked for. */
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Answer } from './answer.ts'
import { isObject, type Json, parseJson } from './json.ts'

export interface Stream extends Answer {
  readonly events: Json[]
  /** Bookmarks come when the server likes, so they are no events; the one that ends the initial events is. */
  readonly bookmarks: Json[]
  /** How many events were handed out. */
  taken: number
  hasEnded: boolean
  /** Emits `change` when something came, or the stream ended. */
  readonly news: EventEmitter
  close(): void
}

/** What a stream is read for. */
export interface Reading {
  /** As many further events are expected. */
  readonly count: number
  /** `open`: the stream goes on. `client`: nothing more comes, then it is closed. `server`: the server ends it. */
  readonly end: 'open' | 'client' | 'server'
  /** How long to look for events that should not come, before the client closes. */
  readonly settleMs: number
  readonly withinSeconds: number
}

/** The stream behind the head of an answer; one that is not 200 has ended and holds no events. */
export function toStream(message: IncomingMessage, answer: Answer): Stream {
  const stream: Stream = {
    ...answer,
    events: [],
    bookmarks: [],
    taken: 0,
    hasEnded: answer.status !== 200,
    news: new EventEmitter(),
    close() {
      stream.hasEnded = true
      message.destroy()
    },
  }
  if (!stream.hasEnded) collect(stream, message)
  return stream
}

function collect(stream: Stream, message: IncomingMessage): void {
  let rest = ''
  message.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') keep(stream, parseJson(line) ?? { unparsable: line })
    stream.news.emit('change')
  })
  const end = () => {
    stream.hasEnded = true
    stream.news.emit('change')
  }
  // A stream that is cut off has ended as well; that is what its reader looks at.
  message.on('end', end).on('close', end).on('error', end)
}

function keep({ events, bookmarks }: Stream, event: Json): void {
  const isBookmark = isObject(event) && event.type === 'BOOKMARK'
  const endsInitial = isBookmark && JSON.stringify(event).includes('"k8s.io/initial-events-end"')
  if (isBookmark && !endsInitial) bookmarks.push(event)
  else events.push(event)
}

/** Waits for the events, or for the end of the stream, or until time is up; hands out what is there. */
export async function takeEvents(
  stream: Stream,
  reading: Reading,
): Promise<{ events: Json[]; ended: boolean }> {
  const { count, end, settleMs, withinSeconds } = reading
  const isComplete = () =>
    stream.hasEnded || (end !== 'server' && stream.events.length - stream.taken >= count)
  await until(stream, isComplete, withinSeconds * 1000)
  if (end === 'client' && !stream.hasEnded) {
    await until(stream, () => stream.hasEnded, settleMs)
    stream.close()
  }
  const last = end === 'open' ? Math.min(stream.events.length, stream.taken + count) : stream.events.length
  const events = stream.events.slice(stream.taken, last)
  stream.taken = last
  return { events, ended: stream.hasEnded && last === stream.events.length }
}

/** Resolves when it is so, or after the time. */
async function until({ news }: Stream, isSo: () => boolean, ms: number): Promise<void> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), ms)
  while (!isSo() && !stop.signal.aborted)
    await once(news, 'change', { signal: stop.signal }).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
    })
  clearTimeout(timer)
}
