/**
 * What comes over a connection and is no request that handlers could see: broken HTTP, too large a head, one that is not sent
 * to its end. Answered as Go's net/http does, in plain text, and the connection is closed.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorAnswer } from './render.ts'
import { StatusError } from './status.ts'

/** What the parser of node says, and what is left of that to tell. */
interface Refusal extends Error {
  code?: string
  rawPacket?: Buffer
}

/** Answers what node could not read, if the connection still takes an answer. */
export function refuse(error: Refusal, socket: Duplex): void {
  if (!socket.writable || isCut(error)) return void socket.destroy()
  socket.end(answerTo(error), () => socket.destroy())
}

/** The client is gone in the middle of a request: nobody waits for an answer. */
const isCut = ({ code }: Refusal): boolean => code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE'

function answerTo(error: Refusal): string {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return plain(431)
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return unfinished()
    case 'HPE_INVALID_HEADER_TOKEN':
      return plain(400, hasOddName(error) ? 'invalid header name' : '')
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return message(501, 'text/plain; charset=utf-8', 'Unsupported transfer encoding')
    case 'HPE_INVALID_VERSION':
      return /^[^\r\n]* HTTP\/\d\.\d\r?\n/.test(error.rawPacket?.toString('latin1') ?? '')
        ? plain(505, 'unsupported protocol version')
        : plain(400)
    default:
      return plain(400)
  }
}

/** A name with a space in it, say, as opposed to a value with a control character. */
const hasOddName = ({ rawPacket }: Refusal): boolean =>
  /\r\n[^\r\n:]*[^!#$%&'*+\-.^`|~\w:\r\n][^\r\n:]*:/.test(rawPacket?.toString('latin1') ?? '')

/** The refusal of a head that node lets pass and Go does not; undefined for all others. */
export function brokenBy({ httpVersion, headers, rawHeaders }: IncomingMessage): string | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return httpVersion.startsWith('0') ? plain(400) : plain(505, 'unsupported protocol version')
  if (httpVersion === '1.1' && headers.host === undefined) return plain(400, 'missing required Host header')
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  return hosts.length > 1 ? plain(400) : undefined
}

/** `400 Bad Request: why` */
export function plain(status: number, why = ''): string {
  const text = `${status} ${STATUS_CODES[status]}${why === '' ? '' : `: ${why}`}`
  return message(status, 'text/plain; charset=utf-8', text)
}

/** A body that does not come to its end in a minute: the real server's own deadline is that of every request. */
function unfinished(): string {
  const why =
    'the server was unable to return a response in the time allotted, but may still be processing the request'
  const { status, contentType, body } = errorAnswer(
    new StatusError(504, `Timeout: ${why}`, { reason: 'Timeout', details: {} }),
  )
  return message(status, contentType, String(body))
}

/** The whole of an answer after which the connection is closed. */
const message = (status: number, contentType: string, body: string): string =>
  [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')

/** Nothing is tunnelled. */
export const NO_TUNNEL = message(404, 'text/plain; charset=utf-8', '404 page not found\n')
