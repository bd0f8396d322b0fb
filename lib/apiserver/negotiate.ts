/**
 * What a client will take (`Accept`) and what it sent (`Content-Type`). Objects leave as JSON or YAML, whole, as a Table or
 * as metadata only; the texts of 406 and 415 differ between built-in and custom kinds, as they do in the real server.
 */
import type { ResourceType } from './resource.ts'
import { StatusError } from './status.ts'

/** The form of an answer. */
export interface Form {
  as: 'object' | 'table' | 'metadata' | 'metadataList'
  yaml: boolean
  /** Of `meta.k8s.io`, for Tables and metadata. */
  version?: MetaVersion
  /** What a row of a Table carries, as it was asked for: see {@link includeOf}. */
  include?: string
}

export type MetaVersion = 'v1' | 'v1beta1'

/** A clause of an Accept header. */
export interface Clause {
  type: string
  parameters: Record<string, string>
}

const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf'
const BASIC = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE]
const STREAM = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

/** The clauses in order of preference: quality first, wildcards last; what is no media type is left out. */
export function parseAccept(header: string | undefined): Clause[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: {} }]
  const clauses = header.split(',').flatMap(parseClause)
  // Step by step as the original sorts: its order is none that a comparison alone would give.
  for (let at = 1; at < clauses.length; at++)
    for (let place = at; place > 0; place--) {
      const [one, other] = [clauses[place - 1], clauses[place]]
      if (one === undefined || other === undefined || !isPreferred(other, one)) break
      clauses[place - 1] = other
      clauses[place] = one
    }
  return clauses
}

function parseClause(part: string): Clause[] {
  const [type = '', ...rest] = part.split(';').map((piece) => piece.trim())
  if (type !== '*' && !/^[^/]+\/[^/]+$/.test(type)) return []
  const parameters: Record<string, string> = {}
  for (const piece of rest) {
    const [name = '', value = '', ...more] = piece.split('=')
    if (value !== '' && more.length === 0) parameters[name.trim()] = value.trim()
  }
  return [{ type, parameters }]
}

function isPreferred(one: Clause, other: Clause): boolean {
  const quality = ({ parameters: { q = '1' } }: Clause) => Number.parseFloat(q) || 0
  if (quality(one) > quality(other)) return true
  const isAny = ({ type }: Clause) => type.startsWith('*')
  const isWide = ({ type }: Clause) => type.endsWith('*')
  return (!isAny(one) && isAny(other)) || (!isWide(one) && isWide(other))
}

/** What JSON fits. A lonely star is taken for both of its halves, where the router has not refused it before. */
const JSON_CLAUSES = new Set([JSON_TYPE, '*/*', 'application/*', '*'])

const WHOLE: Form = { as: 'object', yaml: false }

/** The form of an answer about objects of `type`. Throws 406. `isList` says that a list or a stream is asked for. */
export function negotiate(header: string | undefined, type: ResourceType, isList: boolean): Form {
  if (header === undefined || header === JSON_TYPE || header === '*/*') return WHOLE
  const clauses = parseAccept(header)
  if (!type.custom) refuseUnroutable(clauses, isList)
  for (const { type: media, parameters } of clauses) {
    const yaml = media === YAML_TYPE
    if (!yaml && !JSON_CLAUSES.has(media)) continue
    const { stream = 'watch', sv = '' } = parameters
    const isServed = stream === 'watch' && (sv === '' || sv === 'v1')
    const form = isServed ? transformOf(parameters) : undefined
    if (form === undefined || (form.as === 'table' && type.columns.length === 0)) continue
    return { yaml, ...form }
  }
  throw notAcceptable()
}

/**
 * The form of a document that is no object: JSON or YAML. Throws 406. Routed paths are refused in other words when no clause
 * names a type that they produce.
 */
export function negotiateDocument(header: string | undefined, isRouted: boolean): 'json' | 'yaml' {
  const clauses = parseAccept(header)
  if (isRouted) refuseUnroutable(clauses, false)
  for (const { type, parameters } of clauses) {
    if (['as', 'g', 'v', 'sv'].some((name) => parameters[name] !== undefined)) continue
    if (type === YAML_TYPE) return 'yaml'
    if (type === JSON_TYPE || type === '*/*' || type === 'application/*') return 'json'
  }
  throw notAcceptable()
}

const notAcceptable = () =>
  new StatusError(406, `only the following media types are accepted: ${BASIC.join(', ')}`, {
    reason: 'NotAcceptable',
  })

/** Built-in paths are refused before their handler when no clause names a type that they produce. */
function refuseUnroutable(clauses: readonly Clause[], isList: boolean): void {
  if (clauses.some((clause) => clause.type === '*/*' || BASIC.includes(clause.type))) return
  const offered = isList ? [...BASIC, ...STREAM] : BASIC
  throw new StatusError(406, `406: Not Acceptable\n\nAvailable representations: ${offered.join(', ')}`, {
    reason: 'NotAcceptable',
    details: {},
  })
}

const TRANSFORMS: ReadonlyMap<string, Form['as']> = new Map([
  ['Table', 'table'],
  ['PartialObjectMetadata', 'metadata'],
  ['PartialObjectMetadataList', 'metadataList'],
])

function transformOf({ as, g, v }: Readonly<Record<string, string>>): Omit<Form, 'yaml'> | undefined {
  if (as === undefined && g === undefined && v === undefined) return { as: 'object' }
  const form = TRANSFORMS.get(as ?? '')
  if (form === undefined || g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined
  return { as: form, version: v }
}

/** Refuses the metadata of one object for a list, and the other way round. */
export function checkListness(form: Form, type: ResourceType, isList: boolean): void {
  if (form.as !== (isList ? 'metadata' : 'metadataList')) return
  if (type.custom && !isList) throw new StatusError(500, 'content is not a list')
  const holder = type.custom ? 'unstructured' : type.group === '' ? 'core' : type.group.split('.')[0]
  const name = type.custom ? 'Unstructured' : type.kind
  throw new StatusError(
    406,
    isList
      ? `you requested PartialObjectMetadata, but the requested object is a list (*${holder}.${name}List)`
      : `you requested PartialObjectMetadataList, but the requested object is not a list (*${holder}.${name})`,
    { reason: 'NotAcceptable' },
  )
}

/** The media type of a body without its parameters; JSON where none is given. */
export const mediaType = (header: string | undefined): string =>
  header === undefined || header === '' ? JSON_TYPE : (header.split(';')[0] ?? '').trim().toLowerCase()

/** Parameters that mime.ParseMediaType takes: a broken one makes the whole header unreadable. */
const PARAMETERS = /^[^;]*(;\s*[\w!#$%&'*+\-.^`|~]+\s*=\s*([\w!#$%&'*+\-.^`|~]+|"([^"\\]|\\.)*")\s*)*;?\s*$/

/** The form of a body that carries an object. Throws 415. */
export function bodyFormat(header: string | undefined): 'json' | 'yaml' | 'protobuf' {
  const type = header === undefined || PARAMETERS.test(header) ? mediaType(header) : ''
  if (type === JSON_TYPE) return 'json'
  if (type === YAML_TYPE) return 'yaml'
  if (type === PROTOBUF_TYPE) return 'protobuf'
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
