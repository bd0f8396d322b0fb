/**
 * A body as it comes over HTTP, read within limits and parsed: too large, too slow, not UTF-8, not JSON, nested too deeply.
 * What content types there may be is for whoever asks.
 */
import type { Clock } from './clock.ts'

/** Why a body was not taken. The message names the rule and quotes nothing. */
export class BodyError extends Error {
  readonly code: number
  /** As in a Kubernetes Status. */
  readonly reason: string

  constructor(code: number, reason: string, message: string) {
    super(message)
    this.name = 'BodyError'
    this.code = code
    this.reason = reason
  }
}

const bad = (message: string): BodyError => new BodyError(400, 'BadRequest', message)

interface BodyLimits {
  readonly mostBytes: number
  /** From the call on until the last byte. */
  readonly seconds: number
  readonly clock: Clock
}

/** A request, or the response to one. */
type Carrier = Pick<Request, 'headers' | 'body' | 'arrayBuffer'>

/** Throws {@link BodyError} with 408 or 413. */
export const readBytes = (carrier: Carrier, limits: BodyLimits): Promise<Uint8Array<ArrayBuffer>> =>
  inTime(read(carrier, limits), limits)

/** Throws {@link BodyError} with 400: empty, not UTF-8, not JSON, or nested more than so many levels deep. */
export function parseJson(bytes: Uint8Array, deepest: number): unknown {
  const text = textOf(bytes)
  if (text.trim() === '') throw bad('the body is empty')
  if (isTooDeep(text, deepest)) throw bad(`the body is nested more than ${deepest} levels deep`)
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the body.
    throw bad('the body is not JSON')
  }
}

const tooLarge = ({ mostBytes }: BodyLimits): BodyError =>
  new BodyError(413, 'RequestEntityTooLarge', `the body must be ${mostBytes} bytes at most`)

async function read(carrier: Carrier, limits: BodyLimits): Promise<Uint8Array<ArrayBuffer>> {
  const length = carrier.headers.get('content-length')
  if (Number(length ?? 0) > limits.mostBytes) throw tooLarge(limits)
  // HTTP holds whoever gives a length to it; reading at once is much cheaper than by a stream.
  if (length !== null) return new Uint8Array(await carrier.arrayBuffer())
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  if (carrier.body === null) return new Uint8Array()
  for await (const piece of carrier.body) {
    size += piece.length
    if (size > limits.mostBytes) throw tooLarge(limits)
    pieces.push(piece)
  }
  return joined(pieces, size)
}

function joined(pieces: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return first
  const bytes = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

function inTime<T>(reading: Promise<T>, { clock, seconds }: BodyLimits): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(seconds * 1000, () =>
      reject(new BodyError(408, 'Timeout', `the body did not arrive within ${seconds} s`)),
    )
    reading.then(resolve, reject).finally(cancel)
  })
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw bad('the body is not UTF-8')
  }
}

const QUOTE = 34
const BACKSLASH = 92
const OPENING = [91, 123]
const CLOSING = [93, 125]

/** Counts brackets outside of strings, before anything walks the value. */
export function isTooDeep(text: string, deepest: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (OPENING.includes(char) && ++depth > deepest) return true
    else if (CLOSING.includes(char)) depth--
  }
  return false
}

/** Where the string that begins here ends. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
  return slashes % 2 === 1
}
