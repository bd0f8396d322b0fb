/** A desk in memory, with what was ordered of it. */
import type { Parked } from '../../../lib/index.ts'
import type { Desk, Pending } from '../../../lib/queue/desk.ts'

export const parkedAs = (key: string, more: Partial<Parked> = {}): Parked => ({
  key,
  body: { of: key },
  reason: 'no hope',
  since: 1_000,
  ...more,
})

export function memoryDesk(parked: readonly Parked[], pending: readonly Pending[] = []) {
  const kept = new Map(parked.map((one) => [one.key, one]))
  const redriven: string[] = []
  const take = (keys: Iterable<string>) => [...new Set(keys)].filter((key) => kept.delete(key))
  const desk: Desk = {
    parked: async () => [...kept.values()],
    pending: async () => pending,
    async redrive(keys) {
      const taken = take(keys === 'all' ? [...kept.keys()] : keys)
      redriven.push(...taken)
      return taken.length
    },
    drop: async (keys) => take(keys).length,
  }
  return { desk, kept, redriven }
}
