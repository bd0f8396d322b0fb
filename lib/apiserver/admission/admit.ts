/**
 * Admission of a deletion: both kinds of webhooks see the object that is to go. For creates and updates `mutate` and
 * `validate` stand apart, because much happens between them.
 */
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Server } from '../server.ts'
import { type Asking, namespaceOf } from './attributes.ts'
import { mutate } from './mutate.ts'
import { validate } from './validate.ts'

/** What is to be deleted. */
export interface Deletion {
  readonly type: ResourceType
  readonly namespace: string
  /** As the request names it: '' for a deletecollection. */
  readonly name: string
  readonly before: JsonObject
}

/** Undefined, at once, when no webhook is meant. Rejects with the Status of a refusal or of a failure. */
export function admitDeletion(server: Server, deletion: Deletion, asking: Asking): Promise<void> | undefined {
  const { type, namespace, name, before } = deletion
  const attributes = {
    ...asking,
    operation: 'DELETE' as const,
    type,
    subresource: '',
    name,
    namespace: namespaceOf(type, namespace, name),
    object: undefined,
    before,
  }
  const mutated = mutate(server, attributes)
  if (mutated === undefined) return validate(server, attributes)
  return mutated.then(() => validate(server, attributes))
}
