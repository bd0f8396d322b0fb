/** The messages of one key that came in one batch, and the delivery that they make up. Pure. */
import type { Message } from '../../message.ts'
import type { Delivery } from '../../queue.ts'
import { mergeMessages } from '../merge.ts'
import { type Envelope, timerOf } from './envelope.ts'
import { groupOf, type Timer } from './identity.ts'
import type { Memory } from './memory.ts'

export interface Unit {
  readonly key: string
  readonly envelopes: readonly Envelope[]
  /** How often a function ended without an answer while it ran the key. */
  readonly crashes: number
}

/** The author's function is let at a key so often; the next time the key is given up with a word about it (`work`). */
export const CRASHES = 4

/** A unit per key, in the order of their first messages; `strays` are in a group that is not their key's. */
export function toUnits(envelopes: readonly Envelope[]): { units: Unit[]; strays: Envelope[] } {
  const strays = envelopes.filter(({ key, received }) => received.group !== groupOf(key))
  const mine = envelopes.filter((envelope) => !strays.includes(envelope))
  const units = [...Map.groupBy(mine, ({ key }) => key)].map(([key, own]) => ({
    key,
    envelopes: own,
    crashes: Math.max(...own.map(({ note, received }) => (note.crashes ?? 0) + received.receives - 1)),
  }))
  return { units, strays }
}

/** What one run is about: the delivery for `work`, and the message in it where it is one. */
export interface Errand {
  readonly delivery: Delivery
  readonly message: Message | undefined
  /** Nothing but timers ask for it. */
  readonly isChained: boolean
}

/** What the wanted messages of a unit (one at least) ask for. */
export function toErrand(
  { key, crashes }: Unit,
  wanted: readonly Envelope[],
  { memory, now }: { readonly memory: Memory | undefined; readonly now: number },
): Errand {
  const { attempt: known = 0, backoffUntil = 0 } =
    memory !== undefined && now < memory.backoffUntil ? memory : {}
  const merged = mergeAll(wanted)
  const timers = wanted.flatMap(({ message: one, note }) => {
    const timer = one && note.asOf !== undefined ? timerOf(one, note) : undefined
    return timer === undefined ? [] : [timer]
  })
  const attempt = Math.max(known, merged?.attempt ?? 0) + crashes
  const message = merged && { ...merged, attempt }
  const delivery = {
    id: key,
    body: message ?? wanted[0]?.body,
    attempt,
    early: now < backoffUntil,
    readySince: Math.min(...wanted.map(({ received }) => received.sentAt)),
    mustReadNewest: true,
    ...waitOf(timers),
    ...(crashes > 0 ? { crash: 'the function ended while it ran' } : {}),
    ...(crashes >= CRASHES ? { isLastChance: true } : {}),
  }
  return { delivery, message, isChained: timers.length === wanted.length }
}

function mergeAll(wanted: readonly Envelope[]): Message | undefined {
  const messages = wanted.map(({ message }) => message).filter((message) => message !== undefined)
  if (messages.length === 0) return undefined
  const { delaySeconds: _delay, notBefore: _time, ...merged } = messages.reduce(mergeMessages)
  return merged
}

/** A run that failed set it: how long that was to wait. */
function waitOf(timers: readonly Timer[]): Pick<Delivery, 'waitedSeconds'> {
  const waits = timers.filter(({ note }) => note.why === 'retry').map(({ delaySeconds }) => delaySeconds)
  return waits.length === 0 ? {} : { waitedSeconds: Math.max(...waits) }
}
