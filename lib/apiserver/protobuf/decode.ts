/**
 * Bodies in Kubernetes' protobuf as the JSON that they stand for. Only requests: answers are JSON, which such clients take
 * as well. A message or field that is not known is refused, never dropped.
 */
import { parseJson } from '../json.ts'
import type { Json, JsonObject } from '../resource.ts'
import { StatusError } from '../status.ts'
import { type Field, fieldsOf, messageOf } from './messages.ts'

/** `k8s` and a zero: what every body begins with. */
const MAGIC = 'k8s\0'

/** Names the object of a body where that much could be read. */
export interface Named {
  readonly apiVersion: string
  readonly kind: string
}

/** The object of a body. `refuse` words what is broken; 415 is thrown for what this server does not know. */
export function fromProtobuf(body: Buffer, refuse: (why: string, named?: Named) => Error): JsonObject {
  if (body.subarray(0, MAGIC.length).toString('latin1') !== MAGIC)
    throw refuse('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  if (body.length === MAGIC.length) throw refuse('empty body')
  let named: Named | undefined
  try {
    const unknown = readMessage('Unknown', body.subarray(MAGIC.length), asBuffer)
    const { apiVersion = '', kind = '' } = (unknown.typeMeta ?? {}) as Partial<Named>
    const raw = unknown.raw instanceof Buffer ? unknown.raw : Buffer.alloc(0)
    if (kind === '') throw new Malformed("Object 'Kind' is missing in 'k8s\0'")
    named = { apiVersion, kind }
    return { ...named, ...(readMessage(messageOf(apiVersion, kind), raw, asBase64) as JsonObject) }
  } catch (error) {
    if (error instanceof Malformed) throw refuse(error.message, named)
    throw error
  }
}

/** Bytes that are no protobuf, in the words of gogo/protobuf. */
class Malformed extends Error {}

const unsupported = (what: string) =>
  new StatusError(415, `the body's ${what} is not known to this server in protobuf: send application/json`, {
    reason: 'UnsupportedMediaType',
  })

/** The end of the year 9999: RFC 3339 has no later one. */
const MAX_SECONDS = 253_402_300_799

type Bytes = (bytes: Buffer) => unknown
const asBuffer: Bytes = (bytes) => bytes
const asBase64: Bytes = (bytes) => bytes.toString('base64')

interface Part {
  number: number
  /** Of a varint or fixed field. */
  scalar: number
  /** Of a delimited field. */
  bytes: Buffer | undefined
}

function readMessage(message: string, body: Buffer, bytes: Bytes): Record<string, unknown> {
  const fields = fieldsOf(message)
  if (fields === undefined) throw unsupported(`message ${message}`)
  const result: Record<string, unknown> = {}
  for (const part of readParts(body)) {
    const field = fields.get(part.number)
    if (field === undefined) throw unsupported(`field ${part.number} of ${message}`)
    if (field.shape === 'map') addToMap(result, field, part, bytes)
    else if (field.shape === 'list') addToList(result, field, part, bytes)
    else {
      const value = readValue(field.type, part, bytes)
      if (field.shape === 'inline') Object.assign(result, value)
      else if (value !== undefined) result[field.name] = value
    }
  }
  return result
}

function addToList(result: Record<string, unknown>, field: Field, part: Part, bytes: Bytes): void {
  const list = (result[field.name] ?? []) as unknown[]
  list.push(readValue(field.type, part, bytes))
  result[field.name] = list
}

/** A map's entry is a message with the key as its first field and the value as its second. */
function addToMap(result: Record<string, unknown>, field: Field, part: Part, bytes: Bytes): void {
  const parts = [...readParts(part.bytes ?? Buffer.alloc(0))]
  const key = parts.find(({ number }) => number === 1)?.bytes?.toString('utf8') ?? ''
  const found = parts.find(({ number }) => number === 2)
  const value = readValue(field.type, found ?? { number: 2, scalar: 0, bytes: Buffer.alloc(0) }, bytes)
  const map = (result[field.name] ?? {}) as Record<string, unknown>
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
  result[field.name] = map
}

function readValue(type: string, { scalar, bytes }: Part, asBytes: Bytes): unknown {
  if (type === 'int') return scalar
  if (type === 'bool') return scalar !== 0
  const body = bytes ?? Buffer.alloc(0)
  if (type === 'string') return body.toString('utf8')
  if (type === 'bytes') return asBytes(body)
  if (type === 'RawExtension' || type === 'FieldsV1') return readJson(type, body)
  return toJson(type, readMessage(type, body, asBytes) as JsonObject)
}

/** Messages that carry JSON as it is. */
function readJson(type: string, body: Buffer): Json | undefined {
  const { raw } = readMessage(type, body, asBuffer)
  if (!(raw instanceof Buffer) || raw.length === 0) return undefined
  const parsed = parseJson(raw.toString('utf8'))
  if (parsed.error !== undefined) throw new Malformed(parsed.error)
  return parsed.value
}

/** Messages that JSON writes as something simpler. */
function toJson(type: string, message: JsonObject): Json | undefined {
  switch (type) {
    case 'Quantity':
      return message.string ?? '0'
    case 'IntOrString':
      return message.type === 1 ? (message.strVal ?? '') : (message.intVal ?? 0)
    case 'ExtraValue':
      return message.items ?? []
    case 'Time':
      return timeOf(message)?.replace(/\..*/, 'Z')
    case 'MicroTime':
      return timeOf(message)
    default:
      return message
  }
}

/** With six digits behind the seconds. The zero time of a typed client means that it set none. */
function timeOf({ seconds, nanos }: JsonObject): string | undefined {
  const whole = typeof seconds === 'number' ? seconds : 0
  const micros = typeof nanos === 'number' ? Math.floor(nanos / 1000) : 0
  if (whole > MAX_SECONDS) throw new Malformed('a time is out of range')
  if (whole <= 0) return undefined
  const text = new Date(whole * 1000).toISOString().slice(0, 19)
  return `${text}.${String(micros).padStart(6, '0')}Z`
}

function* readParts(body: Buffer): Generator<Part> {
  let at = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = body[at++]
      if (byte === undefined) throw new Malformed('unexpected EOF')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(BigInt.asIntN(64, value))
    }
    throw new Malformed('proto: integer overflow')
  }
  while (at < body.length) {
    const tag = varint()
    const wire = tag & 7
    const number = tag >>> 3
    if (wire === 0) yield { number, scalar: varint(), bytes: undefined }
    else if (wire === 2) {
      const length = varint()
      if (length < 0) throw new Malformed('proto: negative length found during unmarshaling')
      if (at + length > body.length) throw new Malformed('unexpected EOF')
      yield { number, scalar: 0, bytes: body.subarray(at, at + length) }
      at += length
    } else throw new Malformed(`proto: illegal wireType ${wire}`)
  }
}
