/** The body of a review request, read within limits and parsed: too large, too slow, not UTF-8, not JSON, nested too deeply. */
import type { Clock } from '../clock.ts'
import { Denied } from '../review.ts'

/** controller-runtime's limit (`pkg/webhook/admission/http.go`): an object of 3 MiB, its old state, and what surrounds them. */
export const MOST_BYTES = 7 * 1024 * 1024

/** Far deeper than any object of Kubernetes, and no danger to a stack. */
const DEEPEST = 1000

/** The API server sends its review at once. */
const BODY_SECONDS = 10

const refused = (code: number, reason: string, message: string): Denied =>
  new Denied(message, { code, reason })
const bad = (message: string): Denied => refused(400, 'BadRequest', message)

/** Throws {@link Denied} with 400, 408 or 413. */
export async function readJson(request: Request, clock: Clock): Promise<unknown> {
  const type = request.headers.get('content-type')
  if (type !== 'application/json')
    throw bad(`content type must be application/json, got ${JSON.stringify(type ?? '')}`)
  const text = textOf(await inTime(readBytes(request), clock))
  if (text.trim() === '') throw bad('the body is empty')
  if (isTooDeep(text)) throw bad(`the body is nested more than ${DEEPEST} levels deep`)
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the body.
    throw bad('the body is not JSON')
  }
}

const tooLarge = (): Denied =>
  refused(413, 'RequestEntityTooLarge', `the body must be ${MOST_BYTES} bytes at most`)

async function readBytes(request: Request): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (Number(length ?? 0) > MOST_BYTES) throw tooLarge()
  // HTTP holds whoever gives a length to it; reading at once is much cheaper than by a stream.
  if (length !== null) return new Uint8Array(await request.arrayBuffer())
  const pieces: Uint8Array[] = []
  let size = 0
  if (request.body === null) return new Uint8Array()
  for await (const piece of request.body) {
    size += piece.length
    if (size > MOST_BYTES) throw tooLarge()
    pieces.push(piece)
  }
  return joined(pieces, size)
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
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

function inTime<T>(reading: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(BODY_SECONDS * 1000, () =>
      reject(refused(408, 'Timeout', `the body did not arrive within ${BODY_SECONDS} s`)),
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
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (OPENING.includes(char) && ++depth > DEEPEST) return true
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
