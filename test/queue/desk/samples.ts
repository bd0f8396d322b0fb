/** A desk in memory, with what was ordered of it. */
import type { Parked } from '../../../lib/index.ts'
import type { Desk, Page, PageRequest, Pending } from '../../../lib/queue/desk.ts'

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
    parked: async (page) => pageOf([...kept.values()], page),
    pending: async (page) => pageOf(pending, page),
    depths: async () => ({ east: { ready: 0, running: 1, delayed: 2, parked: kept.size } }),
    async redrive(keys) {
      const taken = take(keys)
      redriven.push(...taken)
      return taken.length
    },
    drop: async (keys) => take(keys).length,
  }
  return { desk, kept, redriven }
}

/** By key, from the one after `after` on. */
function pageOf<T extends { readonly key: string }>(
  all: readonly T[],
  { limit, after = '' }: PageRequest,
): Page<T> {
  const left = all.filter(({ key }) => key > after).toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const items = left.slice(0, limit)
  return { items, next: items.length < left.length ? items.at(-1)?.key : undefined }
}
