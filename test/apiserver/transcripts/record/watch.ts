/** The verbs of watches: opening one, and reading on in it. */
import type { Connection } from '../replay/connect.ts'
import type { Json } from '../replay/json.ts'
import { mask } from '../replay/pointer.ts'
import { type Stream, takeEvents } from '../replay/stream.ts'
import { type Masks, type Notes, type Page, write } from './page.ts'

export interface WatchOptions extends Notes {
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface ReadOptions extends Notes {
  /** `open` (default): the stream goes on. `client`: nothing more comes, then it is closed. `server`: the server ends it. */
  readonly end?: 'open' | 'client' | 'server'
  /** How long to look for events that should not come, in milliseconds (default: 500). */
  readonly settle?: number
  /** Seconds (default: 8). */
  readonly within?: number
  /** Writes down the last bookmark as well; that there is none is a warning. */
  readonly bookmark?: boolean
  readonly mask?: Masks
}

export interface Watch {
  readonly name: string
  readonly status: number
  /** Reads on for as many events. Other than that many is a warning. */
  read(count: number, options?: ReadOptions): Promise<Json[]>
  /** That nothing more comes, and then closes it. */
  close(options?: ReadOptions): Promise<Json[]>
}

export interface WatchVerbs {
  watch(path: string, options?: WatchOptions): Promise<Watch>
}

const SETTLE_MS = 500
const WITHIN_SECONDS = 8

/** The verbs, writing on a page. Watches are named in the order of their opening, and kept in `streams`. */
export function watchVerbs(connection: Connection, page: Page, streams: Stream[]): WatchVerbs {
  return {
    async watch(path, options = {}) {
      const given = { ...(options.accept ? { accept: options.accept } : {}), ...options.headers }
      const headers = Object.keys(given).length === 0 ? {} : { headers: given }
      const stream = await connection.watch({ method: 'GET', path, ...headers })
      const name = `w${streams.push(stream)}`
      const { status, body } = stream
      const response = { status, headers: stream.headers, ...(body === undefined ? {} : { body }) }
      write(page, { watch: { open: name, path, ...headers }, response }, body, options)
      const read = (count: number, how: ReadOptions = {}) => readOn(page, stream, { name, count }, how)
      return { name, status, read, close: (how) => read(0, { end: 'client', ...how }) }
    },
  }
}

async function readOn(
  page: Page,
  stream: Stream,
  { name, count }: { readonly name: string; readonly count: number },
  options: ReadOptions,
): Promise<Json[]> {
  const { end = 'open', settle = SETTLE_MS, within, bookmark, mask: masks } = options
  const reading = { count, end, settleMs: settle, withinSeconds: within ?? WITHIN_SECONDS }
  const { events, ended } = await takeEvents(stream, reading)
  const warn = (text: string) => page.warnings.push(`watch ${name}: ${text}`)
  if (end !== 'server' && events.length !== count) warn(`${events.length} events, ${count} announced`)
  if (end === 'open' && ended) warn('the stream has ended')
  if (end === 'server' && !ended) warn('the stream is still open')
  const last = stream.bookmarks.at(-1)
  if (bookmark && last === undefined) warn('no bookmark')
  const fields = {
    watch: { read: name },
    events: mask(events, masks),
    ...(bookmark ? { bookmark: last } : {}),
    end,
    ...(within ? { withinSeconds: within } : {}),
    ...(masks ? { mask: masks } : {}),
  }
  write(page, fields, events, options)
  return events
}
