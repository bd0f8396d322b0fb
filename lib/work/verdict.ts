/** From how a run ended to what the queue shall do: counting, backoff, giving up. Pure. */
import { backoffSeconds } from '../backoff.ts'
import type { Controller } from '../operator.ts'
import { CRASH_LIMIT, type Delivery, type Verdict } from '../queue.ts'
import { type Outcome, textOf } from '../reconcile/conclude.ts'
import { secondsOf } from '../retry-after.ts'

/**
 * Said of a key whose last run crashed and that would be parked after one more: the author's code is not let at it again,
 * so that its object can be told. Parking by the queue, which knows no objects, is left to crashes of this code.
 */
export function crashVerdict(delivery: Delivery, { attempts }: Controller): string | undefined {
  const { crash, attempt, isLastChance = false } = delivery
  if (crash === undefined) return undefined
  if (!isLastChance && attempt + 1 < Math.min(attempts, CRASH_LIMIT)) return undefined
  return `crashed ${attempt} times, last: ${crash}`
}

/** The failures that a delivery stands for once it has failed. One that a new change brought forward is not counted (B6). */
export const countedAfter = ({ attempt, early }: Delivery): number =>
  early && attempt > 0 ? attempt : attempt + 1

/** The API server is asked again after this long, spread by as much; keys wait for it without being counted as failed. */
const UNAVAILABLE_SECONDS = 2
/** Where each look costs money (the queue tells how long it waited) the waits grow, up to this. */
const MOST_UNAVAILABLE_SECONDS = 300

/** What a verdict depends on beside the outcome. */
export interface Judging {
  readonly delivery: Delivery
  readonly controller: Controller
  /** Gives [0, 1). */
  readonly random: () => number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The one place that decides what becomes of a key. */
export function verdictFor(outcome: Outcome, { delivery, controller, random, now }: Judging): Verdict {
  const { attempt } = delivery
  switch (outcome.type) {
    case 'done':
      return outcome.afterSeconds === undefined
        ? { type: 'ack' }
        : { type: 'again', afterSeconds: outcome.afterSeconds }
    case 'gone':
      return { type: 'ack' }
    case 'interrupted':
      return { type: 'retry', afterSeconds: 0, attempt }
    case 'unavailable': {
      const asked = outcome.error.details?.retryAfterSeconds ?? 0
      const grown = Math.min(2 * (delivery.waitedSeconds ?? 0), MOST_UNAVAILABLE_SECONDS)
      const afterSeconds = Math.max(asked, Math.max(UNAVAILABLE_SECONDS, grown) * (1 + random()))
      return { type: 'retry', afterSeconds, attempt }
    }
    case 'postponed':
      return { type: 'retry', afterSeconds: secondsOf(outcome.error, now), attempt }
    case 'terminal':
      return { type: 'bury', reason: textOf(outcome.error) }
    case 'failed': {
      const counted = countedAfter(delivery)
      if (counted >= controller.attempts)
        return { type: 'bury', reason: `failed ${counted} times, last: ${textOf(outcome.error)}` }
      return { type: 'retry', afterSeconds: backoffSeconds(counted - 1, random), attempt: counted }
    }
  }
}

/** What became of a delivery, for people. */
export function verdictText(outcome: Outcome, verdict: Verdict): string {
  switch (verdict.type) {
    case 'ack':
      return outcome.type
    case 'again':
      return `${outcome.type}, again in ${verdict.afterSeconds} s`
    case 'retry':
      return `${outcome.type}, retry in ${Number(verdict.afterSeconds.toPrecision(2))} s`
    case 'bury':
      return `${outcome.type}, parked`
    case 'forward':
      return 'forwarded'
  }
}
