/**
 * The producer's half of the queue on Durable Objects: each key's messages to its own Durable Object, then one word to the index
 * of its cluster, which lets ready keys run in the order in which they were sent.
 */
import type { Queue } from '../../queue.ts'
import { identify } from '../identity.ts'
import { indexOf, type QueueBindings, type Standing } from './calls.ts'

/** Calls under way at once: a burst must not fill the memory of whoever sends. */
const AT_ONCE = 100

/**
 * A queue on these bindings. One request for each key and one for each cluster: both count towards the 10,000 subrequests of an
 * invocation. A key whose index was not told runs half a minute later.
 */
export function durableQueue({ KEYS, INDEX }: QueueBindings): Queue {
  return {
    async send(messages) {
      const byKey = Map.groupBy(messages, (message) => identify(message, 0).key)
      const standings = await inTurns([...byKey], ([key, bodies]) => KEYS.getByName(key).add(bodies))
      const byIndex = Map.groupBy(standings.filter(isNews), ({ key }) => indexOf(key))
      await inTurns([...byIndex], ([name, known]) => INDEX.getByName(name).note(known))
    },
  }
}

/** The index hears of a key that runs when it has run, and of a parked one when it was parked. */
const isNews = ({ place }: Standing): boolean => place === 'ready' || place === 'delayed'

/** One call for each, so many at once; all are waited for before the first failure is thrown. */
async function inTurns<T, R>(all: readonly T[], call: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const settled = await Promise.allSettled(all.slice(from, from + AT_ONCE).map(call))
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason
      results.push(one.value)
    }
  }
  return results
}
