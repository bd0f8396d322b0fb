/**
 * What a webhook's answer means: allowed, with a patch perhaps, or refused with a Status. Answers that are none are
 * failures of the call (k8s.io/apiserver/pkg/admission/plugin/webhook/request.VerifyAdmissionResponse).
 */
import { mapOf, struct } from '../kinds/dsl.ts'
import type { JsonObject, Schema } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { StatusError } from '../status.ts'
import { WebhookFailure } from '../webhook/failure.ts'

const STATUS = struct('Status', {
  metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  status: 'string',
  message: 'string',
  reason: { type: 'string', 'x-go-type': 'v1.StatusReason' },
  details: struct('StatusDetails', {
    name: 'string',
    group: 'string',
    kind: 'string',
    uid: { type: 'string', 'x-go-type': 'types.UID' },
    causes: {
      type: 'array',
      items: struct('StatusCause', { reason: 'string', message: 'string', field: 'string' }),
    },
    retryAfterSeconds: 'int32',
  }),
  code: 'int32',
})

/** `AdmissionReview`, as far as answers fill it. */
export const ADMISSION_REVIEW: Schema = struct('AdmissionReview', {
  kind: 'string',
  apiVersion: 'string',
  response: struct('AdmissionResponse', {
    uid: { type: 'string', 'x-go-type': 'types.UID' },
    allowed: 'bool',
    status: STATUS,
    patch: 'bytes',
    patchType: { type: 'string', 'x-go-type': 'v1.PatchType' },
    auditAnnotations: mapOf('string'),
    warnings: { type: 'array', items: { type: 'string', 'x-go-type': 'string' } },
  }),
})

/** What was decided. */
export interface Decision {
  readonly warnings: readonly string[]
  /** Undefined when it is allowed. */
  readonly refusal: StatusError | undefined
  /** JSON text, '' for none. */
  readonly patch: string
  readonly patchType: string
}

/** What was asked for, to be compared with the answer. */
export interface Asked {
  readonly name: string
  readonly version: string
  readonly uid: string
  readonly isMutating: boolean
}

/** Throws {@link WebhookFailure} for an answer that is none. */
export function decisionOf(review: JsonObject | undefined, asked: Asked): Decision {
  const response = review?.response
  if (review === undefined || !isObject(response)) throw new WebhookFailure('webhook response was absent')
  if (asked.version === 'v1') verify(review, response, asked)
  const patch = Buffer.from(stringAt(response, 'patch'), 'base64').toString('utf8')
  const patchType = asked.version === 'v1' || patch === '' ? stringAt(response, 'patchType') : 'JSONPatch'
  return {
    warnings: listAt(response, 'warnings').map(String),
    refusal: response.allowed === true ? undefined : refusalOf(asked.name, objectAt(response, 'status')),
    patch: asked.isMutating ? patch : '',
    patchType: asked.isMutating ? patchType : '',
  }
}

/** v1beta1 never looked at these, and does not begin to. */
function verify(review: JsonObject, response: JsonObject, { uid, version, isMutating }: Asked): void {
  const given = stringAt(response, 'uid')
  if (given !== uid)
    throw new WebhookFailure(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`)
  const apiVersion = stringAt(review, 'apiVersion')
  const kind = stringAt(review, 'kind')
  if (apiVersion !== `admission.k8s.io/${version}` || kind !== 'AdmissionReview') {
    const named = apiVersion === '' || !apiVersion.includes('/') ? `/${apiVersion}` : apiVersion
    throw new WebhookFailure(
      `expected webhook response of admission.k8s.io/${version}, Kind=AdmissionReview, got ${named}, Kind=${kind}`,
    )
  }
  const hasPatch = stringAt(response, 'patch') !== ''
  const { patchType } = response
  const hasType = typeof patchType === 'string'
  if (!isMutating && hasPatch) throw new WebhookFailure('validating webhook may not return response.patch')
  if (!isMutating && hasType) throw new WebhookFailure('validating webhook may not return response.patchType')
  if (hasPatch && !hasType)
    throw new WebhookFailure('webhook returned response.patch but not response.patchType')
  if (!hasPatch && hasType)
    throw new WebhookFailure('webhook returned response.patchType but not response.patch')
  if (patchType === '') throw new WebhookFailure('webhook returned invalid response.patchType of ""')
}

const BAD_REQUEST = 400

/** A refusal is never a success, whatever code it comes with (webhook/errors.ToStatusErr). */
function refusalOf(webhook: string, status: JsonObject): StatusError {
  const code = Math.max(numberAt(status, 'code') ?? 0, BAD_REQUEST)
  const reason = stringAt(status, 'reason')
  const why = stringAt(status, 'message') || reason
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const { details } = status
  const retryAfterSeconds = numberAt(details, 'retryAfterSeconds') ?? 0
  return new StatusError(code, why === '' ? `${denied} without explanation` : `${denied}: ${why}`, {
    ...(reason === '' ? {} : { reason }),
    ...(isObject(details) ? { details } : {}),
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  })
}
