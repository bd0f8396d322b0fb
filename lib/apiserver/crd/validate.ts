/**
 * Validation of CustomResourceDefinitions, in the words of the real server. Schemas are looked at in `structural.ts`,
 * their CEL rules in `rules.ts`.
 */

import type { JsonObject, Problem, Schema } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { kindProblems } from '../schema/embedded.ts'
import { label1035Problems, subdomainProblems } from '../schema/names.ts'
import { forbidden, immutable, invalid, invalidPrinted, notSupported, required } from '../schema/problem.ts'
import { clientProblems } from '../kinds/client.ts'
import { type Placed, placesOf, printVersions, versionsOf } from './internal.ts'
import { schemaProblems } from './schema.ts'
import { selectableProblems } from './selectable.ts'
import { approvalAnnotation, isProtectedGroup } from './status.ts'

/** Everything that the real server refuses in a CRD; `before` is what an update replaces. */
export const definitionProblems = (crd: JsonObject, before: JsonObject | undefined): Problem[] => [
  ...(before ? changeProblems(crd, before) : nameProblems(crd)),
  ...groupProblems(crd),
  ...approvalProblems(crd, before),
  ...namesProblems(objectAt(crd, 'spec', 'names')),
  ...scopeProblems(stringAt(crd, 'spec', 'scope')),
  ...versionsProblems(crd),
  ...conversionProblems(objectAt(crd, 'spec', 'conversion')),
  ...preserveProblems(crd),
  ...placesOf(crd, 'schema').flatMap((place) => placedSchemaProblems(crd, place)),
  ...placesOf(crd, 'additionalPrinterColumns').flatMap(columnsProblems),
  ...placesOf(crd, 'subresources').flatMap(scaleProblems),
  ...selectableProblems(crd),
]

const nameProblems = (crd: JsonObject): Problem[] => {
  const name = stringAt(crd, 'metadata', 'name')
  if (name === '') return []
  const expected = `${stringAt(crd, 'spec', 'names', 'plural')}.${stringAt(crd, 'spec', 'group')}`
  return name === expected ? [] : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]
}

const changeProblems = (crd: JsonObject, before: JsonObject): Problem[] => {
  const isEstablished = listAt(before, 'status', 'conditions').some(
    (one) => stringAt(one, 'type') === 'Established' && stringAt(one, 'status') === 'True',
  )
  const fixed = [['group'], ['names', 'plural'], ...(isEstablished ? [['scope'], ['names', 'kind']] : [])]
  return fixed
    .filter((path) => stringAt(crd, 'spec', ...path) !== stringAt(before, 'spec', ...path))
    .map((path) => immutable(`spec.${path.join('.')}`, stringAt(crd, 'spec', ...path)))
}

const groupProblems = (crd: JsonObject): Problem[] => {
  const group = stringAt(crd, 'spec', 'group')
  const field = 'spec.group'
  if (group === '') return [required(field)]
  const texts = subdomainProblems(group)
  if (texts.length > 0) return [invalid(field, group, texts.join(','))]
  return group.includes('.') ? [] : [invalid(field, group, 'should be a domain with at least one dot')]
}

type Approval = 'missing' | 'invalid' | 'given'

const approvalOf = (crd: JsonObject): Approval => {
  const approval = stringAt(crd, 'metadata', 'annotations', approvalAnnotation)
  if (approval === '') return 'missing'
  return approval.startsWith('unapproved') || /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(approval)
    ? 'given'
    : 'invalid'
}

/** Groups of Kubernetes' own are protected; an update that leaves the approval as it was is not asked for a better one. */
const approvalProblems = (crd: JsonObject, before: JsonObject | undefined): Problem[] => {
  if (!isProtectedGroup(stringAt(crd, 'spec', 'group'))) return []
  const approval = approvalOf(crd)
  if (approval === 'given' || (before !== undefined && approvalOf(before) === approval)) return []
  const field = `metadata.annotations[${approvalAnnotation}]`
  const must = `protected groups must have approval annotation "${approvalAnnotation}"`
  const see = ', see https://github.com/kubernetes/enhancements/pull/1111'
  if (approval === 'missing') return [required(field, `${must}${see}`)]
  const either = ' with either a URL or a reason starting with "unapproved"'
  const given = stringAt(crd, 'metadata', 'annotations', approvalAnnotation)
  return [invalid(field, given, `${must}${either}${see}`)]
}

const labelled = (value: string, field: string): Problem[] => {
  const texts = label1035Problems(value)
  return texts.length === 0 ? [] : [invalid(field, value, texts.join(','))]
}

const namesProblems = (names: JsonObject): Problem[] => {
  const field = 'spec.names'
  const kind = stringAt(names, 'kind')
  const listKind = stringAt(names, 'listKind')
  const problems = ['plural', 'singular', 'kind', 'listKind']
    .filter((name) => stringAt(names, name) === '')
    .map((name) => required(`${field}.${name}`))
  for (const name of ['plural', 'singular']) {
    const value = stringAt(names, name)
    if (value !== '') problems.push(...labelled(value, `${field}.${name}`))
  }
  if (kind !== '') problems.push(...kindProblems(kind, `${field}.kind`))
  if (listKind !== '') problems.push(...kindProblems(listKind, `${field}.listKind`))
  if (kind !== '' && kind === listKind)
    problems.push(invalid(`${field}.listKind`, listKind, 'kind and listKind may not be the same'))
  for (const list of ['shortNames', 'categories'])
    for (const [index, value] of listAt(names, list).entries())
      problems.push(...labelled(String(value), `${field}.${list}[${index}]`))
  return problems
}

const scopes = ['Cluster', 'Namespaced']

const scopeProblems = (scope: string): Problem[] => {
  if (scope === '') return [required('spec.scope')]
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)]
}

const versionsProblems = (crd: JsonObject): Problem[] => {
  const names = versionsOf(crd).map((version) => stringAt(version, 'name'))
  const problems = names.flatMap((name, index) => labelled(name, `spec.versions[${index}].name`))
  problems.push(...versionsOf(crd).flatMap(deprecationProblems))
  if (names[0] !== undefined) problems.push(...labelled(names[0], 'spec.version'))
  if (new Set(names).size < names.length)
    problems.push(invalidPrinted('spec.versions', printVersions(crd), 'must contain unique version names'))
  const stored = versionsOf(crd).filter((version) => version.storage === true)
  if (stored.length !== 1) {
    const text = 'must have exactly one version marked as storage version'
    problems.push(invalidPrinted('spec.versions', printVersions(crd), text))
  }
  return [...problems, ...storedProblems(crd, names, stringAt(stored.at(-1), 'name'))]
}

const maxWarning = 256

const deprecationProblems = (
  { deprecated, deprecationWarning: text }: JsonObject,
  index: number,
): Problem[] => {
  if (typeof text !== 'string') return []
  const field = `spec.versions[${index}].deprecationWarning`
  if (deprecated !== true) return [invalid(field, text, 'can only be set for deprecated versions')]
  const texts = [
    ...(Buffer.byteLength(text) > maxWarning ? [`must be <= ${maxWarning} characters long`] : []),
    ...(text === '' ? ['must not be an empty string'] : []),
  ]
  const at = text.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  if (at >= 0)
    texts.push(
      `must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(text.slice(0, at))}`,
    )
  return texts.map((why) => invalid(field, text, why))
}

const storedProblems = (crd: JsonObject, names: readonly string[], storage: string): Problem[] => {
  const field = 'status.storedVersions'
  const stored = listAt(crd, 'status', 'storedVersions').map(String)
  if (stored.length === 0) return [invalid(field, null, 'must have at least one stored version')]
  const missing = stored.flatMap((name, index) => {
    if (names.includes(name)) return []
    const text = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    return [invalid(`${field}[${index}]`, name, text)]
  })
  if (storage === '' || stored.includes(storage)) return missing
  return [...missing, invalid(field, stored, `must have the storage version ${storage}`)]
}

const strategies = ['None', 'Webhook']

const conversionProblems = (conversion: JsonObject): Problem[] => {
  const field = 'spec.conversion'
  const strategy = stringAt(conversion, 'strategy')
  if (strategy === '') return [required(`${field}.strategy`)]
  if (!strategies.includes(strategy)) return [notSupported(`${field}.strategy`, strategy, strategies)]
  const { clientConfig } = objectAt(conversion, 'webhook')
  const reviews = listAt(conversion, 'webhook', 'conversionReviewVersions').map(String)
  if (strategy === 'None') return unusedProblems(field, isObject(clientConfig), reviews.length > 0)
  const client = `${field}.webhookClientConfig`
  return [
    ...(isObject(clientConfig)
      ? clientProblems(clientConfig, client)
      : [required(client, 'required when strategy is set to Webhook')]),
    ...reviewProblems(reviews, `${field}.conversionReviewVersions`),
  ]
}

const unusedProblems = (field: string, hasClient: boolean, hasReviews: boolean): Problem[] => {
  const why = 'should not be set when strategy is not set to Webhook'
  return [
    ...(hasClient ? [forbidden(`${field}.webhookClientConfig`, why)] : []),
    ...(hasReviews ? [forbidden(`${field}.conversionReviewVersions`, why)] : []),
  ]
}

const reviewProblems = (reviews: readonly string[], field: string): Problem[] => {
  if (reviews.length === 0) return [required(field)]
  const problems = reviews.flatMap((one, index) =>
    reviews.indexOf(one) < index
      ? [invalid(`${field}[${index}]`, one, 'duplicate version')]
      : labelled(one, `${field}[${index}]`),
  )
  if (reviews.includes('v1') || reviews.includes('v1beta1')) return problems
  return [...problems, invalid(field, [...reviews], 'must include at least one of v1, v1beta1')]
}

const preserveProblems = (crd: JsonObject): Problem[] =>
  objectAt(crd, 'spec').preserveUnknownFields === true
    ? [
        invalid(
          'spec.preserveUnknownFields',
          true,
          'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
        ),
      ]
    : []

const placedSchemaProblems = (crd: JsonObject, { path, value }: Placed): Problem[] => {
  if (versionsOf(crd).length === 0) return []
  const given = objectAt(value).openAPIV3Schema
  if (!isObject(given))
    return [required(`${path.replace('spec.validation', 'spec.versions[0].schema')}.openAPIV3Schema`)]
  const schema: Schema = given
  return schemaProblems(schema, `${path}.openAPIV3Schema`, hasStatus(crd))
}

const hasStatus = (crd: JsonObject): boolean =>
  versionsOf(crd).some((version) => objectAt(version, 'subresources').status !== undefined)

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

const pathProblems = (path: string, field: string): Problem[] => {
  if (path === '') return [required(field)]
  return path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')]
}

const columnsProblems = ({ path, value }: Placed): Problem[] =>
  listAt(value).flatMap((column, index) => {
    const field = `${path}[${index}]`
    const type = stringAt(column, 'type')
    const format = stringAt(column, 'format')
    const problems = stringAt(column, 'name') === '' ? [required(`${field}.name`)] : []
    if (type === '') problems.push(required(`${field}.type`, `must be one of ${columnTypes.join(',')}`))
    else if (!columnTypes.includes(type))
      problems.push(invalid(`${field}.type`, type, `must be one of ${columnTypes.join(',')}`))
    if (format !== '' && !columnFormats.includes(format))
      problems.push(invalid(`${field}.format`, format, `must be one of ${columnFormats.join(',')}`))
    return [...problems, ...pathProblems(stringAt(column, 'jsonPath'), `${field}.JSONPath`)]
  })

const scaleProblems = ({ path, value }: Placed): Problem[] => {
  const scale = objectAt(value).scale
  if (!isObject(scale)) return []
  const field = `${path}.scale`
  const under = (name: string, root: string): Problem[] => {
    const given = stringAt(scale, name)
    if (given === '') return [required(`${field}.${name}`)]
    const problems = pathProblems(given, `${field}.${name}`)
    if (problems.length > 0 || given.startsWith(`.${root}.`)) return problems
    return [invalid(`${field}.${name}`, given, `should be a json path under .${root}`)]
  }
  return [
    ...under('specReplicasPath', 'spec'),
    ...under('statusReplicasPath', 'status'),
    ...selectorPathProblems(stringAt(scale, 'labelSelectorPath'), `${field}.labelSelectorPath`),
  ]
}

const selectorPathProblems = (path: string, field: string): Problem[] => {
  if (path === '') return []
  const problems = pathProblems(path, field)
  if (problems.length > 0 || /^\.(spec|status)\./.test(path)) return problems
  return [invalid(field, path, 'should be a json path under either .spec or .status')]
}
