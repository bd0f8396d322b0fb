/**
 * What a client will take (`Accept`) and what it sent (`Content-Type`). Objects leave as JSON or YAML, whole, as a Table or
 * as metadata only; the texts of 406 and 415 differ between built-in and custom kinds, as they do in the real server.
 */
import type { ResourceType } from './resource.ts'
import { StatusError } from './status.ts'

/** The form of an answer. */
export interface Form {
  as: 'object' | 'table' | 'metadata'
  yaml: boolean
  /** What a row of a Table carries; from the query. */
  include?: Include
}

export type Include = 'None' | 'Metadata' | 'Object'

/** A clause of an Accept header. */
export interface Clause {
  type: string
  parameters: Record<string, string>
}

const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
const BASIC = [JSON_TYPE, YAML_TYPE, 'application/vnd.kubernetes.protobuf']
const STREAM = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

/** The clauses in order of preference (q, then position). */
export function parseAccept(header: string | undefined): Clause[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: {} }]
  const clauses = header.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim())
    const parameters: Record<string, string> = {}
    for (const piece of rest) {
      const at = piece.indexOf('=')
      if (at > 0) parameters[piece.slice(0, at)] = piece.slice(at + 1)
    }
    return { type: type.toLowerCase(), parameters }
  })
  const quality = (clause: Clause) => Number(clause.parameters.q ?? 1)
  return clauses.sort((one, other) => quality(other) - quality(one))
}

const WHOLE: Form = { as: 'object', yaml: false }

/**
 * The form of an answer about objects of `type`. Throws 406. `isList` says what the answer is, so that a request for the
 * metadata of a list names the list form; undefined (a watch) takes either.
 */
export function negotiate(header: string | undefined, type: ResourceType, isList: boolean | undefined): Form {
  if (header === undefined || header === JSON_TYPE || header === '*/*') return WHOLE
  const clauses = parseAccept(header)
  if (!type.custom) refuseUnroutable(clauses, isList ?? true)
  for (const clause of clauses) {
    const yaml = clause.type === YAML_TYPE
    if (!yaml && clause.type !== JSON_TYPE && clause.type !== '*/*' && clause.type !== 'application/*')
      continue
    const as = clause.parameters.as
    if (as === undefined) return { as: 'object', yaml }
    const form = transformOf(clause.parameters)
    if (form === undefined || (form === 'table' && type.columns.length === 0)) continue
    if (form === 'metadata' && isList !== undefined) checkListness(as, type, isList)
    return { as: form, yaml }
  }
  throw new StatusError(406, `only the following media types are accepted: ${BASIC.join(', ')}`, {
    reason: 'NotAcceptable',
  })
}

/** Built-in paths are refused before their handler when no clause names a type that they produce. */
function refuseUnroutable(clauses: readonly Clause[], isList: boolean): void {
  if (clauses.some((clause) => clause.type === '*/*' || BASIC.includes(clause.type))) return
  const offered = isList ? [...BASIC, ...STREAM] : BASIC
  throw new StatusError(406, `406: Not Acceptable\n\nAvailable representations: ${offered.join(', ')}`, {
    reason: 'NotAcceptable',
    details: {},
  })
}

function transformOf(parameters: Readonly<Record<string, string>>): 'table' | 'metadata' | undefined {
  if (parameters.g !== 'meta.k8s.io' || (parameters.v !== 'v1' && parameters.v !== 'v1beta1'))
    return undefined
  if (parameters.as === 'Table') return 'table'
  if (parameters.as === 'PartialObjectMetadata' || parameters.as === 'PartialObjectMetadataList')
    return 'metadata'
  return undefined
}

function checkListness(as: string, type: ResourceType, isList: boolean): void {
  const wantsList = as === 'PartialObjectMetadataList'
  if (wantsList === isList) return
  const holder = type.custom ? 'unstructured' : type.group === '' ? 'core' : type.group.split('.')[0]
  const name = type.custom ? 'Unstructured' : type.kind
  throw new StatusError(
    406,
    isList
      ? `you requested ${as}, but the requested object is a list (*${holder}.${name}List)`
      : `you requested ${as}, but the requested object is not a list (*${holder}.${name})`,
    { reason: 'NotAcceptable' },
  )
}

/** The media type of a body without its parameters; JSON where none is given. */
export const mediaType = (header: string | undefined): string =>
  header === undefined || header === '' ? JSON_TYPE : (header.split(';')[0] ?? '').trim().toLowerCase()

/** The form of a body that carries an object. Throws 415. */
export function bodyFormat(header: string | undefined): 'json' | 'yaml' {
  const type = mediaType(header)
  if (type === JSON_TYPE) return 'json'
  if (type === YAML_TYPE) return 'yaml'
  throw new StatusError(
    415,
    `the body of the request was in an unknown format - accepted media types include: ${BASIC.join(', ')}`,
    { reason: 'UnsupportedMediaType' },
  )
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

const PATCHES: Record<string, PatchType> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** How a PATCH is meant. Throws 415; custom kinds have no strategic merge. */
export function patchType(header: string | undefined, type: ResourceType): PatchType {
  const media = mediaType(header)
  const patch = Object.hasOwn(PATCHES, media) ? PATCHES[media] : undefined
  if (patch !== undefined && !(type.custom && patch === 'strategic')) return patch
  if (!type.custom)
    throw new StatusError(415, '415: Unsupported Media Type', { reason: 'UnsupportedMediaType', details: {} })
  const accepted = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'
  throw new StatusError(
    415,
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    { reason: 'UnsupportedMediaType' },
  )
}
