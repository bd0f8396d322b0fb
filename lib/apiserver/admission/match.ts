/** Is a webhook to be asked about a request, and in which version? (generic/webhook.go, ShouldCallHook.) */
import type { ResourceAccess } from '../auth/access.ts'
import { authorize } from '../auth/rbac.ts'
import { serviceAccountGroups, serviceAccountName, type User } from '../auth/user.ts'
import type { ResourceType } from '../resource.ts'
import { type Authority, authorizerFor } from '../schema/cel/authorizer.ts'
import type { Server } from '../server.ts'
import { forbidden, StatusError } from '../status.ts'
import type { Attributes } from './attributes.ts'
import { matchConditions } from './conditions.ts'
import type { Hook } from './hooks.ts'
import { admissionRequest, type Seen } from './review.ts'
import { wantedType } from './rules.ts'
import { matchesNamespace, matchesObject } from './selectors.ts'

const CONFIGURATIONS = /^(Validating|Mutating)(WebhookConfiguration|AdmissionPolicy|AdmissionPolicyBinding)$/

/** No webhook may keep its own configuration from being repaired. */
export const isExempt = ({ group, kind }: ResourceType): boolean =>
  group === 'admissionregistration.k8s.io' && CONFIGURATIONS.test(kind)

/**
 * The version that the webhook wants to see, or undefined when rules and selectors leave it out. Throws 404 for a webhook
 * that is meant and selects by a namespace that is absent.
 */
export function chosenType(server: Server, hook: Hook, attributes: Attributes): ResourceType | undefined {
  let absent: StatusError | undefined
  try {
    if (!matchesNamespace(server, hook.namespaceSelector, attributes)) return undefined
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    absent = error
  }
  if (!matchesObject(hook.objectSelector, attributes)) return undefined
  const type = wantedType(server, hook, attributes)
  if (type !== undefined && absent !== undefined) throw absent
  return type
}

/** Do its matchConditions hold? Throws 403 when that cannot be found out and the webhook fails closed. */
export function meetsConditions(server: Server, hook: Hook, attributes: Attributes, seen: Seen): boolean {
  if (hook.conditions.length === 0) return true
  const request = admissionRequest(attributes, seen, '')
  const { object = null, oldObject = null } = request
  const authorizer = authorizerFor(authorityOf(server, attributes.user), accessIn(attributes))
  const matching = matchConditions(hook.conditions, { object, oldObject, request }, authorizer)
  if (matching.type === 'errors' && hook.fails)
    throw forbidden(attributes.type, attributes.name, matching.text)
  return matching.type === 'yes'
}

const authorityOf = (server: Server, user: User): Authority => ({
  check: (access) => authorize(server, user, access),
  // Its groups lack that of all who are authenticated: nobody has proved to be it.
  as: (namespace, name) =>
    authorityOf(server, {
      username: serviceAccountName(namespace, name),
      groups: serviceAccountGroups(namespace),
    }),
})

const accessIn = ({ type, subresource, namespace, name }: Attributes): ResourceAccess => ({
  type: 'resource',
  verb: '',
  group: type.group,
  resource: type.plural,
  subresource,
  namespace,
  name,
})
