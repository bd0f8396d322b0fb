/** The AdmissionReview that a webhook is sent. */
import { userInfo } from '../auth/user.ts'
import { apiVersionOf } from '../encode.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { type Attributes, hasOwnKind, kindOf } from './attributes.ts'

/** The objects of a request in the version that a webhook wants. */
export interface Seen {
  readonly type: ResourceType
  readonly object: JsonObject | undefined
  readonly before: JsonObject | undefined
}

/** `AdmissionRequest`; `uid` is of this call alone. */
export function admissionRequest(attributes: Attributes, seen: Seen, uid: string): JsonObject {
  const { operation, type, subresource, name, namespace, user, options, dryRun } = attributes
  const { group, version, plural } = seen.type
  return {
    uid,
    kind: { ...kindOf(seen.type, subresource) },
    resource: { group, version, resource: plural },
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: { ...kindOf(type, subresource) },
    requestResource: { group: type.group, version: type.version, resource: type.plural },
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: userInfo(user),
    object: sent(seen.object, seen.type, subresource),
    oldObject: sent(seen.before, seen.type, subresource),
    dryRun,
    options: { kind: OPTIONS[operation], apiVersion: 'meta.k8s.io/v1', ...options },
  }
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }

/** Built-in kinds know what they are without saying so. */
const sent = (object: JsonObject | undefined, type: ResourceType, subresource: string): JsonObject | null =>
  object === undefined
    ? null
    : hasOwnKind(type, subresource)
      ? object
      : { kind: type.kind, apiVersion: apiVersionOf(type), ...object }
