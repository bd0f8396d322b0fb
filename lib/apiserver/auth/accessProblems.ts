/** What is wrong with the question of an access review (kubernetes/pkg/apis/authorization/validation). */
import { metadataOf, PLAIN_FIELDS } from '../metadata.ts'
import type { Json, JsonObject, Problem } from '../resource.ts'
import { at, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelValueProblems, qualifiedProblems } from '../schema/names.ts'
import { forbidden, goJson, goStruct, invalid, invalidPrinted, required } from '../schema/problem.ts'

const RESOURCE = 'spec.resourceAttributes'

/** The path of a question as Go's encoder writes it within the real server. */
const printedPath = (path: JsonObject): string =>
  goJson({ Path: stringAt(path, 'path'), Verb: stringAt(path, 'verb') })

/** A resource or a path has to be asked about, and its selectors have to be selectors. */
export function accessProblems(object: JsonObject): Problem[] {
  const resource = at(object, 'spec', 'resourceAttributes')
  const path = at(object, 'spec', 'nonResourceAttributes')
  if (!isObject(resource) && !isObject(path))
    return [
      invalid(RESOURCE, null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
    ]
  const text = 'cannot be specified in combination with resourceAttributes'
  const both = isObject(resource) && isObject(path)
  return [
    ...(both ? [invalidPrinted('spec.nonResourceAttributes', printedPath(path), text)] : []),
    ...selectorProblems(at(resource, 'fieldSelector'), `${RESOURCE}.fieldSelector`, fieldRequirement),
    ...selectorProblems(at(resource, 'labelSelector'), `${RESOURCE}.labelSelector`, labelRequirement),
  ]
}

/** Somebody has to be asked about. */
export function subjectProblems(object: JsonObject): Problem[] {
  const user = stringAt(object, 'spec', 'user')
  if (user !== '' || listAt(object, 'spec', 'groups').length > 0) return []
  return [invalid('spec.user', user, 'at least one of user or group must be specified')]
}

/** A local review is about its own namespace. */
export function localProblems(object: JsonObject): Problem[] {
  const resource = at(object, 'spec', 'resourceAttributes')
  const path = at(object, 'spec', 'nonResourceAttributes')
  const namespace = stringAt(resource, 'namespace')
  const isElsewhere = isObject(resource) && namespace !== stringAt(object, 'metadata', 'namespace')
  const disallowed = 'disallowed on this kind of request'
  return [
    ...(isElsewhere ? [invalid(`${RESOURCE}.namespace`, namespace, 'must match metadata.namespace')] : []),
    ...(isObject(path) ? [invalidPrinted('spec.nonResourceAttributes', printedPath(path), disallowed)] : []),
  ]
}

const OWNER_FIELDS = ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion']
const MANAGER_FIELDS = ['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1', 'subresource']

/** The metadata as Go's encoder writes it. */
function printedMetadata(metadata: JsonObject): string {
  const lists: [string, (item: Json) => string][] = [
    ['ownerReferences', (owner) => goStruct(objectAt(owner), OWNER_FIELDS)],
    ['finalizers', goJson],
    ['managedFields', (manager) => goStruct(objectAt(manager), MANAGER_FIELDS)],
  ]
  const printed = lists
    .filter(([name]) => listAt(metadata, name).length > 0)
    .map(
      ([name, print]) =>
        `"${name}":[${listAt(metadata, name)
          .map((item) => print(item))
          .join(',')}]`,
    )
  const plain = goStruct(metadata, PLAIN_FIELDS).slice(1, -1)
  return `{${[...(plain === '' ? [] : [plain]), ...printed].join(',')}}`
}

/** A question has no metadata but managedFields, and what `allowed` names. */
export function metadataProblems(object: JsonObject, allowed: readonly string[]): Problem[] {
  const metadata = metadataOf(object)
  const may = new Set([...allowed, 'managedFields'])
  if (Object.keys(metadata).every((name) => may.has(name))) return []
  const text = allowed.length === 0 ? 'must be empty' : `must be empty except for ${allowed.join(', ')}`
  return [invalidPrinted('metadata', printedMetadata(metadata), text)]
}

function selectorProblems(
  selector: Json | undefined,
  field: string,
  requirementProblems: (requirement: Json, field: string) => Problem[],
): Problem[] {
  if (!isObject(selector)) return []
  const raw = stringAt(selector, 'rawSelector')
  const requirements = listAt(selector, 'requirements')
  const problems: Problem[] = []
  if (raw !== '' && requirements.length > 0)
    problems.push(invalid(`${field}.rawSelector`, raw, 'may not specified at the same time as requirements'))
  if (raw === '' && requirements.length === 0)
    problems.push(
      required(
        `${field}.requirements`,
        `when ${field} is specified, requirements or rawSelector is required`,
      ),
    )
  for (const [index, requirement] of requirements.entries())
    problems.push(...requirementProblems(requirement, `${field}.requirements[${index}]`))
  return problems
}

/** Operators that nobody knows may come from a newer client. */
function operatorProblems(requirement: Json, field: string): Problem[] {
  const operator = stringAt(requirement, 'operator')
  const count = listAt(requirement, 'values').length
  if ((operator === 'In' || operator === 'NotIn') && count === 0)
    return [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
  if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0)
    return [
      forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    ]
  return []
}

const fieldRequirement = (requirement: Json, field: string): Problem[] => [
  ...(stringAt(requirement, 'key') === '' ? [required(`${field}.key`, 'must be specified')] : []),
  ...operatorProblems(requirement, field),
]

function labelRequirement(requirement: Json, field: string): Problem[] {
  const key = stringAt(requirement, 'key')
  return [
    ...operatorProblems(requirement, field),
    ...qualifiedProblems(key).map((text) => invalid(`${field}.key`, key, text)),
    ...listAt(requirement, 'values').flatMap((value, index) =>
      labelValueProblems(String(value)).map((text) => invalid(`${field}.values[${index}]`, value, text)),
    ),
  ]
}
