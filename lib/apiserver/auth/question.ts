/**
 * Questions that a client sends as objects: reviews, and the request for a token. Each goes the way of a create (defaults,
 * managedFields, webhooks) as far as the store, and comes back with its answer.
 */
import { validate } from '../admission/validate.ts'
import { trackUpdate } from '../fields/managed.ts'
import { metadataText } from '../metadata.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { applyDefaults } from '../schema/default.ts'
import type { Server } from '../server.ts'
import { type Act, attributesOf, mutated } from '../write/admission.ts'
import { placeInNamespace } from '../write/check.ts'
import { withoutSystemMetadata } from '../write/create.ts'
import type { Outcome, Writing } from '../write/outcome.ts'
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
} from './accessReview.ts'
import { selfSubjectReview, tokenReview } from './identityReview.ts'
import { tokenRequest } from './tokenRequest.ts'
import type { User } from './user.ts'

/** What is asked, by whom and where. */
export interface Asked {
  readonly object: JsonObject
  readonly user: User
  readonly route: Route
  /** RFC 3339 in whole seconds. */
  readonly now: string
}

/** How a kind of question is answered. */
export interface Question {
  /** The object that validating webhooks see. Throws 400, 403, 404, 409 and 422. */
  check(server: Server, asked: Asked): JsonObject
  /** The object that goes back. Throws 400, 404 and 409. */
  answer(server: Server, asked: Asked): JsonObject
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  LocalSubjectAccessReview: localSubjectAccessReview,
  SelfSubjectAccessReview: selfSubjectAccessReview,
  SelfSubjectReview: selfSubjectReview,
  SelfSubjectRulesReview: selfSubjectRulesReview,
  SubjectAccessReview: subjectAccessReview,
  TokenRequest: tokenRequest,
  TokenReview: tokenReview,
}

/**
 * Answers a question of this type, which is taken over and changed. Rejects with 400, 403, 404, 409 and 422, and with what
 * webhooks say.
 */
export async function answerQuestion(
  server: Server,
  { type, route }: { type: ResourceType; route: Route },
  given: JsonObject,
  writing: Writing,
): Promise<Outcome> {
  const question = QUESTIONS[type.kind]
  if (question === undefined) throw new Error(`nobody answers a ${type.kind}`)
  const { namespace, subresource } = route
  placeInNamespace(given, namespace)
  applyDefaults(given, type.schema)
  const { manager, now } = writing
  // The metadata of a token request is that of its account.
  const after = subresource === '' ? withoutSystemMetadata(given) : given
  let object = trackUpdate({ before: undefined, after, type, manager, subresource, now })
  const name = route.name === '' ? metadataText(object, 'name') : route.name
  const act: Act = { operation: 'CREATE', type: route.type, subresource, name, namespace, before: undefined }
  const asked = { user: writing.asking.user, route, now }
  const changed = mutated(server, act, () => object, writing)
  if (changed !== undefined) object = await changed
  object = question.check(server, { ...asked, object })
  const checked = validate(server, attributesOf(act, object, writing))
  if (checked !== undefined) await checked
  return { status: 201, type, object: question.answer(server, { ...asked, object }) }
}
