/**
 * Validation of `metadata`, the same for every kind. What the request itself demands (name and namespace of the path,
 * resourceVersion, uid preconditions) is not looked at here.
 */

import type { Json, JsonObject, NameFormat, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from './equal.ts'
import {
  labelProblems,
  labelValueProblems,
  pathProblems,
  qualifiedProblems,
  subdomainProblems,
} from './names.ts'
import { forbidden, immutable, invalid, invalidPrinted, required } from './problem.ts'

/** Total of keys and values of annotations in bytes (apimachinery, TotalAnnotationSizeLimitB). */
const maxAnnotationBytes = 256 * 1024

/**
 * Everything wrong with the metadata of an object that is created (`before` absent) or updated. An update looks at it twice
 * for every kind (as a whole, and at what changed), and again as the kind does: the same problem comes that often.
 */
export const validateMetadata = (
  object: JsonObject,
  before: JsonObject | undefined,
  type: ResourceType,
  subresource = '',
): Problem[] => {
  const metadata = objectAt(object, 'metadata')
  const { standardFinalizers, again, status } = type.metadataRules
  const whole = commonProblems(metadata, 'metadata')
  const finalizers = standardFinalizers ? unknownFinalizers(listAt(metadata, 'finalizers')) : []
  if (before === undefined) return [...nameProblems(metadata, type.nameFormat), ...whole, ...finalizers]
  const changes = [...changeProblems(metadata, objectAt(before, 'metadata')), ...keptProblems(metadata)]
  const looks = subresource === 'status' ? status : again
  return [
    ...whole,
    ...changes,
    ...(looks === 'changes' || looks === 'both' ? [...changes, ...finalizers] : []),
    ...(looks === 'whole' || looks === 'both' ? [...whole, ...finalizers] : []),
  ]
}

/** Labels, annotations, finalizers, owners: also for the metadata of templates and embedded objects, at `field`. */
export const commonProblems = (metadata: JsonObject, field: string): Problem[] => [
  ...generationProblems(metadata, field),
  ...labelsProblems(objectAt(metadata, 'labels'), `${field}.labels`),
  ...annotationsProblems(objectAt(metadata, 'annotations'), `${field}.annotations`),
  ...ownersProblems(listAt(metadata, 'ownerReferences'), `${field}.ownerReferences`),
  ...finalizersProblems(listAt(metadata, 'finalizers'), `${field}.finalizers`),
]

/** What is looked at again together with changes: everything but finalizers. */
const keptProblems = (metadata: JsonObject): Problem[] =>
  commonProblems({ ...metadata, finalizers: [] }, 'metadata')

const nameRules: Record<NameFormat, (name: string) => string[]> = {
  subdomain: subdomainProblems,
  label: labelProblems,
  path: pathProblems,
  any: () => [],
}

const nameProblems = (metadata: JsonObject, format: NameFormat): Problem[] => {
  const rule = nameRules[format]
  const name = stringAt(metadata, 'name')
  const generateName = stringAt(metadata, 'generateName')
  const generated = generateName === '' ? [] : rule(masked(generateName))
  const problems = generated.map((text) => invalid('metadata.generateName', generateName, text))
  if (name === '') return [...problems, required('metadata.name', 'name or generateName is required')]
  return [...problems, ...rule(name).map((text) => invalid('metadata.name', name, text))]
}

/** A prefix may end in a dash, as a letter will follow. */
const masked = (prefix: string): string =>
  prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix

const generationProblems = (metadata: JsonObject, field: string): Problem[] => {
  const generation = numberAt(metadata, 'generation') ?? 0
  if (generation >= 0) return []
  return [invalid(`${field}.generation`, generation, 'must be greater than or equal to 0')]
}

/** A map of labels, wherever it stands. */
export const labelsProblems = (labels: JsonObject, field: string): Problem[] =>
  Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedProblems(key).map((text) => invalid(field, key, text)),
    ...labelValueProblems(String(value)).map((text) => invalid(field, value, text)),
  ])

/** A map of annotations, wherever it stands. */
export const annotationsProblems = (annotations: JsonObject, field: string): Problem[] => {
  const problems = Object.keys(annotations).flatMap((key) =>
    qualifiedProblems(key.toLowerCase()).map((text) => invalid(field, key, text)),
  )
  const bytes = Object.entries(annotations).reduce(
    (total, [key, value]) => total + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  )
  if (bytes <= maxAnnotationBytes) return problems
  const tooLong = `Too long: may not be more than ${maxAnnotationBytes} bytes`
  return [...problems, { reason: 'FieldValueTooLong', field, message: tooLong }]
}

const finalizersProblems = (finalizers: Json[], field: string): Problem[] => {
  const problems = finalizers
    .map(String)
    .flatMap((finalizer) => qualifiedProblems(finalizer).map((text) => invalid(field, finalizer, text)))
  if (!finalizers.includes('orphan') || !finalizers.includes('foregroundDeletion')) return problems
  const both = 'finalizer orphan and foregroundDeletion cannot be both set'
  return [...problems, invalid(field, finalizers, both)]
}

/** Most built-in kinds want the domain of whoever takes care of a finalizer that is not Kubernetes' own. */
const unknownFinalizers = (finalizers: Json[]): Problem[] =>
  finalizers.map(String).flatMap((finalizer, index) => {
    if (finalizer.includes('/') || isStandardFinalizer(finalizer)) return []
    const text = 'name is neither a standard finalizer name nor is it fully qualified'
    return [invalid(`metadata.finalizers[${index}]`, finalizer, text)]
  })

/** A finalizer of Kubernetes itself. */
export const isStandardFinalizer = (name: string): boolean =>
  name === 'kubernetes' || name === 'orphan' || name === 'foregroundDeletion'

const ownersProblems = (owners: Json[], field: string): Problem[] => {
  const problems = owners.filter(isObject).flatMap((owner) => ownerProblems(owner, field))
  const controllers = owners.filter(isObject).filter((owner) => owner.controller === true)
  const [first, second] = controllers
  if (!first || !second) return problems
  const named = (owner: JsonObject): string => `${stringAt(owner, 'kind')}/${stringAt(owner, 'name')}`
  const text = `Only one reference can have Controller set to true. Found "true" in references for ${named(first)} and ${named(second)}`
  return [...problems, invalidPrinted(field, `[${owners.filter(isObject).map(printOwner).join(',')}]`, text)]
}

const ownerProblems = (owner: JsonObject, field: string): Problem[] => {
  const apiVersion = stringAt(owner, 'apiVersion')
  const parts = apiVersion.split('/')
  const version = parts.length > 2 ? '' : (parts.at(-1) ?? '')
  const problems =
    version === '' ? [invalid(`${field}.apiVersion`, apiVersion, 'version must not be empty')] : []
  for (const name of ['kind', 'name', 'uid'])
    if (stringAt(owner, name) === '') problems.push(invalid(`${field}.${name}`, '', 'must not be empty'))
  if (apiVersion === 'v1' && owner.kind === 'Event')
    problems.push(
      invalidPrinted(field, printOwner(owner), '/v1, Kind=Event is disallowed from being an owner'),
    )
  return problems
}

const ownerFields = ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion']

/** An owner reference with its fields in the order of the Go struct. */
const printOwner = (owner: JsonObject): string =>
  JSON.stringify(
    Object.fromEntries(ownerFields.filter((name) => name in owner).map((name) => [name, owner[name]])),
  )

const fixedFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]

const changeProblems = (metadata: JsonObject, before: JsonObject): Problem[] => {
  const problems = fixedFields
    .filter((name) => metadata[name] !== undefined && !isEqual(metadata[name], before[name]))
    .map((name) => immutable(`metadata.${name}`, metadata[name] ?? null))
  const generation = numberAt(metadata, 'generation')
  if (generation !== undefined && generation < (numberAt(before, 'generation') ?? 0))
    problems.push(invalid('metadata.generation', generation, 'must not be decremented'))
  return [...problems, ...addedFinalizers(metadata, before)]
}

const addedFinalizers = (metadata: JsonObject, before: JsonObject): Problem[] => {
  if (before.deletionTimestamp === undefined) return []
  const had = new Set(listAt(before, 'finalizers'))
  const added = listAt(metadata, 'finalizers').filter((one) => !had.has(one))
  if (added.length === 0) return []
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`
  return [forbidden('metadata.finalizers', text)]
}
