/**
 * Evictions: deletions of pods that ask budgets first. What a budget allows is decided by its status, which whoever plays the
 * disruption controller writes; here it is only spent.
 */
import { mutatedPart, validatePart } from './admit.ts'
import { budgetOf, mayGoUnasked, spend } from './budget.ts'
import { withCondition } from './condition.ts'
import { type DeleteOptions, readDeleteOptions } from '../deleteOptions.ts'
import { metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { objectAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server, tableFor } from '../server.ts'
import { badRequest, invalid, notFound } from '../status.ts'
import { commit, type Entry } from '../store.ts'
import type { Writing } from '../write/outcome.ts'
import { checkPreconditions, removeFound } from '../write/remove.ts'

/** Evicts the pod of a route (`pods/NAME/eviction`). Rejects with 400, 404, 409, 422, 429 and 500. */
export async function evict(server: Server, route: Route, sent: JsonObject, writing: Writing): Promise<void> {
  const { type, name, namespace } = route
  const eviction = await mutatedPart(server, route, sent, writing)
  if (metadataText(eviction, 'name') !== name)
    throw badRequest('name in URL does not match name in Eviction object')
  refuseUnsafe(eviction, name)
  await validatePart(server, route, eviction, writing)
  const entry = findEntry(server, type, namespace, name)
  if (entry === undefined) throw notFound(type, name)
  const given = readDeleteOptions(objectAt(eviction, 'deleteOptions'))
  const options = { ...given, dryRun: given.dryRun || writing.options.dryRun }
  const pod = entry.object
  if (!isOver(pod)) {
    const budget = budgetOf(server, pod)
    if (budget !== undefined && !mayGoUnasked(budget.object, pod))
      spend(server, budget, name, { now: writing.now, dryRun: options.dryRun })
  }
  remove(server, type, entry, options, writing.now)
}

function refuseUnsafe(eviction: JsonObject, name: string): void {
  const field = 'ignoreStoreReadErrorWithClusterBreakingPotential'
  if (objectAt(eviction, 'deleteOptions')[field] !== true) return
  const message = 'Invalid value: true: can not be set for pod eviction, try after removing the option'
  throw invalid({ group: 'policy', kind: 'Eviction' }, name, [
    { reason: 'FieldValueInvalid', field: `deleteOptions.${field}`, message },
  ])
}

/** A pod that does not run, or is about to stop, disrupts nothing any more. */
const isOver = (pod: JsonObject): boolean =>
  ['Succeeded', 'Failed', 'Pending'].includes(stringAt(pod, 'status', 'phase')) ||
  metadataText(pod, 'deletionTimestamp') !== ''

/** The pod tells why it goes before it does. */
function remove(server: Server, type: ResourceType, entry: Entry, options: DeleteOptions, now: string): void {
  checkPreconditions(type, entry.object, options)
  if (options.dryRun) return void removeFound(server, type, entry, options)
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  const status = withCondition(objectAt(entry.object, 'status'), target, now)
  const told = commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata({ ...entry.object, status }, { resourceVersion }),
  )
  removeFound(server, type, told, { ...options, resourceVersion: undefined })
}
