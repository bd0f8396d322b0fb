/**
 * How volumes are made: StorageClasses and VolumeAttributesClasses of storage.k8s.io/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { qualifiedProblems } from '../schema/names.ts'
import { duplicate, forbidden, immutable, invalid, notSupported, required } from '../schema/problem.ts'
import { alwaysListOf, atomic, byDefault, choice, listOf, ofPackage, struct } from './dsl.ts'
import { defineKind } from './kind.ts'

const topologyTerm = ofPackage(
  'core.v1',
  atomic(
    struct('TopologySelectorTerm', {
      matchLabelExpressions: listOf(
        struct('TopologySelectorLabelRequirement', { key: 'string!', values: alwaysListOf('string') }),
      ),
    }),
  ),
)

const reclaimPolicies = ['Delete', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

/** How a StorageClass names its provisioner. */
const provisionerProblems = (object: JsonObject): Problem[] => {
  const provisioner = stringAt(object, 'provisioner')
  if (provisioner === '') return [required('provisioner')]
  return qualifiedProblems(provisioner.toLowerCase()).map((text) => invalid('provisioner', provisioner, text))
}

const storageClassChoices = (object: JsonObject): Problem[] => {
  const { reclaimPolicy, volumeBindingMode } = object
  return [
    ...(typeof reclaimPolicy !== 'string' || reclaimPolicies.includes(reclaimPolicy)
      ? []
      : [notSupported('reclaimPolicy', reclaimPolicy, reclaimPolicies)]),
    ...('' in objectAt(object, 'parameters') ? [invalid('parameters', '', 'field can not be empty.')] : []),
    ...(typeof volumeBindingMode !== 'string' || bindingModes.includes(volumeBindingMode)
      ? []
      : [notSupported('volumeBindingMode', volumeBindingMode, bindingModes)]),
  ]
}

const topologyProblems = (object: JsonObject): Problem[] => {
  const seen: JsonObject[] = []
  return listAt(object, 'allowedTopologies')
    .filter(isObject)
    .flatMap((term, index) => {
      const field = `allowedTopologies[${index}].matchLabelExpressions`
      const problems = requirementProblems(term, field)
      if (seen.some((other) => isEqual(other, term))) problems.push(duplicate(field, ''))
      seen.push(term)
      return problems
    })
}

const requirementProblems = (term: JsonObject, field: string): Problem[] => {
  const keys = new Set<string>()
  return listAt(term, 'matchLabelExpressions').flatMap((one, index) => {
    const key = stringAt(one, 'key')
    const values = listAt(one, 'values').map(String)
    const own = `${field}[${index}]`
    const problems = values.length === 0 ? [required(`${own}.values`)] : []
    for (const [place, value] of values.entries())
      if (values.indexOf(value) < place) problems.push(duplicate(`${own}.values[${place}]`, value))
    problems.push(...qualifiedProblems(key).map((text) => invalid(`${own}.key`, key, text)))
    if (keys.has(key)) problems.push(duplicate(`${own}.key`, key))
    keys.add(key)
    return problems
  })
}

const fixedOfClass = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']

const storageClass: ResourceType = defineKind({
  group: 'storage.k8s.io',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
  shortNames: ['sc'],
  returnsDeleted: true,
  fields: {
    provisioner: 'string!',
    parameters: 'string{}',
    reclaimPolicy: byDefault(choice('string?', 'Delete', 'Recycle', 'Retain'), 'Delete'),
    mountOptions: 'string[]',
    allowVolumeExpansion: 'bool?',
    volumeBindingMode: byDefault(choice('string?', 'Immediate', 'WaitForFirstConsumer'), 'Immediate'),
    allowedTopologies: listOf(topologyTerm),
  },
  validate: (object, before) => [
    ...provisionerProblems(object),
    ...storageClassChoices(object),
    ...topologyProblems(object),
    ...(before
      ? fixedOfClass.flatMap((name) =>
          isEqual(object[name] ?? null, before[name] ?? null) ? [] : [immutable(name, object[name] ?? null)],
        )
      : []),
  ],
})

/** How a driver is named where its name is qualified. */
export const driverProblems = (driver: string, field: string): Problem[] =>
  driver === ''
    ? [required(field)]
    : qualifiedProblems(driver.toLowerCase()).map((text) => invalid(field, driver.toLowerCase(), text))

const attributesClass: ResourceType = defineKind({
  group: 'storage.k8s.io',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  namespaced: false,
  shortNames: ['vac'],
  returnsDeleted: true,
  fields: { driverName: 'string!', parameters: 'string{}' },
  prepare: (object, before) => {
    const metadata = objectAt(object, 'metadata')
    if (!before)
      metadata.finalizers = [...new Set([...listAt(metadata, 'finalizers'), 'kubernetes.io/vac-protection'])]
  },
  validate: (object, before) => {
    if (before)
      return ['driverName', 'parameters'].flatMap((name) =>
        isEqual(object[name] ?? null, before[name] ?? null)
          ? []
          : [forbidden(name, `updates to ${name} are forbidden.`)],
      )
    return [
      ...driverProblems(stringAt(object, 'driverName'), 'driverName'),
      ...(Object.keys(objectAt(object, 'parameters')).length === 0
        ? [required('parameters', 'must contain at least one key/value pair')]
        : []),
    ]
  },
})

/** The classes of storage. */
export const storageClassTypes: readonly ResourceType[] = [storageClass, attributesClass]
