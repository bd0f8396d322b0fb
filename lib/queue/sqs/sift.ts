/**
 * Which messages of a key still ask for a run. A run that began after a message was sent has seen what it told of, and a
 * timer is outdated once a later run has said anew when to look again. Pure; what is not known to be outdated is wanted.
 */
import { type Envelope, sentAtOf, timerOf } from './envelope.ts'
import type { Memory } from './memory.ts'
import type { Note } from './note.ts'

interface Sifting {
  /** This process. */
  readonly by: string
  readonly now: number
  /** Clocks of functions, and of SQS, may differ by this much. */
  readonly skewMs: number
}

/** Sorts out what the memory of the key's last run shows to be outdated. */
export const sift = (
  envelopes: readonly Envelope[],
  memory: Memory | undefined,
  sifting: Sifting,
): readonly Envelope[] =>
  memory === undefined ? envelopes : envelopes.filter((envelope) => isWanted(envelope, memory, sifting))

function isWanted({ message, note, received }: Envelope, memory: Memory, sifting: Sifting): boolean {
  if (message === undefined) return true
  if (timerOf(message, note) !== undefined) return !isOutdated(note, memory, sifting)
  if (message.lane === 'background' && isParkedStill(memory, sifting)) return false
  return sentAtOf({ note, received }) + sifting.skewMs >= memory.asOf
}

/**
 * A chained timer is never outdated: it may have taken the place of a newer one, of which only another process knows. Stamps
 * of one process compare exactly, others only as far as clocks agree.
 */
function isOutdated({ isChained, asOf, by: setBy }: Note, memory: Memory, { by, skewMs }: Sifting): boolean {
  if (isChained || asOf === undefined) return false
  return setBy === by ? asOf < memory.asOf : asOf + skewMs < memory.asOf
}

/** Another process may have revived it since. */
const PARKED_MS = 15 * 60_000

/** A resync is no reason to try again what was given up just now. */
const isParkedStill = ({ isParked, asOf }: Memory, { now }: Sifting): boolean =>
  isParked && now < asOf + PARKED_MS
