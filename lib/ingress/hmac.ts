/**
 * Batches signed with a shared key: `Authorization: Fairlead-HMAC-SHA256 keyid=<sender>/<id>, timestamp=<seconds>,
 * signature=<base64url>` over key id, time, how the body is to be read, and body. Within its window a batch can be sent again by whoever saw it, which does
 * nothing that its first arrival did not.
 */
import type { Clock } from '../clock.ts'
import { type Bytes, macOf, macVerifier } from '../mac.ts'
import type { Sender } from './senders.ts'

const SCHEME = 'Fairlead-HMAC-SHA256'
const HEADER = new RegExp(
  `^${SCHEME} keyid=([a-z0-9.-]{1,63}/[a-z0-9]{1,16}), ?timestamp=(\\d{1,12}), ?signature=([A-Za-z0-9_-]{43})$`,
)

/** How far the clocks of sender and ingress, and the way between them, may be apart. */
const WINDOW_SECONDS = 300

/** A key as the sender of batches holds it. */
export interface SigningKey {
  /** `<sender>/<id>` as FAIRLEAD_INGRESS names them. */
  readonly id: string
  readonly secret: Bytes
}

export interface Signed {
  readonly body: Uint8Array
  /** How the body is to be read: the same bytes, read otherwise, would be another batch. */
  readonly format: string
}

/** Whether an Authorization header is a signature, right or wrong. It covers no other header. */
export const isSignature = (header: string): boolean => header.startsWith(SCHEME)

function messageOf(keyId: string, timestamp: string, { body, format }: Signed): Bytes {
  const head = new TextEncoder().encode(`fairlead ingress v1|${keyId}|${timestamp}|${format}|`)
  const message = new Uint8Array(head.length + body.length)
  message.set(head)
  message.set(body, head.length)
  return message
}

/** The Authorization header of a body. `now` in milliseconds. */
export async function signatureOf({ id, secret }: SigningKey, signed: Signed, now: number): Promise<string> {
  const timestamp = String(Math.floor(now / 1000))
  const signature = await macOf(secret, messageOf(id, timestamp, signed))
  return `${SCHEME} keyid=${id}, timestamp=${timestamp}, signature=${signature}`
}

/** Tells who signed a body, or undefined: another scheme, a key that is not live, another body or format, outside the window. */
export function hmacVerifier(
  senders: readonly Sender[],
  clock: Clock,
): (header: string, signed: Signed) => Promise<Sender | undefined> {
  const owners = new Map<string, Sender>()
  const keys = new Map<string, Bytes>()
  for (const sender of senders)
    for (const [id, secret] of Object.entries(sender.hmac?.keys ?? {})) {
      owners.set(`${sender.name}/${id}`, sender)
      keys.set(`${sender.name}/${id}`, secret)
    }
  const isRight = macVerifier(keys)
  return async (header, signed) => {
    const [, keyId, timestamp, mac] = HEADER.exec(header) ?? []
    if (keyId === undefined || timestamp === undefined || mac === undefined) return undefined
    if (Math.abs(clock.now() / 1000 - Number(timestamp)) > WINDOW_SECONDS) return undefined
    return (await isRight({ keyId, mac, message: messageOf(keyId, timestamp, signed) }))
      ? owners.get(keyId)
      : undefined
  }
}
