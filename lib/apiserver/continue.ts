/**
 * Continue tokens: where a paged list goes on, and of which revision. Clients may make them up, and what the real server
 * says of those is said here (k8s.io/apiserver/pkg/storage/continue.go).
 */
import { posix } from 'node:path'
import { jsonKind } from './decodeProblem.ts'
import { syntaxErrorIn } from './jsonSyntax.ts'
import type { Json, JsonObject } from './resource.ts'
import { badRequest } from './status.ts'

/** A place in a list. */
export interface Token {
  /** Below 0: whatever is newest. */
  readonly revision: number
  /** The first key that may follow, without the prefix of what is listed. */
  readonly start: string
}

const VERSION = 'meta.k8s.io/v1'

export const encodeToken = ({ revision, start }: Token): string =>
  Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start })).toString('base64url')

/** Throws 400. */
export function decodeToken(text: string): Token {
  const { v = '', rv = 0, start = '' } = fieldsOf(jsonOf(bytesOf(text)))
  if (v !== VERSION) throw bad(`server does not recognize this encoded version ${v}`)
  if (rv === 0) throw bad(`incorrect encoded start resourceVersion (version ${VERSION})`)
  if (start === '') throw bad(`encoded start key empty (version ${VERSION})`)
  const key = start.startsWith('/') ? start : `/${start}`
  // Nothing above what is listed may be reached.
  if (cleaned(key) !== key) throw bad(start)
  return { revision: rv, start: key.slice(1) }
}

const bad = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)

/** Go's path.Clean, for paths that begin at the root. */
function cleaned(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

function bytesOf(text: string): Buffer {
  const strange = /[^A-Za-z0-9_\-\r\n]/.exec(text)
  const isCut = text.replace(/[\r\n]/g, '').length % 4 === 1
  if (strange === null && !isCut) return Buffer.from(text, 'base64url')
  throw bad(`illegal base64 data at input byte ${strange?.index ?? text.length - 1}`)
}

function jsonOf(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json
  } catch {
    throw bad(syntaxErrorIn(bytes))
  }
}

interface Fields {
  v?: string
  rv?: number
  start?: string
}

/** `null` says nothing, of the whole and of each field. */
function fieldsOf(given: Json): Fields {
  if (given === null) return {}
  if (typeof given !== 'object' || Array.isArray(given))
    throw bad(`json: cannot unmarshal ${jsonKind(given)} into Go value of type storage.continueToken`)
  // Go takes names in any case.
  const token = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  const v = textOf(token, 'v')
  const rv = integerOf(token)
  const start = textOf(token, 'start')
  return {
    ...(v !== undefined && { v }),
    ...(rv !== undefined && { rv }),
    ...(start !== undefined && { start }),
  }
}

const misfit = (value: Json, field: string, type: string, shown = jsonKind(value)) =>
  bad(`json: cannot unmarshal ${shown} into Go struct field continueToken.${field} of type ${type}`)

function textOf(token: JsonObject, field: 'v' | 'start'): string | undefined {
  const value = token[field] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw misfit(value, field, 'string')
}

function integerOf(token: JsonObject): number | undefined {
  const value = token.rv ?? undefined
  if (value === undefined || Number.isInteger(value)) return value as number | undefined
  throw misfit(value, 'rv', 'int64', typeof value === 'number' ? `number ${value}` : undefined)
}
