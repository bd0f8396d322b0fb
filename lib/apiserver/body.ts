/**
 * Bodies of requests, read within bounds before anybody looks at them. What is wrong with one is told only to those who
 * need it: the real server, too, answers 404 or 415 without having read on.
 */
import type { IncomingMessage } from 'node:http'
import { mediaType, PROTOBUF_TYPE } from './negotiate.ts'
import { fromProtobuf } from './protobuf/decode.ts'
import type { ApiRequest } from './server.ts'
import { badRequest, StatusError } from './status.ts'

/** The API server's own limit of a request (`MaxRequestBodyBytes`). */
const MAX_BODY_BYTES = 3 * 1024 * 1024

/** Who sends more than this is not listened to any longer. */
const MAX_SENT_BYTES = 64 * 1024 * 1024

/** What came, or undefined where that is over the limit. */
export interface SentBody {
  readonly bytes: Buffer | undefined
  /** False when the client has more to say: the connection is of no use any more. */
  readonly isWhole: boolean
}

export const NO_BODY: SentBody = { bytes: Buffer.alloc(0), isWhole: true }

/** A body over the limit is read to its end all the same: who still writes would not read an answer. */
export function readBody(message: IncomingMessage): Promise<SentBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let count = 0
    message.on('data', (chunk: Buffer) => {
      count += chunk.length
      if (count <= MAX_BODY_BYTES) chunks.push(chunk)
      else chunks.length = 0
      if (count <= MAX_SENT_BYTES) return
      message.removeAllListeners('data').pause()
      resolve({ bytes: undefined, isWhole: false })
    })
    message.on('end', () => {
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
      resolve({ bytes: count <= MAX_BODY_BYTES ? bytes : undefined, isWhole: true })
    })
    message.on('error', reject)
  })
}

/** What bodies are read from. */
type Sent = Pick<ApiRequest, 'body' | 'headers'>

/** The bytes of a body. Throws 413 when they were too many. */
export function bytesOf({ body }: Sent): Buffer {
  if (body.bytes !== undefined) return body.bytes
  throw new StatusError(413, `Request entity too large: limit is ${MAX_BODY_BYTES}`, {
    reason: 'RequestEntityTooLarge',
  })
}

/** A body as text; protobuf as the JSON that it stands for. Broken characters become U+FFFD. Throws 400, 413 and 415. */
export function textOf(request: Sent): string {
  const bytes = bytesOf(request)
  if (bytes.length === 0 || !isProtobuf(request)) return bytes.toString('utf8')
  return JSON.stringify(fromProtobuf(bytes, badRequest))
}

const isProtobuf = ({ headers }: Sent): boolean => mediaType(headers['content-type']) === PROTOBUF_TYPE
