/**
 * The producer's half of the queue on Durable Objects: each key's messages to its own Durable Object, then one word to the index
 * of its cluster, which lets ready keys run in the order in which they were sent.
 */
import type { Queue } from '../../queue.ts'
import { identify } from '../identity.ts'
import { indexOf, type QueueBindings, type Standing } from './calls.ts'
import { forEachOf } from './each.ts'

/** Of one call to an index: far below the 32 MiB that a call may carry. */
const MOST_STANDINGS = 1_000

/**
 * A queue on these bindings. One request for each key and one for each cluster: both count towards the 10,000 subrequests of an
 * invocation. A key whose index was not told runs half a minute later.
 */
export function durableQueue({ KEYS, INDEX }: QueueBindings): Queue {
  return {
    async send(messages) {
      const byKey = Map.groupBy(messages, (message) => identify(message, 0).key)
      const standings = await forEachOf([...byKey], ([key, bodies]) => KEYS.getByName(key).add(bodies))
      const byIndex = Map.groupBy(standings.filter(isNews), ({ key }) => indexOf(key))
      await forEachOf([...byIndex], async ([name, news]) => {
        // One after the other: their order is the order of turns.
        for (let from = 0; from < news.length; from += MOST_STANDINGS)
          await INDEX.getByName(name).note(news.slice(from, from + MOST_STANDINGS))
      })
    },
  }
}

/** The index hears of a key that runs when it has run, and of a parked one when it was parked. */
const isNews = ({ place }: Standing): boolean => place === 'ready' || place === 'delayed'
