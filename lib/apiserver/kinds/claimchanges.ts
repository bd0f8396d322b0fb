/**
 * What becomes of a claim on storage as it is written: where its content comes from, what of it may change, and what its
 * status may say.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, objectAt, stringAt } from '../schema/equal.ts'
import { qualifiedProblems } from '../schema/names.ts'
import { forbidden, immutable, invalid, notSupported } from '../schema/problem.ts'
import { claimProblems } from './claimrules.ts'
import { unifiedDiff } from './pod/difference.ts'
import { goLines } from './pod/go.ts'
import { isNative } from './pod/resources.ts'
import { claimWarnings } from './pod/warnings.ts'
import { amountOf } from './quantity.ts'
import { formed, textAt } from './rules.ts'

/** The annotation that named the class before there was a field for it. */
export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** Brings both fields for the source of a claim's content in line, in place. */
export const prepareSources = (object: JsonObject, before: JsonObject | undefined): void => {
  const { spec } = object
  if (!isObject(spec)) return
  const old = objectAt(before, 'spec')
  // The feature gate of sources in other namespaces is off.
  if (stringAt(spec, 'dataSourceRef', 'namespace') !== '' && !isObject(old.dataSourceRef))
    delete spec.dataSourceRef
  const isFree = !isObject(old.dataSource) && !isObject(old.dataSourceRef) && !isObject(spec.dataSourceRef)
  if (isFree && !isOldSource(objectAt(spec, 'dataSource'))) delete spec.dataSource
  Object.assign(spec, sourcesOf(spec))
}

/** Before there was `dataSourceRef`, everything else was dropped without a word, and still is. */
const isOldSource = (source: JsonObject): boolean => {
  const group = stringAt(source, 'apiGroup')
  const kind = stringAt(source, 'kind')
  return (
    (kind === 'PersistentVolumeClaim' && group === '') ||
    (kind === 'VolumeSnapshot' && group === 'snapshot.storage.k8s.io')
  )
}

/** Both fields, where one of them says what both can say. */
const sourcesOf = ({ dataSource, dataSourceRef }: JsonObject): JsonObject => {
  const copy = ({ apiGroup = null, kind = '', name = '' }: JsonObject): JsonObject => ({
    apiGroup,
    kind,
    name,
  })
  if (isObject(dataSource)) return isObject(dataSourceRef) ? {} : { dataSourceRef: copy(dataSource) }
  if (!isObject(dataSourceRef) || stringAt(dataSourceRef, 'namespace') !== '') return {}
  return { dataSource: copy(dataSourceRef) }
}

/** What is wrong with a claim that is made, or that replaces another. */
export const wholeClaimProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  if (!before) return claimProblems(spec, 'spec')
  const given = objectAt(before, 'spec')
  const old = { ...given, ...sourcesOf(given) }
  const namesGroup = [old.dataSource, old.dataSourceRef].some((source) => hasText(source, 'apiGroup'))
  return [
    ...claimProblems(spec, 'spec', namesGroup),
    ...annotationProblems(object, before),
    ...specChanges(object, { ...before, spec: old }),
    ...shrinkProblems(spec, before),
    ...(isEqual(spec.volumeMode ?? null, old.volumeMode ?? null)
      ? []
      : [immutable('volumeMode', spec.volumeMode ?? null)]),
    ...attributesProblems(spec, before),
  ]
}

const hasText = (of: Json | undefined, name: string): boolean =>
  isObject(of) && textAt(of, name) !== undefined

const classOf = (object: JsonObject): string | undefined =>
  textAt(objectAt(object, 'metadata', 'annotations'), CLASS_ANNOTATION)

/** A class may move from the annotation to the field. */
const movesClass = (object: JsonObject, before: JsonObject): boolean => {
  const was = classOf(before)
  const now = classOf(object)
  return (
    was !== undefined &&
    !hasText(before.spec, 'storageClassName') &&
    textAt(objectAt(object, 'spec'), 'storageClassName') === was &&
    (now === undefined || now === was)
  )
}

/** A class may be given where there was none; one that the annotation named stays the same. */
const givesClass = (object: JsonObject, before: JsonObject): boolean => {
  const now = textAt(objectAt(object, 'spec'), 'storageClassName')
  const was = classOf(before)
  return now !== undefined && !hasText(before.spec, 'storageClassName') && (was === undefined || was === now)
}

const annotationProblems = (object: JsonObject, before: JsonObject): Problem[] => {
  const now = classOf(object) ?? ''
  if (movesClass(object, before) || now === (classOf(before) ?? '')) return []
  return [immutable(`metadata.annotations.${CLASS_ANNOTATION}`, now)]
}

const CHANGES =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

const isBound = (claim: JsonObject): boolean => stringAt(claim, 'status', 'phase') === 'Bound'

/** A member, where there is one: what stands in for another must not bring an empty one. */
const member = (of: JsonObject, name: string): JsonObject => {
  const value = of[name]
  return value === undefined ? {} : { [name]: value }
}

const specChanges = (object: JsonObject, before: JsonObject): Problem[] => {
  const given = objectAt(object, 'spec')
  const { volumeName, ...unnamed } = objectAt(before, 'spec')
  const isNamed = typeof volumeName === 'string' && volumeName !== ''
  const old = { ...unnamed, ...member(isNamed ? { volumeName } : given, 'volumeName') }
  const classless = movesClass(object, before) || givesClass(object, before)
  const now = isBound(before) ? boundSpec(given, old) : { ...given }
  if (classless) delete now.storageClassName
  const lines = goLines('PersistentVolumeClaimSpec', old)
  const changed = goLines('PersistentVolumeClaimSpec', now)
  return lines === changed ? [] : [forbidden('spec', `${CHANGES}\n${unifiedDiff(lines, changed)}`)]
}

/** The spec of a bound claim without what may change of it. */
const boundSpec = (spec: JsonObject, old: JsonObject): JsonObject => {
  const { volumeAttributesClassName: _, ...rest } = spec
  const requests = objectAt(spec, 'resources').requests
  const storage = objectAt(old, 'resources', 'requests').storage ?? '0'
  const resources = {
    ...objectAt(spec, 'resources'),
    ...(isObject(requests) ? { requests: { ...requests, storage } } : {}),
  }
  return { ...rest, resources, ...member(old, 'volumeAttributesClassName') }
}

/** Less may be asked for after an expansion that failed, but not less than there is. */
const shrinkProblems = (spec: JsonObject, before: JsonObject): Problem[] => {
  const storage = (of: Json | undefined, ...path: string[]): number =>
    amountOf(objectAt(of, ...path).storage) ?? 0
  const now = storage(spec, 'resources', 'requests')
  const isLess = now < storage(before, 'spec', 'resources', 'requests')
  if (!isLess || now > storage(before, 'status', 'capacity')) return []
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

/** The attributes of a volume cannot be taken back once it has some. */
const attributesProblems = (spec: JsonObject, before: JsonObject): Problem[] => {
  const now = textAt(spec, 'volumeAttributesClassName')
  const isSame = now === textAt(objectAt(before, 'spec'), 'volumeAttributesClassName')
  if (isSame || !hasText(before.status, 'currentVolumeAttributesClassName') || (now ?? '') !== '') return []
  const what = now === undefined ? 'nil' : 'empty string'
  const text = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`
  return [forbidden('spec.volumeAttributesClassName', text)]
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]

/** What is wrong with the status of a claim. */
export const claimStatusProblems = (object: JsonObject): Problem[] => {
  const status = objectAt(object, 'status')
  const states = 'status.allocatedResourceStatuses'
  const allocated = 'status.allocatedResources'
  return [
    ...Object.entries(objectAt(status, 'capacity')).flatMap(([name, amount]) =>
      wholeProblems(amount, `status.capacity[${name}]`),
    ),
    ...Object.entries(objectAt(status, 'allocatedResourceStatuses')).flatMap(([name, state]) => [
      ...resourceProblems(name, states),
      // The real server names the resource here and not its state.
      ...(resizeStates.includes(String(state)) ? [] : [notSupported(states, name, resizeStates)]),
    ]),
    ...Object.entries(objectAt(status, 'allocatedResources')).flatMap(([name, amount]) => {
      const problems = resourceProblems(name, allocated)
      return problems.length > 0 ? problems : wholeProblems(amount, `${allocated}[${name}]`)
    }),
  ]
}

/** An amount below zero is shown as a whole number, away from zero. */
export const wholeProblems = (amount: Json, field: string): Problem[] => {
  const value = Math.floor(amountOf(amount) ?? 0)
  return value < 0 ? [invalid(field, value, 'must be a valid resource quantity')] : []
}

const resourceProblems = (name: string, field: string): Problem[] => {
  const problems = formed(name, field, qualifiedProblems)
  if (problems.length > 0 || !isNative(name) || name === 'storage') return problems
  return [notSupported(field, name, ['storage'])]
}

/** What to warn of in a claim. */
export const wholeClaimWarnings = (object: JsonObject): string[] => [
  ...(classOf(object) === undefined
    ? []
    : [
        `metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`,
      ]),
  ...claimWarnings(objectAt(object, 'spec'), 'spec'),
]
