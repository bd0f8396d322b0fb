/**
 * The webhooks that are configured, in the order in which they are asked: configurations by name, and within one as written.
 */
import { findKind } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Server, tableFor } from '../server.ts'
import { type Condition, conditionsOf } from './conditions.ts'

/** One webhook of a configuration. */
export interface Hook {
  /** Of the webhook among all of its kind. */
  readonly id: string
  readonly name: string
  readonly client: JsonObject
  readonly rules: readonly JsonObject[]
  readonly fails: boolean
  readonly takesEquivalents: boolean
  readonly namespaceSelector: JsonObject
  readonly objectSelector: JsonObject
  readonly conditions: readonly Condition[]
  readonly hasSideEffects: boolean
  readonly timeoutSeconds: number
  readonly reviewVersions: readonly string[]
  /** Wants to see the object again when a later webhook has changed it. */
  readonly isReinvoked: boolean
}

const GROUP = 'admissionregistration.k8s.io'

/** Configurations as hooks, kept for as long as the configuration stays as it is. */
export type HookCache = WeakMap<JsonObject, readonly Hook[]>

/** The webhooks of a kind; usually none. */
export function hooksOf(server: Server, kind: 'Mutating' | 'Validating'): readonly Hook[] {
  const type = findKind(server.registry, `${GROUP}/v1`, `${kind}WebhookConfiguration`)
  if (type === undefined) return []
  const { entries } = tableFor(server, type)
  return entries.length === 0 ? [] : entries.flatMap(({ object }) => known(server, object))
}

function known(server: Server, configuration: JsonObject): readonly Hook[] {
  const found = server.hooks.get(configuration)
  if (found !== undefined) return found
  const name = stringAt(configuration, 'metadata', 'name')
  const hooks = listAt(configuration, 'webhooks')
    .filter(isObject)
    .map((webhook, index) => hookOf(webhook, `${name}/${stringAt(webhook, 'name')}/${index}`))
  server.hooks.set(configuration, hooks)
  return hooks
}

const hookOf = (webhook: JsonObject, id: string): Hook => ({
  id,
  name: stringAt(webhook, 'name'),
  client: objectAt(webhook, 'clientConfig'),
  rules: listAt(webhook, 'rules').filter(isObject),
  fails: webhook.failurePolicy !== 'Ignore',
  takesEquivalents: webhook.matchPolicy !== 'Exact',
  namespaceSelector: objectAt(webhook, 'namespaceSelector'),
  objectSelector: objectAt(webhook, 'objectSelector'),
  conditions: conditionsOf(listAt(webhook, 'matchConditions')),
  hasSideEffects: webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun',
  timeoutSeconds: numberAt(webhook, 'timeoutSeconds') ?? 10,
  reviewVersions: listAt(webhook, 'admissionReviewVersions').map(String),
  isReinvoked: webhook.reinvocationPolicy === 'IfNeeded',
})
