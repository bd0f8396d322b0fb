/** Bindings: a scheduler puts a pod on a node. */
import { mutatedPart, validatePart } from './admit.ts'
import { bindingProblems } from '../kinds/podtemplate.ts'
import { metadataOf, metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { withCondition } from './condition.ts'
import { findEntry, type Server, tableFor } from '../server.ts'
import { badRequest, conflict, internal, notFound, type StatusError } from '../status.ts'
import { commit } from '../store.ts'
import { copyOf } from '../fields/json.ts'
import type { Writing } from '../write/outcome.ts'

/** Puts the pod of a route (`pods/NAME/binding`) on the node that the Binding names. Rejects with 400, 404, 409 and 500. */
export async function bind(server: Server, route: Route, sent: JsonObject, writing: Writing): Promise<void> {
  const { type, name, namespace } = route
  const binding = await mutatedPart(server, route, sent, writing)
  if (metadataText(binding, 'name') !== name)
    throw badRequest('name in URL does not match name in Binding object')
  const problems = bindingProblems(binding).map(({ field, message }) => `${field}: ${message}`)
  if (problems.length > 0)
    throw internal(problems.length === 1 ? String(problems[0]) : `[${problems.join(', ')}]`)
  await validatePart(server, route, binding, writing)
  const entry = findEntry(server, type, namespace, name)
  if (entry === undefined) throw notFound(type, name)
  const pod = boundPod(type, entry.object, binding, writing.now)
  if (writing.options.dryRun) return
  commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata(pod, { resourceVersion }),
  )
}

function boundPod(type: ResourceType, before: JsonObject, binding: JsonObject, now: string): JsonObject {
  const name = metadataText(before, 'name')
  checkPreconditions(type, before, binding)
  const problem = problemOf(before, name)
  if (problem !== undefined) throw notBindable(name, problem)
  const pod = copyOf(before)
  objectAt(pod, 'spec').nodeName = stringAt(binding, 'target', 'name')
  const { nominatedNodeName: _, ...status } = objectAt(pod, 'status')
  pod.status = withCondition(status, { type: 'PodScheduled', status: 'True' }, now)
  const merged = (field: string): JsonObject => ({
    ...objectAt(metadataOf(pod), field),
    ...objectAt(metadataOf(binding), field),
  })
  return withMetadata(pod, { annotations: merged('annotations'), labels: merged('labels') })
}

function problemOf(pod: JsonObject, name: string): string | undefined {
  if (metadataText(pod, 'deletionTimestamp') !== '')
    return `pod ${name} is being deleted, cannot be assigned to a host`
  const node = stringAt(pod, 'spec', 'nodeName')
  if (node !== '') return `pod ${name} is already assigned to node ${JSON.stringify(node)}`
  return listAt(pod, 'spec', 'schedulingGates').length > 0
    ? `pod ${name} has non-empty .spec.schedulingGates`
    : undefined
}

const notBindable = (name: string, why: string): StatusError =>
  conflict({ group: '', kind: 'Pod', plural: 'pods/binding' }, name, why)

/** The Binding may say which pod it means. */
function checkPreconditions(type: ResourceType, pod: JsonObject, binding: JsonObject): void {
  const name = metadataText(pod, 'name')
  const fields = [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const
  for (const [field, word] of fields) {
    const asked = metadataText(binding, field)
    const is = metadataText(pod, field)
    if (asked !== '' && asked !== is)
      throw conflict(
        type,
        name,
        `StorageError: invalid object, Code: 4, Key: /registry/pods/${metadataText(pod, 'namespace')}/${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${word} in precondition: ${asked}, ${word} in object meta: ${is}`,
      )
  }
}
