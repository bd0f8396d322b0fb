/** A ConversionReview as it comes from outside (apiextensions.k8s.io/v1), parsed. */
import * as z from 'zod'
import { Denied } from '../admission/denied.ts'

const convertible = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({}),
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
})

/** An object to convert; what it holds beside these is its own matter. */
export type Convertible = z.output<typeof convertible>

const conversionReview = z.object({
  apiVersion: z.enum(['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1']),
  kind: z.literal('ConversionReview'),
  request: z.object({
    uid: z.string().min(1).max(256),
    desiredAPIVersion: z.string(),
    objects: z.array(convertible),
  }),
})

export type ConversionRequest = z.output<typeof conversionReview>['request']

export interface ConversionReview {
  readonly apiVersion: string
  readonly kind: 'ConversionReview'
  readonly response: {
    readonly uid: string
    readonly convertedObjects?: readonly object[]
    readonly result: { readonly status: 'Success' | 'Failed'; readonly message?: string }
  }
}

/** How to address the answer. */
export function conversionEnvelope(body: unknown): { readonly apiVersion: string; readonly uid: string } {
  const { apiVersion, request } = (body ?? {}) as { apiVersion?: unknown; request?: { uid?: unknown } | null }
  const uid = request?.uid
  return {
    apiVersion: apiVersion === 'apiextensions.k8s.io/v1beta1' ? apiVersion : 'apiextensions.k8s.io/v1',
    uid: typeof uid === 'string' && uid.length <= 256 ? uid : '',
  }
}

/** Throws {@link Denied} with 400 and every problem, none of the values. */
export function parseConversion(body: unknown): ConversionRequest {
  const parsed = conversionReview.safeParse(body)
  if (parsed.success) return parsed.data.request
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Denied(`not a ConversionReview: ${problems.slice(0, 10).join('; ')}`, {
    code: 400,
    reason: 'BadRequest',
  })
}
