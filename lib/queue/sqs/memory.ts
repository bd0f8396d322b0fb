/**
 * What one process remembers of the keys that it ran last: SQS itself holds no state of a key. Best effort, and always safe: a
 * key that is not remembered is run. Bounded: the key that was not touched for longest is forgotten.
 */
import type { Clock } from '../../clock.ts'

/** Of the last run of a key here that came to its verdict, and whose verdict SQS holds. */
export interface Memory {
  /** When the run began to read: what was sent before was seen by it. */
  readonly asOf: number
  /** Counted failures in a row, for as long as their backoff lasts: after it its timer has them. */
  readonly attempt: number
  /** When the backoff of the last failure ends; 0 without one. */
  readonly backoffUntil: number
  readonly isParked: boolean
}

export interface Memories {
  /** Which process this is; another one once its clock was set back, because its stamps do not compare any more. */
  by(): string
  /** The time, never the same twice: two runs of this process are always one after the other. */
  stamp(): number
  of(key: string): Memory | undefined
  keep(key: string, memory: Memory): void
}

/** Some 100 bytes each. */
const MOST_KEYS = 10_000

/** Remembers nothing yet. `identity` is to be unlike any other process's. */
export function startMemories(clock: Clock, identity: string, skewMs: number): Memories {
  const memories = new Map<string, Memory>()
  let last = 0
  let resets = 0
  /** A clock that was ahead has left memories of a time to come: they would swallow changes until then. */
  const now = (): number => {
    const time = clock.now()
    if (last > time + skewMs + 1) {
      memories.clear()
      resets += 1
      last = 0
    }
    return time
  }
  return {
    by: () => (resets === 0 ? identity : `${identity}.${resets}`),
    stamp() {
      last = Math.max(now(), last + 0.001)
      return last
    },
    of(key) {
      now()
      return memories.get(key)
    },
    keep(key, memory) {
      memories.delete(key)
      memories.set(key, memory)
      const [oldest] = memories.keys()
      if (memories.size > MOST_KEYS && oldest !== undefined) memories.delete(oldest)
    },
  }
}
