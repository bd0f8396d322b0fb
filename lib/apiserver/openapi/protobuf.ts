/**
 * The document of version 2 as protobuf, the form in which every client-go asks for it. What OpenAPI leaves open (a
 * reference or a parameter, a text or a list) has a message of its own around it there.
 */
import type { Json, JsonObject } from '../resource.ts'
import { isObject } from '../schema/equal.ts'
import { type Field, type Message, readMessages } from './messages.ts'

/** `document` is the one that JSON clients get. */
export function toProtobuf(document: JsonObject): Buffer {
  return messageOf(readMessages(), 'Document', document)
}

type Messages = ReadonlyMap<string, Message>

const VARINT = 0
const FIXED = 1
const BYTES = 2

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}

const head = (number: number, wire: number): Buffer => varint(number * 8 + wire)

const sized = (number: number, content: Buffer): Buffer =>
  Buffer.concat([head(number, BYTES), varint(content.length), content])

const text = (number: number, value: string): Buffer => sized(number, Buffer.from(value, 'utf8'))

/** A value of any form is text that a YAML parser reads; JSON is such text. */
const anyOf = (value: Json): Buffer => text(2, `${JSON.stringify(value)}\n`)

const named = (number: number, name: string, value: Buffer): Buffer =>
  sized(number, Buffer.concat([text(1, name), sized(2, value)]))

function messageOf(messages: Messages, name: string, value: Json): Buffer {
  const around = AROUND[name]
  if (around !== undefined) return around(messages, value)
  const message = messages.get(name)
  if (message === undefined || !isObject(value))
    throw new Error(`openapi: no message ${name} for ${typeof value}`)
  const parts = message.fields.flatMap((field) => fieldOf(messages, field, value))
  if (message.extensions !== undefined)
    for (const [key, one] of Object.entries(value))
      if (key.startsWith('x-')) parts.push(named(message.extensions, key, anyOf(one)))
  return Buffer.concat(parts)
}

function fieldOf(messages: Messages, field: Field, holder: JsonObject): Buffer[] {
  const { number, json, writing, isMany } = field
  if (writing.type === 'named')
    return Object.entries(holder).map(([key, one]) =>
      named(number, key, messageOf(messages, writing.message, one)),
    )
  const value = holder[json]
  if (value === undefined) return []
  const values = isMany && Array.isArray(value) ? value : [value]
  return values.map((one) => written(messages, number, writing, one))
}

function written(messages: Messages, number: number, writing: Field['writing'], value: Json): Buffer {
  switch (writing.type) {
    case 'string':
      return text(number, String(value))
    case 'bool':
      return Buffer.concat([head(number, VARINT), varint(value === true ? 1 : 0)])
    case 'int':
      return Buffer.concat([head(number, VARINT), varint(Number(value))])
    case 'double':
      return Buffer.concat([head(number, FIXED), double(Number(value))])
    case 'any':
      return sized(number, anyOf(value))
    default:
      return sized(number, messageOf(messages, writing.message, value))
  }
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

type Around = (messages: Messages, value: Json) => Buffer

const isReference = (value: Json): boolean => isObject(value) && value.$ref !== undefined

const parameter: Around = (messages, value) => {
  const place = isObject(value) ? value.in : undefined
  if (place === 'body') return sized(1, messageOf(messages, 'BodyParameter', value))
  const isPath = place === 'path'
  const inner = messageOf(messages, isPath ? 'PathParameter' : 'QueryParameter', value)
  return sized(2, sized(isPath ? 4 : 3, inner))
}

const textsOf = (value: Json): Buffer =>
  Buffer.concat((Array.isArray(value) ? value : [value]).map((one) => text(1, String(one))))

/** Messages that say which of several others they hold. */
const AROUND: Readonly<Record<string, Around>> = {
  ParametersItem: (messages, value) =>
    isReference(value)
      ? sized(2, messageOf(messages, 'JsonReference', value))
      : sized(1, parameter(messages, value)),
  Parameter: parameter,
  ResponseValue: (messages, value) => sized(1, messageOf(messages, 'Response', value)),
  SchemaItem: (messages, value) => sized(1, messageOf(messages, 'Schema', value)),
  ItemsItem: (messages, value) => sized(1, messageOf(messages, 'Schema', value)),
  AdditionalProperties: (messages, value) =>
    typeof value === 'boolean'
      ? Buffer.concat([head(2, VARINT), varint(value ? 1 : 0)])
      : sized(1, messageOf(messages, 'Schema', value)),
  TypeItem: (_messages, value) => textsOf(value),
  StringArray: (_messages, value) => textsOf(value),
  SecurityDefinition: (messages, value) => sized(2, messageOf(messages, 'ApiKeySecurity', value)),
}
