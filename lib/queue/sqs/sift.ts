/**
 * Which messages of a key still ask for a run. A run that began after a message was sent has seen what it told of, and a
 * timer is outdated once a later run has said anew when to look again. Pure; what is not known to be outdated is wanted.
 */
import { delayed, type Envelope, type Parcel, sentAtOf, timerOf } from './envelope.ts'
import { type Timer, timerId } from './identity.ts'
import type { Memory } from './memory.ts'
import type { Note } from './note.ts'

export interface Sifted {
  readonly wanted: readonly Envelope[]
  /** The timer of the key's last run, to be set again and remembered so. */
  readonly again?: { readonly parcel: Parcel; readonly timer: NonNullable<Memory['timer']> } | undefined
}

export interface Sifting {
  /** This process. */
  readonly by: string
  readonly now: number
  /** Clocks of functions, and of SQS, may differ by this much. */
  readonly skewMs: number
}

/** Sorts out what the memory of the key's last run shows to be outdated. */
export function sift(envelopes: readonly Envelope[], memory: Memory | undefined, sifting: Sifting): Sifted {
  if (memory === undefined) return { wanted: envelopes }
  const { now } = sifting
  const wanted = envelopes.filter((envelope) => isWanted(envelope, memory, sifting))
  // What runs now says anew when to look again.
  const replaced = wanted.length > 0 ? undefined : replacedBy(envelopes, memory)
  if (replaced === undefined) return { wanted }
  const { timer, by: replacing } = replaced
  // It is late already, and may have been dropped: this one stands for it.
  if (timer.notBefore <= now) return { wanted: [replacing] }
  return { wanted: [], again: setAgain(timer, now) }
}

function isWanted({ message, note, received }: Envelope, memory: Memory, sifting: Sifting): boolean {
  if (message === undefined) return true
  if (timerOf(message, note) !== undefined) return !isOutdated(note, memory, sifting)
  if (memory.isParked && message.lane === 'background') return false
  return sentAtOf({ note, received }) + sifting.skewMs >= memory.asOf
}

/** Only stamps of one process compare exactly. */
function isOutdated({ asOf, by: setBy }: Note, memory: Memory, { by, skewMs }: Sifting): boolean {
  if (asOf === undefined) return false
  return setBy === by ? asOf < memory.asOf : asOf + skewMs < memory.asOf
}

/**
 * The timer that counts, where one that does not count may have taken its place: both were due in the same slot, so that the
 * later of them was dropped when it was promoted.
 */
function replacedBy(envelopes: readonly Envelope[], { timer }: Memory) {
  if (timer === undefined) return undefined
  const id = ({ key }: Envelope, other: Timer) => timerId(key, other)
  const replacing = envelopes.find((envelope) => {
    const other = envelope.message && timerOf(envelope.message, envelope.note)
    return other !== undefined && id(envelope, other) === id(envelope, timer)
  })
  return replacing && { timer, by: replacing }
}

function setAgain(timer: NonNullable<Memory['timer']>, now: number): NonNullable<Sifted['again']> {
  const { notBefore, message } = timer
  const note = { ...timer.note, isExact: true }
  return { parcel: delayed(message, { notBefore, note }, now), timer: { ...timer, note } }
}
