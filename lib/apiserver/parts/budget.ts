/** What a PodDisruptionBudget allows, and that less of it is left (registry/core/pod/storage, EvictionREST). */
import { trackUpdate } from '../fields/managed.ts'
import { labelsOf, metadataOf, metadataText, withMetadata } from '../metadata.ts'
import { findKind } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { selectorMatches } from '../selector/object.ts'
import { type Server, tableFor } from '../server.ts'
import { forbidden, internal, StatusError } from '../status.ts'
import { commit, type Entry, rangeOf } from '../store.ts'

const ALLOWED = 'DisruptionAllowed'

/** So many disruptions may be waiting for the controller to see them (MaxDisruptedPodSize). */
const MOST_DISRUPTED = 2_000

/** The budget of a pod, if it has one. Throws 500 where it has several. */
export function budgetOf(server: Server, pod: JsonObject): Entry | undefined {
  const type = findKind(server.registry, 'policy/v1', 'PodDisruptionBudget')
  if (type === undefined) return undefined
  const labels = labelsOf(pod)
  const namespace = metadataText(pod, 'namespace')
  const [budget, ...more] = rangeOf(tableFor(server, type).entries, namespace).filter(({ object }) => {
    const selector = objectAt(object, 'spec').selector
    return isObject(selector) && selectorMatches(selector, labels)
  })
  if (more.length > 0)
    throw internal(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  return budget
}

/** A pod that is not ready is none that the budget counts on, unless that is all there is. */
export function mayGoUnasked(budget: JsonObject, pod: JsonObject): boolean {
  const isReady = listAt(pod, 'status', 'conditions').some(
    (one) => stringAt(one, 'type') === 'Ready' && stringAt(one, 'status') === 'True',
  )
  if (isReady) return false
  if (stringAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true
  const desired = count(budget, 'desiredHealthy')
  return desired > 0 && count(budget, 'currentHealthy') >= desired
}

const count = (budget: JsonObject, name: string): number => numberAt(budget, 'status', name) ?? 0

/** Takes one disruption from what the budget allows. Throws 403 and 429. */
export function spend(
  server: Server,
  entry: Entry,
  pod: string,
  { now, dryRun }: { now: string; dryRun: boolean },
): void {
  const budget = entry.object
  refuse(budget)
  const type = findKind(server.registry, 'policy/v1', 'PodDisruptionBudget')
  if (dryRun || type === undefined) return
  const left = count(budget, 'disruptionsAllowed') - 1
  const status: JsonObject = {
    ...objectAt(budget, 'status'),
    disruptionsAllowed: left,
    disruptedPods: { ...objectAt(budget, 'status', 'disruptedPods'), [pod]: now },
    ...(left === 0 ? { conditions: exhausted(budget, now) } : {}),
  }
  const manager = 'kube-apiserver'
  const after = { ...budget, status }
  const tracked = trackUpdate({ before: budget, after, type, manager, subresource: 'status', now })
  commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata(tracked, { resourceVersion }),
  )
}

function exhausted(budget: JsonObject, now: string): JsonObject[] {
  const conditions = listAt(budget, 'status', 'conditions').filter(isObject)
  const old = conditions.find(({ type }) => type === ALLOWED)
  const observedGeneration = count(budget, 'observedGeneration')
  const made: JsonObject = {
    type: ALLOWED,
    status: 'False',
    ...(observedGeneration === 0 ? {} : { observedGeneration }),
    lastTransitionTime: old?.status === 'False' ? (old.lastTransitionTime ?? now) : now,
    reason: 'InsufficientPods',
    message: '',
  }
  return old === undefined ? [...conditions, made] : conditions.map((one) => (one === old ? made : one))
}

/** Throws where nothing is left of it, or nothing is known. */
function refuse(budget: JsonObject): void {
  const name = metadataText(budget, 'name')
  const allowed = count(budget, 'disruptionsAllowed')
  const policy = { group: 'policy', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudget' }
  if (count(budget, 'observedGeneration') < Number(metadataOf(budget).generation ?? 0))
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, RETRY_SECONDS)
  if (allowed < 0) throw forbidden(policy, name, 'pdb disruptions allowed is negative')
  if (Object.keys(objectAt(budget, 'status', 'disruptedPods')).length > MOST_DISRUPTED)
    throw forbidden(
      policy,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    )
  if (allowed === 0) throw tooMany(reasonOf(budget, name))
}

const RETRY_SECONDS = 10

const tooMany = (message: string, retryAfterSeconds?: number): StatusError =>
  new StatusError(429, "Cannot evict pod as it would violate the pod's disruption budget.", {
    reason: 'TooManyRequests',
    details: { causes: [{ reason: 'DisruptionBudget', message }] },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })

function reasonOf(budget: JsonObject, name: string): string {
  const condition = listAt(budget, 'status', 'conditions').find((one) => stringAt(one, 'type') === ALLOWED)
  const text = stringAt(condition, 'status') === 'False' ? stringAt(condition, 'message') : ''
  const reason = stringAt(condition, 'reason')
  const [current, desired] = [count(budget, 'currentHealthy'), count(budget, 'desiredHealthy')]
  const what = `The disruption budget ${name} does not allow evicting pods currently`
  if (text !== '' && reason === 'SyncFailed') return `${what} because it failed sync: ${text}`
  if (current <= desired)
    return `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`
  return text === '' ? what : `${what} (${reason}): ${text}`
}
