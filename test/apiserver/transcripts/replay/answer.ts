/** An answer of the server as transcripts see it: its status, two of its headers, and its body as JSON where it is JSON. */
import type { IncomingMessage } from 'node:http'
import { type Json, parseJson } from './json.ts'
import { lookup, mask } from './pointer.ts'
import type { Expected } from './scenario.ts'

export interface Answer {
  readonly status: number
  /** `content-type`, and `warning` as a list in order; absent ones are left out. */
  readonly headers: Record<string, Json>
  /** Undefined for an empty one. */
  readonly body: Json | undefined
}

/** The answer that a message is the head of. */
export const toAnswer = (message: IncomingMessage, text: string): Answer => ({
  status: message.statusCode ?? 0,
  headers: headersOf(message),
  body: bodyOf(message, text),
})

/** Reads a message to its end. */
export async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  // Characters may be cut between two chunks.
  return Buffer.concat(chunks).toString('utf8')
}

function headersOf({ headers, rawHeaders }: IncomingMessage): Record<string, Json> {
  const type = headers['content-type']
  const warnings = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'warning',
  )
  return {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(warnings.length === 0 ? {} : { warning: warnings }),
  }
}

function bodyOf({ headers }: IncomingMessage, text: string): Json | undefined {
  if (text === '') return undefined
  // An OpenAPI index is sent as text, though it is JSON.
  const isJson = /json/.test(headers['content-type'] ?? '') || text.startsWith('{')
  return isJson ? (parseJson(text) ?? text) : text
}

/** What of an answer is looked at. */
export type Looked = Pick<Expected, 'pick' | 'mask' | 'bodyIgnored'>

/**
 * The part of an answer that is compared and recorded: all of its body, masked; or only the picked places that are there; or
 * nothing of it. `resolve` puts values in place of the tokens of a pointer.
 */
export function shape(
  { status, headers, body }: Answer,
  { pick, mask: masks, bodyIgnored }: Looked,
  resolve = (pointer: string) => pointer,
): Pick<Expected, 'status' | 'headers' | 'body' | 'pick'> {
  if (pick !== undefined) return { status, headers, pick: picked(body, Object.keys(pick), resolve) }
  if (bodyIgnored !== undefined || body === undefined) return { status, headers }
  return { status, headers, body: mask(body, masks) }
}

function picked(
  body: Json | undefined,
  pointers: readonly string[],
  resolve: (pointer: string) => string,
): Record<string, Json> {
  const found: Record<string, Json> = {}
  for (const pointer of pointers) {
    const value = lookup(body, resolve(pointer))
    if (value !== undefined) found[pointer] = value
  }
  return found
}
