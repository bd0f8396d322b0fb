/** An AdmissionReview as it comes from outside: parsed, and bounded in what is read of it. */
import * as z from 'zod'
import { Denied } from './denied.ts'

const kind = z.object({ group: z.string(), version: z.string(), kind: z.string() })
const resource = z.object({ group: z.string(), version: z.string(), resource: z.string() })
const object = z.record(z.string(), z.unknown()).nullish()

const admissionRequest = z.object({
  uid: z.string().min(1).max(256),
  kind,
  resource,
  subResource: z.string().optional(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
  userInfo: z
    .object({
      username: z.string().default(''),
      uid: z.string().default(''),
      groups: z.array(z.string()).default([]),
    })
    .prefault({}),
  object,
  oldObject: object,
  dryRun: z.boolean().optional(),
  options: z.unknown().optional(),
})

const VERSIONS = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'] as const

const admissionReview = z.object({
  apiVersion: z.enum(VERSIONS),
  kind: z.literal('AdmissionReview'),
  request: admissionRequest,
})

/** The request of an AdmissionReview (admission.k8s.io/v1). */
export type AdmissionRequest = z.output<typeof admissionRequest>

/** What is answered, in the version in which it was asked. */
export interface AdmissionReview {
  readonly apiVersion: string
  readonly kind: 'AdmissionReview'
  readonly response: AdmissionResponse
}

export interface AdmissionResponse {
  readonly uid: string
  readonly allowed: boolean
  readonly status?: object
  readonly patchType?: 'JSONPatch'
  /** Base64 of the JSON Patch. */
  readonly patch?: string
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
}

/** As much of a review as an answer needs, whatever else is wrong with it. */
export interface Envelope {
  readonly apiVersion: string
  readonly uid: string
}

/** How to address the answer: the version (v1 where it is none of ours) and the uid (empty where there is none). */
export function envelopeOf(body: unknown): Envelope {
  const { apiVersion, request } = (body ?? {}) as { apiVersion?: unknown; request?: { uid?: unknown } | null }
  const uid = request?.uid
  return {
    apiVersion: VERSIONS.find((version) => version === apiVersion) ?? VERSIONS[0],
    uid: typeof uid === 'string' && uid.length <= 256 ? uid : '',
  }
}

/** Throws {@link Denied} with 400 and every problem, none of the values. */
export function parseReview(body: unknown): AdmissionRequest {
  const parsed = admissionReview.safeParse(body)
  if (parsed.success) return parsed.data.request
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  const text = `not an AdmissionReview of ${VERSIONS.join(' or ')}: ${problems.slice(0, 10).join('; ')}`
  throw new Denied(text, { code: 400, reason: 'BadRequest' })
}
