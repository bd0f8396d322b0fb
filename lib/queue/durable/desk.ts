/** The desk of the queue on Durable Objects: the keys of all clusters, each as its own object says it stands. */
import type { Parked } from '../../queue.ts'
import type { Desk, Page, PageRequest, Pending } from '../desk.ts'
import { indexOf, type List, type QueueBindings, ROOT, type Standing } from './calls.ts'

/** The desk of a queue. Each listed key is asked how it stands: one request each. */
export function durableDesk(bindings: QueueBindings): Desk {
  const byIndex = async (keys: readonly string[], act: 'redrive' | 'drop'): Promise<number> => {
    let count = 0
    for (const [name, some] of Map.groupBy(new Set(keys), indexOf))
      count += await bindings.INDEX.getByName(name)[act](some)
    return count
  }
  return {
    async parked(page) {
      const { items, next } = await listAll(bindings, 'parked', page)
      return { items: items.map(toParked), next }
    },
    async pending(page) {
      const { items, next } = await listAll(bindings, 'pending', page)
      return { items: items.flatMap(toPending), next }
    },
    async depths() {
      const names = await namesIn(bindings)
      const depths = names.map(async (name) => [name, await bindings.INDEX.getByName(name).depths()] as const)
      return Object.fromEntries(await Promise.all(depths))
    },
    redrive: (keys) => byIndex(keys, 'redrive'),
    drop: (keys) => byIndex(keys, 'drop'),
  }
}

/** In their order. */
const namesIn = async ({ INDEX }: QueueBindings): Promise<readonly string[]> =>
  [ROOT, ...(await INDEX.getByName(ROOT).names())].toSorted()

/** One index after the other. A page ends with its index at the latest, so that it never asks more than one of them. */
async function listAll(bindings: QueueBindings, list: List, page: PageRequest): Promise<Page<Standing>> {
  const { INDEX } = bindings
  const names = await namesIn(bindings)
  const { after, limit } = page
  const from = after === undefined ? undefined : indexOf(after)
  const left = from === undefined ? names : names.filter((name) => name >= from)
  for (const name of left) {
    const isFirst = name === from
    const found = await INDEX.getByName(name).list(list, { limit, after: isFirst ? after : undefined })
    const isLast = name === left.at(-1)
    if (found.next !== undefined || isLast) return found
    // What an index lists has its name first: whatever comes after its last key is of the next one.
    if (found.items.length > 0) return { ...found, next: found.items.at(-1)?.key }
  }
  return { items: [] }
}

const toParked = ({ key, body, reason, since }: Standing): Parked => ({ key, body, reason, since })

const toPending = ({ place, ...standing }: Standing): Pending[] =>
  place === 'parked' || place === 'gone' ? [] : [{ ...standing, place }]
