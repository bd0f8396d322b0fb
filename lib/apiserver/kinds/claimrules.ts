/**
 * What a claim on storage must ask for; for claims themselves, for those of StatefulSets and of ephemeral volumes.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelProblems, subdomainProblems } from '../schema/names.ts'
import { forbidden, invalid, invalidPrinted, notSupported, required } from '../schema/problem.ts'
import { amountOf, canonical } from './quantity.ts'
import { formedIfAny, needed, oneOf, textAt, whenGiven } from './rules.ts'
import { labelSelectorProblems } from './labelrules.ts'

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/**
 * What is wrong with the spec of a claim. Where the claim already named the group of its source, `keepsGroups` says that the
 * form of groups is not looked at again.
 */
export const claimProblems = (spec: JsonObject, field: string, keepsGroups = false): Problem[] => [
  ...(listAt(spec, 'accessModes').length === 0
    ? [required(`${field}.accessModes`, 'at least 1 access mode is required')]
    : []),
  ...whenGiven(spec.selector, (selector) => labelSelectorProblems(selector, `${field}.selector`)),
  ...modesProblems(listAt(spec, 'accessModes').map(String), `${field}.accessModes`),
  ...amountProblems(spec, `${field}.resources[storage]`),
  ...formedIfAny(stringAt(spec, 'storageClassName'), `${field}.storageClassName`, subdomainProblems),
  ...oneOf(textAt(spec, 'volumeMode'), `${field}.volumeMode`, volumeModes),
  ...whenGiven(spec.dataSource, (source) => sourceProblems(source, `${field}.dataSource`, keepsGroups)),
  ...whenGiven(spec.dataSourceRef, (source) => [
    ...sourceProblems(source, `${field}.dataSourceRef`, keepsGroups),
    ...formedIfAny(stringAt(source, 'namespace'), `${field}.dataSourceRef.namespace`, labelProblems),
  ]),
  ...bothProblems(spec, field),
  ...formedIfAny(
    stringAt(spec, 'volumeAttributesClassName'),
    `${field}.volumeAttributesClassName`,
    subdomainProblems,
  ),
]

/** The ways to present a volume. */
export const volumeModes = ['Block', 'Filesystem']

/** What is wrong with the access modes of a claim or a volume. */
export const modesProblems = (given: string[], field: string): Problem[] => {
  const hasOthers = given.some((mode) => mode !== 'ReadWriteOncePod' && modes.includes(mode))
  return [
    ...given.filter((mode) => !modes.includes(mode)).map((mode) => notSupported(field, mode, modes)),
    ...(given.includes('ReadWriteOncePod') && hasOthers
      ? [forbidden(field, 'may not use ReadWriteOncePod with other access modes')]
      : []),
  ]
}

const amountProblems = (spec: JsonObject, field: string): Problem[] => {
  const amount = objectAt(spec, 'resources', 'requests').storage
  if (amount === undefined) return [required(field)]
  if ((amountOf(amount) ?? 0) > 0) return []
  return [invalid(field, canonical(amount), 'must be greater than zero')]
}

const sourceProblems = (source: JsonObject, field: string, keepsGroups: boolean): Problem[] => {
  const group = stringAt(source, 'apiGroup')
  const kind = stringAt(source, 'kind')
  const text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [
    ...needed(source, field, 'name', 'kind'),
    ...(group === '' && kind !== 'PersistentVolumeClaim' ? [invalid(field, kind, text)] : []),
    ...(keepsGroups ? [] : formedIfAny(group, `${field}.apiGroup`, subdomainProblems)),
  ]
}

/** The old field and the new one say the same, or only one of them says something. */
const bothProblems = (spec: JsonObject, field: string): Problem[] => {
  const { dataSource, dataSourceRef } = spec
  if (!isObject(dataSource) || !isObject(dataSourceRef)) return []
  const say = (text: string): Problem[] => [invalidPrinted(field, '{}', text)]
  if (stringAt(dataSourceRef, 'namespace') !== '')
    return say('may not be specified when dataSourceRef.namespace is specified')
  const { namespace: _, ...rest } = dataSourceRef
  return isEqual(dataSource, rest) ? [] : say('must match dataSourceRef')
}
