/**
 * Bodies as objects: parsed, checked for kind and version, stripped of fields that the kind does not know. What was
 * stripped or doubled becomes a warning or a refusal, as `fieldValidation` says.
 */
import { bytesOf } from './body.ts'
import { decodeProblem, jsonKind } from './decodeProblem.ts'
import { apiVersionOf } from './encode.ts'
import { duplicateFields, type Literals, parseJson } from './json.ts'
import { metadataOf } from './metadata.ts'
import { bodyFormat } from './negotiate.ts'
import { fromProtobuf } from './protobuf/decode.ts'
import { goQuote } from './quote.ts'
import { findKind } from './registry.ts'
import type { Json, JsonObject, Readable } from './resource.ts'
import { prune } from './schema/prune.ts'
import type { ApiRequest, Server } from './server.ts'
import { badRequest } from './status.ts'
import { parseYamlText } from './yaml.ts'
import { yamlDuplicates } from './yamlDuplicates.ts'

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
  if (format === 'protobuf') {
    const body = bytesOf(request)
    const value = parseProtobuf(body, type)
    checkIdentity(server, value, body, type)
    return decodeObject(value, type, { validation })
  }
  const body = bytesOf(request)
  const text = body.toString('utf8')
  if (format === 'yaml') {
    const value = parseYamlObject(text, body, type)
    checkIdentity(server, value, body, type)
    return decodeObject(value, type, { validation, complaints: yamlComplaints(text, validation) })
  }
  const { object, literals } = parseObject(text, body, type)
  checkIdentity(server, object, body, type)
  const doubled = validation === 'Ignore' ? [] : duplicateFields(text, object)
  return decodeObject(object, type, { validation, doubled, literals })
}

/** Warnings are one for each doubled field; a refusal has go-yaml's words for all of them. */
function yamlComplaints(text: string, validation: FieldValidation): string[] {
  if (validation === 'Ignore') return []
  const found = yamlDuplicates(text)
  if (found.length === 0 || validation === 'Warn') return found
  return [`yaml: unmarshal errors:\n  ${found.join('\n  ')}`]
}

/** How a body's doubtful fields are taken. */
export interface Strictness {
  validation: FieldValidation
  /** Fields that the source had twice. */
  doubled?: readonly string[]
  /** How the source wrote its numbers. */
  literals?: Literals | undefined
  /** Complaints about the patch that made the object. */
  complaints?: readonly string[]
}

/**
 * The same for an object that was made here (by a patch). Throws 400, with the texts of decoding.
 */
export function decodeObject(object: JsonObject, type: Readable, how: Strictness): Decoded {
  const problem = decodeProblem(object, type, how.literals)
  if (problem !== undefined) throw badRequest(`${cannotBeHandled(object, type)}: ${problem}`)
  const pruned = unknownFields(object, type, how.complaints !== undefined)
  const unknown = pruned.map((path) => `unknown field ${goQuote(path)}`)
  // What a Go type does not know is not looked at again.
  const known = (how.doubled ?? []).filter(
    (path) => type.custom || !pruned.some((one) => isWithin(path, one)),
  )
  const doubled = known.map((path) => `duplicate field ${goQuote(path)}`)
  const found = type.custom ? [...doubled, ...unknown] : [...unknown, ...doubled]
  const strict = [...(how.complaints ?? []), ...found]
  if (strict.length > 0 && how.validation === 'Strict')
    throw badRequest(`${cannotBeHandled(object, type)}: strict decoding error: ${strict.join(', ')}`)
  return { object, warnings: how.validation === 'Warn' ? strict : [] }
}

const isWithin = (path: string, parent: string): boolean =>
  path.startsWith(parent) && (path.length === parent.length || /^[.[]/.test(path.slice(parent.length)))

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

const unrecognized = (type: Readable, why: string, body: Buffer) =>
  badRequest(
    `the object provided is unrecognized (must be of type ${type.kind}): ${why} (${summaryOf(body)})`,
  )

const unparsed = (type: Readable, why: string, body: Buffer) =>
  unrecognized(type, `couldn't get version/kind; json parse error: ${why}`, body)

/** The Go type that every body is first read as, as texts name it. */
export const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function parseObject(text: string, body: Buffer, type: Readable): { object: JsonObject; literals: Literals } {
  const parsed = parseJson(text, body)
  if (parsed.error !== undefined) {
    // Custom resources are read as they stand once their kind is known, and only then their numbers.
    if (type.custom && parsed.error.startsWith('json: cannot unmarshal number'))
      throw badRequest(`${cannotBeHandled({}, type)}: ${parsed.error}`)
    throw unparsed(type, parsed.error, body)
  }
  return { object: objectOf(parsed.value, body, type), literals: parsed.literals }
}

function objectOf(value: Json, body: Buffer, type: Readable): JsonObject {
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw unparsed(type, `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${TYPE_META}`, body)
  const { apiVersion, kind } = value
  for (const [field, found] of Object.entries({ apiVersion, kind }))
    if (found !== undefined && found !== null && typeof found !== 'string')
      throw unparsed(
        type,
        `json: cannot unmarshal ${jsonKind(found)} into Go struct field .${field} of type string`,
        body,
      )
  return value
}

const parseYamlObject = (text: string, body: Buffer, type: Readable): JsonObject =>
  objectOf(
    parseYamlText(text, (why) => unrecognized(type, why, body)),
    body,
    type,
  )

const parseProtobuf = (body: Buffer, type: Readable): JsonObject =>
  fromProtobuf(body, (why, named) =>
    named === undefined
      ? unrecognized(type, why, body)
      : badRequest(`${cannotBeHandled({ ...named }, type)}: ${why}`),
  )

const SUMMARY_BYTES = 30

/** The beginning of a body, as texts quote it: objects as they are, everything else in hexadecimal. */
function summaryOf(body: Buffer): string {
  if (body.length === 0) return '<empty>'
  const cut = body.subarray(0, SUMMARY_BYTES)
  const shown = cut.toString(cut.toString('latin1', 0, 1) === '{' ? 'utf8' : 'hex')
  return body.length > SUMMARY_BYTES ? `${shown} ...` : shown
}

/** Fills or checks `apiVersion` and `kind`. Throws 400. */
function checkIdentity(server: Server, object: JsonObject, body: Buffer, type: Readable): void {
  const expected = apiVersionOf(type)
  const kind = typeof object.kind === 'string' ? object.kind : ''
  const apiVersion = typeof object.apiVersion === 'string' ? object.apiVersion.replace(/^\/$/, '') : ''
  if (apiVersion.split('/').length > 2)
    throw unrecognized(type, `unexpected GroupVersion string: ${apiVersion}`, body)
  if (type.custom) {
    if (kind === '') throw unrecognized(type, `Object 'Kind' is missing in '${body.toString('utf8')}'`, body)
    if (apiVersion === expected) return
    const problem = decodeProblem(object, type)
    if (problem !== undefined) throw badRequest(`${cannotBeHandled(object, type)}: ${problem}`)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    )
  }
  const isFormer = type.formerVersions?.includes(apiVersion) === true
  const given = { apiVersion: isFormer ? expected : apiVersion || expected, kind: kind || type.kind }
  if (given.apiVersion !== expected || given.kind !== type.kind)
    throw badRequest(`${cannotBeHandled({ ...object, ...given }, type)}: ${mismatch(server, given, type)}`)
  object.apiVersion = expected
  object.kind = type.kind
}

const packageOf = (group: string): string => (group === '' ? 'core' : (group.split('.')[0] ?? group))

function mismatch(server: Server, given: { apiVersion: string; kind: string }, type: Readable): string {
  const version = given.apiVersion.split('/').at(-1)
  if (!isRegistered(server, given.apiVersion, given.kind))
    return `no kind "${given.kind}" is registered for version "${given.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`
  return `converting (${version}.${given.kind}) to (${packageOf(type.group)}.${type.kind}): unknown conversion`
}

/** Kinds of requests and answers, which Go's scheme has in every group. */
const EVERYWHERE = /^(Watch|InternalWatch)Event$|^(List|Get|Create|Update|Patch|Delete)Options$/
const IN_CORE = new Set(['List', 'Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList'])

/** Does Go's scheme know of a kind, though it may be none that is stored? */
function isRegistered({ registry }: Server, apiVersion: string, kind: string): boolean {
  if (findKind(registry, apiVersion, kind.replace(/(?<=.)List$/, ''))?.custom === false) return true
  if (apiVersion === 'v1') return IN_CORE.has(kind) || EVERYWHERE.test(kind)
  return EVERYWHERE.test(kind) && registry.builtinGroups.has(apiVersion.split('/')[0] ?? '')
}
