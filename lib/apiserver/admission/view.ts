/**
 * The objects of a request in the versions that webhooks want, converted when they are first wanted. What a webhook changes
 * is seen by the later ones in theirs.
 */
import { convertTo } from '../conversion/convert.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Server } from '../server.ts'
import { StatusError } from '../status.ts'
import { internalError } from './ask.ts'
import { type Attributes, hasOwnKind } from './attributes.ts'
import type { Seen } from './review.ts'

/** The objects of one request. */
export interface View {
  /** In the version of `type`. Rejects with a StatusError when a conversion fails. */
  as(type: ResourceType): Promise<Seen>
  /** Takes a changed object, in the version of `type`. */
  change(type: ResourceType, object: JsonObject): void
  /** The object in the version of the request. */
  object(): Promise<JsonObject | undefined>
}

/** What is of a kind of its own (Scales) is the same in all versions. */
export function viewOf(server: Server, { type, subresource, object, before }: Attributes): View {
  const isFixed = hasOwnKind(type, subresource)
  const convert = (from: ResourceType, to: ResourceType, one: JsonObject | undefined) =>
    one === undefined || from === to || isFixed ? one : convertTo(server, from, to, one)
  let current: Seen = { type, object, before }
  return {
    async as(wanted) {
      if (wanted === current.type) return current
      try {
        const converted = await convert(current.type, wanted, current.object)
        current = { type: wanted, object: converted, before: await convert(type, wanted, before) }
      } catch (error) {
        throw error instanceof StatusError ? internalError(error.message) : error
      }
      return current
    },
    change(changed, next) {
      current = { ...current, type: changed, object: next }
    },
    async object() {
      return convert(current.type, type, current.object)
    },
  }
}
