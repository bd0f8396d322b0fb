/**
 * What the naming and establishing controllers of the real server write into the status of a CRD: which of its names are
 * free, and whether it is served.
 */

import type { Json, JsonObject } from '../resource.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'

interface Verdict {
  status: 'True' | 'False'
  reason: string
  message: string
}

/**
 * The CRD with accepted names and conditions; `existing` are all other CRDs (those of other groups do not matter), `now`
 * is in milliseconds. The argument is not changed. Run it again on the refused ones when a CRD goes or changes its names.
 */
export const acceptNames = (crd: JsonObject, existing: readonly JsonObject[], now: number): JsonObject => {
  const status = objectAt(crd, 'status')
  const { names, verdict } = decideNames(crd, existing)
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`
  const conditions = [...listAt(status, 'conditions')]
  setCondition(conditions, 'NamesAccepted', verdict, time)
  setCondition(conditions, 'Established', established(conditions, verdict), time)
  const approval = approvalOf(crd)
  if (approval) setCondition(conditions, 'KubernetesAPIApprovalPolicyConformant', approval, time)
  return { ...crd, status: { ...status, conditions, acceptedNames: names } }
}

/** Once established a CRD stays so, whatever its names become. */
const established = (conditions: readonly Json[], names: Verdict): Verdict => {
  const old = conditions.find((one) => stringAt(one, 'type') === 'Established')
  if (names.status === 'True' || stringAt(old, 'status') === 'True')
    return { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
  return { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
}

const setCondition = (conditions: Json[], type: string, verdict: Verdict, time: string): void => {
  const index = conditions.findIndex((one) => stringAt(one, 'type') === type)
  const old = conditions[index]
  const since = stringAt(old, 'status') === verdict.status ? stringAt(old, 'lastTransitionTime') : time
  const condition = {
    type,
    status: verdict.status,
    lastTransitionTime: since,
    reason: verdict.reason,
    message: verdict.message,
  }
  if (index < 0) conditions.push(condition)
  else conditions[index] = condition
}

const single: readonly (readonly [string, string])[] = [
  ['plural', 'PluralConflict'],
  ['singular', 'SingularConflict'],
  ['shortNames', 'ShortNamesConflict'],
  ['kind', 'KindConflict'],
  ['listKind', 'ListKindConflict'],
]

/** Each name is accepted on its own; the last conflict is the one that is told. */
const decideNames = (
  crd: JsonObject,
  existing: readonly JsonObject[],
): { names: JsonObject; verdict: Verdict } => {
  const wanted = objectAt(crd, 'spec', 'names')
  const accepted = objectAt(crd, 'status', 'acceptedNames')
  const taken = namesOfOthers(crd, existing)
  const names: JsonObject = { plural: '', kind: '', ...accepted }
  let verdict: Verdict = { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
  for (const [name, reason] of single) {
    const used = name === 'kind' || name === 'listKind' ? taken.kinds : taken.resources
    const conflicts = conflictsOf(wanted[name], accepted[name], used)
    if (conflicts.length > 0) verdict = { status: 'False', reason, message: joined(conflicts) }
    else copy(names, name, wanted[name])
  }
  copy(names, 'categories', wanted.categories)
  return { names, verdict }
}

const copy = (names: JsonObject, name: string, value: Json | undefined): void => {
  if (value === undefined) delete names[name]
  else names[name] = value
}

const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : []

const conflictsOf = (
  wanted: Json | undefined,
  accepted: Json | undefined,
  used: ReadonlySet<string>,
): string[] => {
  const own = new Set(texts(accepted))
  return texts(wanted)
    .filter((name) => !own.has(name) && used.has(name))
    .map((name) => `${JSON.stringify(name)} is already in use`)
}

const joined = (conflicts: readonly string[]): string =>
  conflicts.length === 1 ? (conflicts[0] ?? '') : `[${conflicts.join(', ')}]`

const namesOfOthers = (crd: JsonObject, existing: readonly JsonObject[]) => {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const other of existing) {
    if (stringAt(other, 'metadata', 'name') === stringAt(crd, 'metadata', 'name')) continue
    if (stringAt(other, 'spec', 'group') !== stringAt(crd, 'spec', 'group')) continue
    const names = objectAt(other, 'status', 'acceptedNames')
    for (const name of ['plural', 'singular', 'shortNames'])
      for (const text of texts(names[name])) resources.add(text)
    for (const name of ['kind', 'listKind']) for (const text of texts(names[name])) kinds.add(text)
  }
  return { resources, kinds }
}

/** Groups that belong to the Kubernetes project and need its approval to define kinds. */
export const isProtectedGroup = (group: string): boolean => /(^|\.)(k8s\.io|kubernetes\.io)$/.test(group)

/** The annotation that carries the approval. */
export const approvalAnnotation = 'api-approved.kubernetes.io'

const approvalOf = (crd: JsonObject): Verdict | undefined => {
  if (!isProtectedGroup(stringAt(crd, 'spec', 'group'))) return undefined
  const given = stringAt(crd, 'metadata', 'annotations', approvalAnnotation)
  if (URL.canParse(given))
    return { status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${given}` }
  return {
    status: 'False',
    reason: 'UnapprovedAnnotation',
    message: `not approved: ${JSON.stringify(given)}`,
  }
}
