/** Webhooks before what is sent to a part of an object. */
import { validate } from '../admission/validate.ts'
import type { JsonObject } from '../resource.ts'
import type { Route } from '../route.ts'
import type { Server } from '../server.ts'
import { type Act, attributesOf, mutated } from '../write/admission.ts'
import type { Writing } from '../write/outcome.ts'

const actOf = ({ type, subresource, name, namespace }: Route): Act => ({
  operation: 'CREATE',
  type,
  subresource,
  name,
  namespace,
  before: undefined,
})

/** What is sent, as mutating webhooks leave it. Rejects with what they say. */
export const mutatedPart = async (
  server: Server,
  route: Route,
  sent: JsonObject,
  writing: Writing,
): Promise<JsonObject> => (await mutated(server, actOf(route), () => sent, writing)) ?? sent

/** Rejects with what validating webhooks say. */
export const validatePart = async (
  server: Server,
  route: Route,
  object: JsonObject,
  writing: Writing,
): Promise<void> => validate(server, attributesOf(actOf(route), object, writing))
