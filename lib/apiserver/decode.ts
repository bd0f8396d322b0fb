/**
 * Bodies as objects: parsed, checked for kind and version, stripped of fields that the kind does not know. What was
 * stripped or doubled becomes a warning or a refusal, as `fieldValidation` says.
 */
import { decodeProblem, jsonKind } from './decodeProblem.ts'
import { apiVersionOf } from './encode.ts'
import { duplicateFields, parseJson } from './json.ts'
import { metadataOf } from './metadata.ts'
import { bodyFormat } from './negotiate.ts'
import { findKind } from './registry.ts'
import type { JsonObject, Readable } from './resource.ts'
import { prune } from './schema/prune.ts'
import type { ApiRequest, Server } from './server.ts'
import { badRequest } from './status.ts'
import { parseYamlText } from './yaml.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** A body as an object, with what was wrong but not refused. */
export interface Decoded {
  object: JsonObject
  warnings: string[]
}

/** The object of a POST or PUT. Throws 400 and 415. */
export function decodeBody(
  server: Server,
  request: ApiRequest,
  type: Readable,
  validation: FieldValidation,
): Decoded {
  const format = bodyFormat(request.headers['content-type'])
  const value = format === 'json' ? parseObject(request.body, type) : parseYamlObject(request.body, type)
  checkIdentity(server, value, type)
  const doubled = format === 'json' && validation !== 'Ignore' ? duplicateFields(request.body, value) : []
  return decodeObject(value, type, { validation, doubled })
}

/** How a body's doubtful fields are taken. */
export interface Strictness {
  validation: FieldValidation
  /** Fields that the source had twice. */
  doubled?: readonly string[]
  /** Complaints about the patch that made the object. */
  complaints?: readonly string[]
}

/**
 * The same for an object that was made here (by a patch). Throws 400, with the texts of decoding.
 */
export function decodeObject(object: JsonObject, type: Readable, how: Strictness): Decoded {
  const problem = decodeProblem(object, type)
  if (problem !== undefined) throw badRequest(`${cannotBeHandled(object, type)}: ${problem}`)
  const unknown = unknownFields(object, type, how.complaints !== undefined).map(
    (path) => `unknown field ${JSON.stringify(path)}`,
  )
  const doubled = (how.doubled ?? []).map((path) => `duplicate field ${JSON.stringify(path)}`)
  const found = type.custom ? [...doubled, ...unknown] : [...unknown, ...doubled]
  const strict = [...(how.complaints ?? []), ...found]
  if (strict.length > 0 && how.validation === 'Strict')
    throw badRequest(`${cannotBeHandled(object, type)}: strict decoding error: ${strict.join(', ')}`)
  return { object, warnings: how.validation === 'Warn' ? strict : [] }
}

/** Takes out what the kind does not know, and tells its paths. */
export function unknownFields(object: JsonObject, type: Readable, isPatched: boolean): string[] {
  const { managedFields } = metadataOf(object)
  const { unknown } = prune(object, type.schema)
  unknown.push(...(type.dropUnknown?.(object) ?? []))
  // An empty list asks for all managers to be forgotten: it must not pass for an absent one.
  if (Array.isArray(managedFields) && managedFields.length === 0) metadataOf(object).managedFields = []
  if (type.custom) return inOrder(unknown)
  // What a patch made was a Go map, whose keys are sorted.
  return isPatched ? unknown.sort(byPath) : unknown
}

const META = /(^|\.)metadata\./

/** Of custom resources: metadata, then everything else by path, then the metadata of objects inside. */
const inOrder = (unknown: readonly string[]): string[] => {
  const rank = (path: string): number => (path.startsWith('metadata.') ? 0 : META.test(path) ? 2 : 1)
  return [...unknown].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

function byPath(one: string, other: string): number {
  const names = one.split('.')
  const others = other.split('.')
  const at = names.findIndex((name, index) => name !== others[index])
  if (at < 0) return names.length - others.length
  return (names[at] ?? '') < (others[at] ?? '') ? -1 : 1
}

const cannotBeHandled = (object: JsonObject, type: Readable): string => {
  const kind = typeof object.kind === 'string' ? object.kind : type.kind
  const apiVersion = typeof object.apiVersion === 'string' ? object.apiVersion : apiVersionOf(type)
  return `${kind} in version "${apiVersion.split('/').at(-1)}" cannot be handled as a ${type.kind}`
}

const unrecognized = (type: Readable, why: string, text: string) =>
  badRequest(
    `the object provided is unrecognized (must be of type ${type.kind}): couldn't get version/kind; json parse error: ${why} (${summaryOf(text)})`,
  )

/** The Go type that every body is first read as, as texts name it. */
export const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function parseObject(text: string, type: Readable): JsonObject {
  const parsed = parseJson(text)
  if (parsed.error !== undefined) {
    // Custom resources are read as they stand once their kind is known, and only then their numbers.
    if (type.custom && parsed.error.startsWith('json: cannot unmarshal number'))
      throw badRequest(`${cannotBeHandled({}, type)}: ${parsed.error}`)
    throw unrecognized(type, parsed.error, text)
  }
  const { value } = parsed
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw unrecognized(
      type,
      `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${TYPE_META}`,
      text,
    )
  return value
}

function parseYamlObject(text: string, type: Readable): JsonObject {
  const value = parseYamlText(text, (why) => unrecognized(type, why, text))
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unrecognized(type, 'yaml is no object', text)
  return value
}

const SUMMARY_BYTES = 30

/** The beginning of a body, as texts quote it: objects as they are, everything else in hexadecimal. */
function summaryOf(text: string): string {
  if (text === '') return '<empty>'
  const bytes = Buffer.from(text)
  const cut = bytes.subarray(0, SUMMARY_BYTES)
  const shown = text.startsWith('{') ? cut.toString('utf8') : cut.toString('hex')
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown
}

/** Fills or checks `apiVersion` and `kind`. Throws 400. */
function checkIdentity(server: Server, object: JsonObject, type: Readable): void {
  const expected = apiVersionOf(type)
  const apiVersion = typeof object.apiVersion === 'string' ? object.apiVersion : ''
  const kind = typeof object.kind === 'string' ? object.kind : ''
  if (type.custom) {
    if (apiVersion !== expected)
      throw badRequest(
        `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
      )
    return
  }
  const given = { apiVersion: apiVersion || expected, kind: kind || type.kind }
  if (given.apiVersion !== expected || given.kind !== type.kind)
    throw badRequest(`${cannotBeHandled({ ...object, ...given }, type)}: ${mismatch(server, given, type)}`)
  object.apiVersion = expected
  object.kind = type.kind
}

const packageOf = (group: string): string => (group === '' ? 'core' : (group.split('.')[0] ?? group))

function mismatch(server: Server, given: { apiVersion: string; kind: string }, type: Readable): string {
  const version = given.apiVersion.split('/').at(-1)
  if (findKind(server.registry, given.apiVersion, given.kind) === undefined)
    return `no kind "${given.kind}" is registered for version "${given.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`
  return `converting (${version}.${given.kind}) to (${packageOf(type.group)}.${type.kind}): unknown conversion`
}
