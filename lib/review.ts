/**
 * review: an AdmissionReview in, an AdmissionReview out. The author's functions are run in order within a budget; whatever
 * they do, there is an answer, and it carries the uid of the question. No input or output of its own.
 */
import { denial, mutate, startAsking, type Verdict, validate } from './admission/ask.ts'
import type { Review } from './admission/define.ts'
import { Denied, mistakeText } from './admission/denied.ts'
import { type AdmissionRequest, type AdmissionReview, envelopeOf, parseReview } from './admission/request.ts'
import { statusOf } from './admission/status.ts'
import type { Clock } from './clock.ts'
import type { Kube } from './kube.ts'
import type { Report } from './report.ts'

export type { ReviewResult } from './admission/ask.ts'
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

/**
 * Answers one AdmissionReview (v1, or v1beta1 in kind), given or still being read. Never throws. What is not a review for
 * this resource is refused with 400, an author's `Denied` with its code, refused fields with 422 and a cause each, a mistake
 * with 500 and nothing of what it was. A function that takes too long is answered for by the failure policy: `Ignore`
 * allows, with a warning.
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
  const { result, response, error } = await judged(reading, verb, definition, { ...using, since })
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

/** With when the question began to arrive: the API server waits from then on. */
interface Since extends Reviewing {
  readonly since: number
}

async function judged(
  reading: Promise<unknown>,
  verb: ReviewVerb,
  definition: Review<never>,
  using: Since,
): Promise<Verdict> {
  try {
    const request = parseReview(await reading)
    checkResource(request, definition)
    return await inTime(definition, using, (signal) => {
      const asking = startAsking({ request, definition, api: using.api, signal })
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
  const hidden = new Denied(`review "${name}" failed`, { code: 500, reason: 'InternalError' })
  return { result: 'failed', response: denial(statusOf(hidden)), error: mistakeText(error) }
}

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
  using: Since,
  task: (signal: AbortSignal) => Promise<Verdict>,
): Promise<Verdict> {
  const seconds = Math.min(timeoutSeconds, using.timeoutSeconds ?? timeoutSeconds)
  const budget = Math.max(seconds - MARGIN_SECONDS, seconds / 2)
  const left = budget * 1000 - (using.clock.now() - using.since)
  const late = new AbortController()
  const text = `review "${name}" did not answer within ${budget} s`
  return await new Promise<Verdict>((resolve, reject) => {
    const cancel = using.clock.after(left, () => {
      late.abort(new Error(text))
      const status = statusOf(new Denied(text, { code: 504, reason: 'Timeout' }))
      const response = failurePolicy === 'Ignore' ? { allowed: true, warnings: [text] } : denial(status)
      resolve({ result: 'late', response })
    })
    task(late.signal).then(resolve, reject).finally(cancel)
  })
}
