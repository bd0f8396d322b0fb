/** One question to a handler and what comes of it: a verdict that means something, or a crash. The same for every engine. */
import { backoffSeconds } from '../backoff.ts'
import type { Delivery, Handle, Verdict } from '../queue.ts'
import { identify } from './identity.ts'

export type Outcome = { readonly verdict: Verdict } | { readonly crash: string }

/** Asks about one delivery; never rejects. A handler that rejects, or gives no answer or a senseless one, has crashed. */
export async function ask(handle: Handle, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
  try {
    const verdicts = await handle([delivery], signal)
    const verdict = verdicts.get(delivery.id)
    if (!verdict) return { crash: 'the handler left the delivery unanswered' }
    const flaw = flawOf(verdict)
    return flaw === undefined ? { verdict } : { crash: `verdict "${verdict.type}": ${flaw}` }
  } catch (error) {
    return { crash: describe(error) }
  }
}

const VERDICTS: ReadonlySet<string> = new Set<Verdict['type']>(['ack', 'again', 'retry', 'bury', 'forward'])

/** Handlers may be plain JavaScript: a number that is none must not get into the order of due times. */
function flawOf(verdict: Verdict): string | undefined {
  if (!VERDICTS.has(verdict.type)) return 'there is no such verdict'
  if (verdict.type === 'again' || verdict.type === 'retry') {
    const { afterSeconds } = verdict
    if (!Number.isFinite(afterSeconds) || afterSeconds < 0)
      return `afterSeconds must be >= 0, got ${afterSeconds}`
  }
  if (verdict.type === 'retry' && !(Number.isInteger(verdict.attempt) && verdict.attempt >= 0)) {
    return `attempt must be a whole number >= 0, got ${verdict.attempt}`
  }
  // Throws for what cannot be sent, which makes it a crash: the key must not be acknowledged.
  if (verdict.type === 'forward') for (const message of verdict.messages) identify(message, 0)
  return undefined
}

/** What `work` would have said of a crash, had it come to judge: again with backoff, and given up after `limit` of them. */
export function verdictOfCrash(
  crash: string,
  { attempt: before, early }: Pick<Delivery, 'attempt' | 'early'>,
  { limit, random }: { readonly limit: number; readonly random: () => number },
): Extract<Verdict, { type: 'retry' | 'bury' }> {
  const attempt = early && before > 0 ? before : before + 1
  if (attempt >= limit) return { type: 'bury', reason: `crashed ${attempt} times: ${crash}` }
  return { type: 'retry', attempt, afterSeconds: backoffSeconds(attempt - 1, random) }
}

/** Bounded: an error may carry a whole response in its message. */
const describe = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 512)
