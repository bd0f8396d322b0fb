/**
 * What one process remembers of the keys that it ran last: SQS itself holds no state of a key. Best effort, and always safe: a
 * key that is not remembered is run. Bounded: the key that was not touched for longest is forgotten.
 */
import type { Clock } from '../../clock.ts'
import type { Message } from '../../message.ts'
import type { Timer } from './identity.ts'

/** Of the last run of a key here that came to its verdict, and whose verdict SQS holds. */
export interface Memory {
  /** When the run began to read: what was sent before was seen by it. */
  readonly asOf: number
  /** What it set to look again. */
  readonly timer?: (Timer & { readonly message: Message }) | undefined
  /** Counted failures in a row. */
  readonly attempt: number
  /** When the backoff of the last failure ends; 0 without one. */
  readonly backoffUntil: number
  readonly isParked: boolean
}

export interface Memories {
  /** Which process this is. */
  readonly by: string
  /** The time, never the same twice: two runs of this process are always one after the other. */
  stamp(): number
  of(key: string): Memory | undefined
  keep(key: string, memory: Memory): void
}

/** Some 300 bytes each. */
const MOST_KEYS = 10_000

/** Remembers nothing yet. `by` is to be unlike any other process's. */
export function startMemories(clock: Clock, by: string): Memories {
  const memories = new Map<string, Memory>()
  let last = 0
  return {
    by,
    stamp() {
      last = Math.max(clock.now(), last + 0.001)
      return last
    },
    of: (key) => memories.get(key),
    keep(key, memory) {
      memories.delete(key)
      memories.set(key, memory)
      const [oldest] = memories.keys()
      if (memories.size > MOST_KEYS && oldest !== undefined) memories.delete(oldest)
    },
  }
}
