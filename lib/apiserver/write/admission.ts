/** The place of webhooks in a write: what they are told of it, and which object they are shown. */
import { type Attributes, namespaceOf } from '../admission/attributes.ts'
import { hooksOf } from '../admission/hooks.ts'
import { mutate } from '../admission/mutate.ts'
import { entriesOf, readManagers } from '../fields/managers.ts'
import { withMetadata } from '../metadata.ts'
import { dedupeOwners } from '../owners.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Server } from '../server.ts'
import type { Writing } from './outcome.ts'

/** What a write does, apart from the object that comes out of it. */
export interface Act {
  readonly operation: 'CREATE' | 'UPDATE'
  readonly type: ResourceType
  readonly subresource: string
  /** As the request names the object, or as the object names itself. */
  readonly name: string
  readonly namespace: string
  /** Undefined for a create. */
  readonly before: JsonObject | undefined
}

export const attributesOf = (act: Act, object: JsonObject, { asking }: Writing): Attributes => ({
  ...asking,
  ...act,
  namespace: namespaceOf(act.type, act.namespace, act.name),
  object,
})

/** The object as mutating webhooks leave it; undefined, at once, when none is meant. Rejects with a StatusError. */
export function mutated(
  server: Server,
  act: Act,
  make: () => JsonObject,
  writing: Writing,
): Promise<JsonObject> | undefined {
  if (hooksOf(server, 'Mutating').length === 0) return undefined
  const object = make()
  const asked = mutate(server, attributesOf(act, object, writing))
  return asked?.then((changed) => {
    const after = withReadableManagers(object, { ...(changed ?? object) }, writing)
    for (const text of dedupeOwners(after, ' after mutating admission happens')) writing.asking.warn(text)
    return after
  })
}

/** A webhook may not spoil the record of who owns what. */
function withReadableManagers(before: JsonObject, after: JsonObject, { asking }: Writing): JsonObject {
  try {
    readManagers(after)
    return after
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    asking.warn(
      `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${error.message}`,
    )
    return withMetadata(after, { managedFields: entriesOf(before) })
  }
}
