/** The author's functions, asked in order about one request; what they say becomes a response. No time limit, no logging. */
import { isSame } from '../json.ts'
import type { Kube } from '../kube.ts'
import type { Draft, Review, ReviewContext, ValidateContext } from './define.ts'
import { Denied } from './denied.ts'
import { patchBetween } from './patch.ts'
import { type Cause, causeOf, pathOf } from './problem.ts'
import type { AdmissionRequest, AdmissionResponse } from './request.ts'
import { fillOwnDefaults, schemaCauses } from './schema.ts'
import { invalidStatus, type Status, statusOf } from './status.ts'

/** How a review ended: `allowed`, `denied` by the author or the schema, `late`, or `failed` by a mistake. */
export type ReviewResult = 'allowed' | 'denied' | 'invalid' | 'late' | 'failed'

/** What came of the author's functions. */
export interface Verdict {
  readonly result: ReviewResult
  readonly response: Omit<AdmissionResponse, 'uid'>
  /** For the log alone: never in an answer. */
  readonly error?: string
}

/** One request and one review, and what has been said so far. */
export interface Asking {
  readonly request: AdmissionRequest
  readonly definition: Review<never>
  readonly signal: AbortSignal
  readonly api: Kube | undefined
  readonly warnings: string[]
  readonly annotations: Map<string, string>
}

export const startAsking = (about: Omit<Asking, 'warnings' | 'annotations'>): Asking => ({
  ...about,
  warnings: [],
  annotations: new Map(),
})

export const denial = (status: Status): Omit<AdmissionResponse, 'uid'> => ({ allowed: false, status })

const allowed = ({ warnings, annotations }: Asking, more: Partial<AdmissionResponse> = {}): Verdict => ({
  result: 'allowed',
  response: { allowed: true, ...more, ...noted({ warnings, annotations }) },
})

const noted = ({ warnings, annotations }: Pick<Asking, 'warnings' | 'annotations'>) => ({
  ...(warnings.length > 0 && { warnings }),
  ...(annotations.size > 0 && { auditAnnotations: Object.fromEntries(annotations) }),
})

function contextOf({ request, warnings, annotations, signal, api }: Asking): ReviewContext<never> {
  const { operation, oldObject, dryRun, userInfo, name, namespace, options } = request
  return {
    operation,
    old: (oldObject ?? undefined) as undefined,
    isDryRun: dryRun ?? false,
    user: userInfo,
    name: name ?? '',
    namespace: namespace || undefined,
    options,
    warn: (text) => void warnings.push(text),
    annotate: (key, value) => void annotations.set(key, value),
    signal,
    api,
  }
}

/** Fills in defaults. Deletions and connections have nothing to fill in. Rejects with what was a mistake. */
export async function mutate(asking: Asking): Promise<Verdict> {
  const { request, definition } = asking
  const { object: before, operation } = request
  if (!before || (operation !== 'CREATE' && operation !== 'UPDATE')) return allowed(asking)
  const draft = structuredClone(before)
  const context = contextOf(asking)
  fillOwnDefaults(definition, draft)
  try {
    for (const fill of definition.defaults) await fill(draft as Draft<never>, context)
  } catch (error) {
    // A function that stumbles over what the schema refuses is not at fault: the refusal that follows says what is.
    if (error instanceof Denied) return denied(asking, statusOf(error))
    if (schemaCauses(definition, before).length === 0) throw error
    return allowed(asking)
  }
  const patch = patchBetween(before, draft)
  if (patch.length === 0) return allowed(asking)
  return allowed(asking, { patchType: 'JSONPatch', patch: base64(JSON.stringify(patch)) })
}

/**
 * Checks schema, then functions, until one refuses. What is deleted was valid once, and connections have no object of the
 * kind: neither is held against the schema. Finalizers and owners come and go without questions: a rule that is younger than
 * an object must not keep its controller from it, nor hold it for ever. Rejects with what was a mistake.
 */
export async function validate(asking: Asking): Promise<Verdict> {
  const { request, definition } = asking
  const { operation, oldObject } = request
  if (operation === 'UPDATE' && isBookkeeping(request)) return allowed(asking)
  const object = operation === 'DELETE' ? oldObject : request.object
  const isStored = operation === 'CREATE' || operation === 'UPDATE'
  const problems = isStored ? schemaCauses(definition, object) : []
  if (problems.length > 0) return denied(asking, invalidStatus(request, problems))
  for (const check of definition.validates) {
    const causes: Cause[] = []
    const context: ValidateContext<never> = {
      ...contextOf(asking),
      refuse: (field, rule, why = 'invalid') => void causes.push(causeOf(object, pathOf(field), rule, why)),
    }
    try {
      await check((object ?? {}) as never, context)
    } catch (error) {
      if (!(error instanceof Denied)) throw error
      return denied(asking, statusOf(error))
    }
    if (causes.length > 0) return denied(asking, invalidStatus(request, causes))
  }
  return allowed(asking)
}

const denied = (asking: Asking, status: Status): Verdict => ({
  result: 'denied',
  response: { ...denial(status), ...noted(asking) },
})

interface Marks {
  readonly deletionTimestamp?: string
  readonly labels?: object
  readonly annotations?: object
}

/** Nothing but finalizers, owners and the like differs; of an object that is going nothing but metadata. */
function isBookkeeping({ object, oldObject }: AdmissionRequest): boolean {
  const { metadata = {}, ...rest } = (object ?? {}) as { metadata?: Marks }
  const { metadata: old = {}, ...before } = (oldObject ?? {}) as { metadata?: Marks }
  if (!isSame(rest, before)) return false
  if (metadata.deletionTimestamp !== undefined) return true
  return isSame(metadata.labels, old.labels) && isSame(metadata.annotations, old.annotations)
}

/** `btoa` takes bytes: the text is UTF-8 first, in pieces that fit into one call. */
function base64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  let binary = ''
  for (let start = 0; start < bytes.length; start += 8192)
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return btoa(binary)
}
