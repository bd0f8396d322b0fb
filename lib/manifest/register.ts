/**
 * Brings the registration of an operator's webhooks into a cluster, keeps it as it is meant to be while it is wanted, and
 * takes it away. Configurations are applied (server-side), so what others add to them stays.
 */
import type { Kube, KubeObject, Resource } from '../kube.ts'
import type { Operator } from '../operator.ts'
import type { Report } from '../report.ts'
import { type Clock, sleep } from '../clock.ts'
import { watch } from '../watch.ts'
import { CRDS, installCrds } from './install.ts'
import {
  crdsOf,
  OPERATOR_LABEL,
  type ReviewAddress,
  SWITCH,
  type WebhookConfiguration,
  webhooksOf,
} from './webhooks.ts'

const configurations = (kind: WebhookConfiguration['kind']): Resource<KubeObject> => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: false,
})

const SORTS = [
  configurations('MutatingWebhookConfiguration'),
  configurations('ValidatingWebhookConfiguration'),
] as const

/** One registration: whose, where the reviews are served, and the namespace of the operator itself, which is exempt. */
export interface Registration {
  readonly operator: Operator
  readonly address: ReviewAddress
  readonly namespace: string
}

export interface Registering {
  readonly api: Kube
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
}

/** Applies CRDs with their conversions and both configurations. Throws what the server refuses. */
export async function register(
  registration: Registration,
  using: Registering,
  signal: AbortSignal,
): Promise<void> {
  const { operator, address } = registration
  await installCrds(using.api, operator, { ...using, signal, address })
  for (const resource of SORTS) await applyConfiguration(resource, registration, using.api, signal)
}

/** What is not meant any more (the last review of a sort was taken out) is deleted. */
async function applyConfiguration(
  resource: Resource<KubeObject>,
  { operator, address, namespace }: Registration,
  api: Kube,
  signal: AbortSignal,
): Promise<void> {
  const key = { name: operator.name }
  const meant = webhooksOf(operator, address, namespace).find(({ kind }) => kind === resource.kind)
  const live = await api.get(resource, key, { signal, as: 'metadata' })
  if (meant === undefined) {
    if (live?.metadata.labels?.[OPERATOR_LABEL] === operator.name) await api.delete(resource, key, { signal })
    return
  }
  const options = { fieldManager: 'fairlead', signal }
  const apply = (object: WebhookConfiguration) =>
    api.patch(resource, key, { type: 'apply', object, force: true }, options)
  const applied = await apply(isOff(live) ? { ...meant, webhooks: [] } : meant)
  // Somebody may have switched off between the look and the write.
  if (isOff(applied) && !isOff(live)) await apply({ ...meant, webhooks: [] })
}

const isOff = (configuration: Pick<KubeObject, 'metadata'> | undefined): boolean =>
  configuration?.metadata.annotations?.[SWITCH] === 'off'

/**
 * Takes the configurations away; one that is switched off stays, empty, so that it is still off later. Kinds with conversions are
 * then served in the version that is stored, and no other.
 */
export async function unregister(operator: Operator, using: Registering, signal: AbortSignal): Promise<void> {
  for (const resource of SORTS) {
    const live = await using.api.get(resource, { name: operator.name }, { signal, as: 'metadata' })
    if (live?.metadata.labels?.[OPERATOR_LABEL] === operator.name && !isOff(live))
      await using.api.delete(resource, { name: operator.name }, { signal })
  }
  await installCrds(using.api, operator, { ...using, signal, address: 'none' })
}

/**
 * The emergency switch: `off` takes every webhook out of both configurations at once and keeps `keepRegistered` from putting
 * them back; `on` lets it. API servers never ask webhooks about webhook configurations, so this works whatever they refuse.
 * Returns how many configurations there were. Conversions stay: without them objects could not be read.
 */
export async function switchReviews(
  operator: Operator,
  to: 'on' | 'off',
  { api, signal }: { readonly api: Kube; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  let count = 0
  for (const resource of SORTS) {
    const key = { name: operator.name }
    const live = await api.get(resource, key, { signal, as: 'metadata' })
    if (live?.metadata.labels?.[OPERATOR_LABEL] !== operator.name) continue
    const metadata = { annotations: { [SWITCH]: to === 'off' ? 'off' : null } }
    const body = to === 'off' ? { metadata, webhooks: [] } : { metadata }
    await api.patch(resource, key, { type: 'merge', body }, { fieldManager: 'fairlead-switch', signal })
    count++
  }
  return count
}

/**
 * Restores the registration whenever somebody edits or deletes a part of it (G5), until `signal` aborts. What the server
 * refuses is reported, and tried again until it succeeds. Two that keep different ones disturb each other once a second
 * each, no more.
 */
export async function keepRegistered(
  registration: Registration,
  using: Registering,
  signal: AbortSignal,
): Promise<void> {
  const { operator, address } = registration
  const names = new Set([operator.name, ...crdsOf(operator, address).map(({ metadata }) => metadata.name)])
  const follow = async (resource: Resource<KubeObject>) => {
    for await (const { changes } of watch(resource, using, {}, signal)) {
      // After a list nobody tells of what is not there any more.
      const isOurs = changes.some(
        (change) =>
          change.type === 'synced' ||
          ((change.type === 'seen' || change.type === 'gone') && names.has(change.object.name)),
      )
      if (isOurs) await restored(resource, registration, using, signal)
    }
  }
  await Promise.all([...SORTS, CRDS].map(follow))
}

/** How long after a restoration the next may come, and the longest time between tries of one that fails. */
const PACE_SECONDS = 1
const SLOWEST_SECONDS = 60

/** Resolves once it is restored, or on abort. */
async function restored(
  resource: Resource<KubeObject>,
  registration: Registration,
  using: Registering,
  signal: AbortSignal,
): Promise<void> {
  for (let seconds = PACE_SECONDS; !signal.aborted; seconds = Math.min(2 * seconds, SLOWEST_SECONDS)) {
    const isDone = await restore(resource, registration, using, signal)
    await sleep(using.clock, seconds * 1000, signal).catch(() => undefined)
    if (isDone) return
  }
}

/** False when it has to be tried again. */
async function restore(
  resource: Resource<KubeObject>,
  registration: Registration,
  using: Registering,
  signal: AbortSignal,
): Promise<boolean> {
  const { operator, address } = registration
  try {
    if (resource === CRDS) await installCrds(using.api, operator, { ...using, signal, address })
    else await applyConfiguration(resource, registration, using.api, signal)
    return true
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    const what = { kind: resource.kind, key: operator.name, controller: 'registration' }
    if (!signal.aborted) using.report({ type: 'failed', ...what, error: text })
    return false
  }
}
