/** One call of one webhook: the review, the exchange, the decision. */
import type { Server } from '../server.ts'
import { badRequest, StatusError } from '../status.ts'
import { callWebhook } from '../webhook/call.ts'
import { ClientFailure, WebhookFailure } from '../webhook/failure.ts'
import { REVIEW_VERSIONS } from '../webhook/reply.ts'
import { ADMISSION_REVIEW, type Decision, decisionOf } from './answer.ts'
import type { Attributes } from './attributes.ts'
import type { Hook } from './hooks.ts'
import { admissionRequest, type Seen } from './review.ts'

/** The webhook gave no usable answer: whether that fails the request is for its failurePolicy to say. */
export class CallFailure extends Error {
  constructor(webhook: string, cause: WebhookFailure, prefix: string) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${prefix}${cause.message}`, { cause })
    this.name = 'CallFailure'
  }
}

/** 500 with the text as its cause, as `NewInternalError` makes it. */
export const internalError = (message: string): StatusError =>
  new StatusError(500, `Internal error occurred: ${message}`, {
    reason: 'InternalError',
    details: { causes: [{ message }] },
  })

/** 504: the whole request took too long (endpoints/handlers/finisher). */
const late = (): StatusError =>
  new StatusError(
    504,
    'Timeout: request did not complete within requested timeout - context deadline exceeded',
    { reason: 'Timeout', details: {} },
  )

/** Words that say at which step a call failed. */
const CLIENT = 'could not get REST client: '
const CALL = 'failed to call webhook: '
const RESPONSE = 'received invalid webhook response: '

/**
 * What the webhook decided; its warnings are passed on. Rejects with a {@link CallFailure} when there is no decision, and
 * with 400 for a dry run that the webhook does not support.
 */
export async function ask(
  server: Server,
  hook: Hook,
  attributes: Attributes,
  { seen, isMutating }: { seen: Seen; isMutating: boolean },
): Promise<Decision> {
  if (attributes.dryRun && hook.hasSideEffects)
    throw badRequest(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`)
  const version = hook.reviewVersions.find((one) => REVIEW_VERSIONS.includes(one)) ?? 'v1'
  const uid = server.newUid()
  const review = {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: admissionRequest(attributes, seen, uid),
  }
  const left = (attributes.deadline - server.clock.now()) / 1000
  if (left <= 0) throw late()
  const callee = {
    config: hook.client,
    timeoutSeconds: Math.min(hook.timeoutSeconds, left),
    timeoutText: 'context deadline exceeded',
  }
  const expected = { group: 'admission.k8s.io', version, kind: 'AdmissionReview', schema: ADMISSION_REVIEW }
  const answer = await callWebhook(server, callee, review, expected).catch((error: unknown) => {
    // Then it is the request that is out of time, whatever the webhook's failurePolicy says.
    if (server.clock.now() >= attributes.deadline) throw late()
    throw asFailure(hook, error, error instanceof ClientFailure ? CLIENT : CALL)
  })
  try {
    const decision = decisionOf(answer, { name: hook.name, version, uid, isMutating })
    for (const warning of decision.warnings) attributes.warn(warning)
    return decision
  } catch (error) {
    throw asFailure(hook, error, RESPONSE)
  }
}

/** Mistakes of this server's own are no failures of a webhook. */
const asFailure = (hook: Hook, error: unknown, prefix: string): unknown =>
  error instanceof WebhookFailure ? new CallFailure(hook.name, error, prefix) : error
