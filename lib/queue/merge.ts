/**
 * Several messages for one key become one. Pure, and the same for every adapter: what is lost here is only ever
 * diagnostic, or makes the worker read more freshly than it had to.
 */
import type { Lane, Message } from '../message.ts'
import { isLaterVersion, mergeOrigins } from '../origin.ts'

/** As many causes as the schema of a message allows. */
const MAX_CAUSES = 16

/**
 * One message that stands for both; `newer` came later. The lane is the better of the two, causes are united (the newest 16
 * stay), attempts are the more. A resourceVersion survives only if both carry one, the greater: without one the worker
 * reads the newest state, which is never wrong. An origin survives where it stands for both. Delays are left out: when the key
 * is due is the queue's to keep.
 */
export function mergeMessages(older: Message, newer: Message): Message {
  const {
    resourceVersion: _version,
    origin: _origin,
    delaySeconds: _delay,
    notBefore: _time,
    ...base
  } = newer
  const resourceVersion = newestVersion(older.resourceVersion, newer.resourceVersion)
  const origin = mergeOrigins(older.origin, newer.origin)
  const traceparent = newer.traceparent ?? older.traceparent
  return {
    ...base,
    causes: uniteCauses(older.causes, newer.causes),
    lane: betterLane(older.lane, newer.lane),
    attempt: Math.max(older.attempt, newer.attempt),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(origin === undefined ? {} : { origin }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

/** The lane of something asked for in both: raised, never lowered. */
export const betterLane = (a: Lane, b: Lane): Lane =>
  a === 'change' || b === 'change' ? 'change' : 'background'

/** The same message, to be read with no lower bound: as the newest state. */
export function readNewest(message: Message): Message {
  if (message.resourceVersion === undefined) return message
  const { resourceVersion: _version, ...rest } = message
  return rest
}

/** Nothing waits longer, whoever says so: ten years. What is beyond it would be no number in the end. */
export const MOST_SECONDS = 315_360_000

/** When the message may be handled, in milliseconds since the epoch; 0 means at once. */
export function dueAtOf(message: Message, now: number): number {
  const at = message.notBefore ?? now + (message.delaySeconds ?? 0) * 1000
  return at > now ? Math.min(at, now + MOST_SECONDS * 1000) : 0
}

function uniteCauses(older: readonly string[], newer: readonly string[]): string[] {
  const united = older.filter((cause) => !newer.includes(cause)).concat(newer)
  return united.slice(-MAX_CAUSES)
}

function newestVersion(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined
  if (a === b || isLaterVersion(a, b)) return a
  return isLaterVersion(b, a) ? b : undefined
}
