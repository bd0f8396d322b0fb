/**
 * How often one key may run: a token bucket per key (GCRA, ITU-T I.371), as one number: the time at which the bucket is full
 * again. An object that wakes itself for ever is slowed down to the refill rate, told of once, and told of again when it
 * has calmed down. Pure but for the meters that it keeps.
 */
import type { RateLimit } from '../queue.ts'

/** One key's meter. */
export interface Meter {
  /** When the bucket is full again, in milliseconds since the epoch. */
  fullAt: number
  /** When it will have been full for as long as a token takes: from then on a key that was slowed down is calm. */
  calmAt: number
  /** It ran dry, and has not been calm since; the name by which people were told. */
  trippedAs: string | undefined
}

export interface Meters {
  readonly byKey: Map<string, Meter>
  /** Keys whose meter is worth storing and is not as it was stored last. Undefined: there is no store. */
  readonly touched: Set<string> | undefined
  sweptAt: number
}

/** Full buckets are forgotten at most this often. */
const SWEEP_MS = 10_000

/** A restart may forget this part of a bucket: writing a meter for every run would cost more than it tells. */
const UNWRITTEN = 0.1

export const emptyMeters = ({ isStored }: { isStored: boolean }): Meters => ({
  byKey: new Map(),
  touched: isStored ? new Set() : undefined,
  sweptAt: 0,
})

const refillMs = ({ perSecond }: RateLimit): number => 1000 / perSecond

/** When the key may run: not later than `now` while there is a token. */
export function opensAt({ byKey }: Meters, key: string, limit: RateLimit, now: number): number {
  const meter = byKey.get(key)
  if (meter === undefined) return 0
  // No bucket takes longer to fill than an empty one: the clock was set back, or the limit was raised.
  meter.fullAt = Math.min(meter.fullAt, now + limit.burst * refillMs(limit))
  return meter.fullAt - (limit.burst - 1) * refillMs(limit)
}

/** Takes the token of a run. True: the key, having been tripped before, is calm. */
export function charge(meters: Meters, key: string, limit: RateLimit, now: number): boolean {
  const meter = meters.byKey.get(key) ?? meterFrom(0)
  meters.byKey.set(key, meter)
  const isCalm = meter.trippedAs !== undefined && meter.calmAt <= now
  if (isCalm) meter.trippedAs = undefined
  meter.fullAt = Math.max(meter.fullAt, now) + refillMs(limit)
  meter.calmAt = meter.fullAt + refillMs(limit)
  const used = (meter.fullAt - now) / refillMs(limit)
  if (used > limit.burst * UNWRITTEN) meters.touched?.add(key)
  return isCalm
}

/** A meter of which no more is known than when its bucket is full. */
export const meterFrom = (fullAt: number): Meter => ({ fullAt, calmAt: fullAt, trippedAs: undefined })

/** Marks that the bucket ran dry. True: it had not been marked. */
export function trip({ byKey }: Meters, key: string, name: string): boolean {
  const meter = byKey.get(key)
  if (meter === undefined || meter.trippedAs !== undefined) return false
  meter.trippedAs = name
  return true
}

/** Forgets full buckets, now and then; returns the names of those that had been tripped. */
export function sweep(meters: Meters, now: number): string[] {
  if (now - meters.sweptAt < SWEEP_MS) return []
  meters.sweptAt = now
  const calm: string[] = []
  for (const [key, { fullAt, calmAt, trippedAs }] of meters.byKey) {
    if ((trippedAs === undefined ? fullAt : calmAt) > now) continue
    meters.byKey.delete(key)
    meters.touched?.add(key)
    if (trippedAs !== undefined) calm.push(trippedAs)
  }
  return calm
}
