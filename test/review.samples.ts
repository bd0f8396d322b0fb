/** A kind with schemas of every sort, and reviews to be asked about it. */
import * as z from 'zod'
import { defineKind, type Report, type Review, review, type ReviewVerb } from '../lib/index.ts'
import { fakeClock } from './fake-clock.ts'

export const Shop = defineKind({
  group: 'test.fairlead.dev',
  kind: 'Shop',
  scope: 'Namespaced',
  versions: {
    v1: {
      spec: z.object({
        title: z.string().min(1).max(20),
        size: z.enum(['small', 'large']).default('small'),
        replicas: z.int().min(0).max(5).default(1),
        doors: z
          .array(z.object({ name: z.string(), port: z.int().min(1).optional() }))
          .max(3)
          .optional(),
        tags: z.record(z.string(), z.string()).optional(),
        email: z.email().optional(),
        code: z
          .string()
          .regex(/^[A-Z]+$/)
          .optional(),
      }),
      status: z.object({ open: z.boolean() }),
    },
  },
})

/** An AdmissionReview about a Shop; `request` overrides. */
export function asked(object: unknown, request: object = {}): Record<string, unknown> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: 'test.fairlead.dev', version: 'v1', kind: 'Shop' },
      resource: { group: 'test.fairlead.dev', version: 'v1', resource: 'shops' },
      name: 'corner',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'ann', groups: ['people'] },
      object,
      oldObject: null,
      dryRun: false,
      ...request,
    },
  }
}

export const shop = (spec: object, more: object = {}): Record<string, unknown> => ({
  apiVersion: 'test.fairlead.dev/v1',
  kind: 'Shop',
  metadata: { name: 'corner', namespace: 'default' },
  spec: { title: 'Corner', ...spec },
  ...more,
})

/** Asks, and returns the answer with its patch decoded. */
export async function ask(
  definition: Review<never>,
  verb: ReviewVerb,
  body: unknown,
  { report = () => {} }: { report?: Report } = {},
) {
  const { apiVersion, response } = await review(body, verb, definition, { clock: fakeClock(), report })
  const { patch, ...rest } = response
  const decoded = patch === undefined ? {} : { patch: JSON.parse(Buffer.from(patch, 'base64').toString()) }
  return { apiVersion, ...rest, ...decoded } as Answer
}

export interface Answer {
  readonly apiVersion: string
  readonly uid: string
  readonly allowed: boolean
  readonly status?: { code: number; reason: string; message: string; details?: { causes: readonly object[] } }
  readonly patch?: readonly object[]
  readonly patchType?: string
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: object
}
