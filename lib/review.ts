/**
 * review: an AdmissionReview in, an AdmissionReview out. The author's functions are run in order within a budget; whatever
 * they do, there is an answer, and it carries the uid of the question. No input or output of its own.
 */
import type { Clock } from './clock.ts'
import { Denied } from './admission/denied.ts'
import type { Draft, Review, ReviewContext, ValidateContext } from './admission/define.ts'
import { patchBetween } from './admission/patch.ts'
import { type Cause, causeOf, pathOf } from './admission/problem.ts'
import {
  type AdmissionRequest,
  type AdmissionResponse,
  type AdmissionReview,
  envelopeOf,
  parseReview,
} from './admission/request.ts'
import { fillOwnDefaults, schemaCauses } from './admission/schema.ts'
import { invalidStatus, type Status, statusOf } from './admission/status.ts'
import type { Kube } from './kube.ts'
import type { Report } from './report.ts'

export { Denied } from './admission/denied.ts'
export {
  defineReview,
  isMutating,
  isValidating,
  type Draft,
  type MatchCondition,
  type Operation,
  type Review,
  type ReviewContext,
  type ReviewOptions,
  type ScaleObject,
  type User,
  type ValidateContext,
  type Why,
} from './admission/define.ts'
export type { AdmissionReview } from './admission/request.ts'

/** `mutate` runs the default functions, `validate` the schema and the validate functions. */
export type ReviewVerb = 'mutate' | 'validate'

/** How a review ended: `allowed`, `denied` by the author or the schema, `late`, or `failed` by a mistake. */
export type ReviewResult = 'allowed' | 'denied' | 'invalid' | 'late' | 'failed'

export interface Reviewing {
  readonly clock: Clock
  readonly report: Report
  /** What review functions may read with. */
  readonly api?: Kube | undefined
  /** How long the API server waits, where it says so (`?timeout=`); never more than the review's own. */
  readonly timeoutSeconds?: number | undefined
}

/** The answer is on its way this long before the API server gives up. */
const MARGIN_SECONDS = 0.5

/** What came of the author's functions. */
interface Verdict {
  readonly result: ReviewResult
  readonly response: Omit<AdmissionResponse, 'uid'>
  /** For the log alone: never in an answer. */
  readonly error?: string
}

/**
 * Answers one AdmissionReview (v1, or v1beta1 in kind), given or still being read. Never throws. What is not a review for this resource is refused with
 * 400, an author's `Denied` with its code, refused fields with 422 and a cause each, a mistake with 500 and nothing of what
 * it was. A function that takes too long is answered for by the failure policy: `Ignore` allows, with a warning.
 */
export async function review(
  asked: unknown,
  verb: ReviewVerb,
  definition: Review<never>,
  using: Reviewing,
): Promise<AdmissionReview> {
  const since = using.clock.now()
  const reading = Promise.resolve(asked)
  const { apiVersion, uid } = envelopeOf(await reading.catch(() => undefined))
  const { result, response, error } = await judged(reading, verb, definition, using)
  using.report({
    type: 'reviewed',
    review: definition.name,
    verb,
    result,
    milliseconds: using.clock.now() - since,
    ...(error !== undefined && { error }),
  })
  return { apiVersion, kind: 'AdmissionReview', response: { uid, ...response } }
}

async function judged(
  reading: Promise<unknown>,
  verb: ReviewVerb,
  definition: Review<never>,
  using: Reviewing,
): Promise<Verdict> {
  try {
    const request = parseReview(await reading)
    checkResource(request, definition)
    return await inTime(definition, using, (signal) => {
      const asking = {
        request,
        definition,
        warnings: [],
        annotations: new Map<string, string>(),
        signal,
        api: using.api,
      }
      return verb === 'mutate' ? mutate(asking) : validate(asking)
    })
  } catch (error) {
    return refused(definition, error)
  }
}

/** What is said of a body that is not a review, or did not come whole. */
const UNREADABLE = [400, 408, 413]

function refused({ name }: Review<never>, error: unknown): Verdict {
  if (error instanceof Denied)
    return {
      result: UNREADABLE.includes(error.code) ? 'invalid' : 'denied',
      response: denial(statusOf(error)),
    }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const hidden = new Denied(`review "${name}" failed`, { code: 500, reason: 'InternalError' })
  return { result: 'failed', response: denial(statusOf(hidden)), error: text }
}

const denial = (status: Status): Omit<AdmissionResponse, 'uid'> => ({ allowed: false, status })

function checkResource(
  { resource, subResource }: AdmissionRequest,
  { name, kind, subresource }: Review<never>,
) {
  const asked = [resource.group, resource.version, resource.resource, subResource || undefined]
  const meant = [kind.group, kind.version, kind.plural, subresource]
  if (asked.every((part, index) => part === meant[index])) return
  const text = (parts: readonly (string | undefined)[]) => parts.filter((part) => part).join('/')
  throw new Denied(`review "${name}" is of ${text(meant)}, got ${text(asked)}`, {
    code: 400,
    reason: 'BadRequest',
  })
}

/** Runs `task`, and answers by policy where it takes longer than the API server waits. */
async function inTime(
  { name, timeoutSeconds, failurePolicy }: Review<never>,
  using: Reviewing,
  task: (signal: AbortSignal) => Promise<Verdict>,
): Promise<Verdict> {
  const seconds = Math.min(timeoutSeconds, using.timeoutSeconds ?? timeoutSeconds)
  const budget = Math.max(seconds - MARGIN_SECONDS, seconds / 2)
  const late = new AbortController()
  const text = `review "${name}" did not answer within ${budget} s`
  return await new Promise<Verdict>((resolve, reject) => {
    const cancel = using.clock.after(budget * 1000, () => {
      late.abort(new Error(text))
      const status = statusOf(new Denied(text, { code: 504, reason: 'Timeout' }))
      const response = failurePolicy === 'Ignore' ? { allowed: true, warnings: [text] } : denial(status)
      resolve({ result: 'late', response })
    })
    task(late.signal).then(resolve, reject).finally(cancel)
  })
}

interface Asking {
  readonly request: AdmissionRequest
  readonly definition: Review<never>
  readonly warnings: string[]
  readonly annotations: Map<string, string>
  readonly signal: AbortSignal
  readonly api: Kube | undefined
}

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

/** Deletions and connections have nothing to fill in. */
async function mutate(asking: Asking): Promise<Verdict> {
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
    if (error instanceof Denied || schemaCauses(definition, before).length === 0) throw error
    return allowed(asking)
  }
  const patch = patchBetween(before, draft)
  if (patch.length === 0) return allowed(asking)
  return allowed(asking, { patchType: 'JSONPatch', patch: base64(JSON.stringify(patch)) })
}

/** What is deleted was valid once, and connections have no object of the kind: neither is held against the schema. */
async function validate(asking: Asking): Promise<Verdict> {
  const { request, definition } = asking
  const { operation, oldObject } = request
  const object = operation === 'DELETE' ? oldObject : request.object
  const isStored = operation === 'CREATE' || operation === 'UPDATE'
  const problems = isStored ? schemaCauses(definition, object) : []
  if (problems.length > 0) return invalid(asking, problems)
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
      return { result: 'denied', response: { ...denial(statusOf(error)), ...noted(asking) } }
    }
    if (causes.length > 0) return invalid(asking, causes)
  }
  return allowed(asking)
}

const invalid = (asking: Asking, causes: readonly Cause[]): Verdict => ({
  result: 'denied',
  response: { ...denial(invalidStatus(asking.request, causes)), ...noted(asking) },
})

/** `btoa` takes bytes: the text is UTF-8 first, in pieces that fit into one call. */
function base64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  let binary = ''
  for (let start = 0; start < bytes.length; start += 8192)
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return btoa(binary)
}
