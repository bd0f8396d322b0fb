/**
 * An embedded queue through several lives: each one is all that a process knew, and when the next begins the one before is
 * dead in the middle of whatever it was doing. What they share is the store.
 */
import { rmSync } from 'node:fs'
import type { Clock } from '../../lib/clock.ts'
import type { Database } from '../../lib/database.ts'
import { openState } from '../../lib/database/node.ts'
import { type EmbeddedQueue, type EmbeddedQueueOptions, embeddedQueue } from '../../lib/queue/embedded.ts'
import { sqliteStore } from '../../lib/queue/sqlite.ts'
import type { QueueStore } from '../../lib/queue/store.ts'
import type { FakeClock } from '../fake-clock.ts'
import type { QueueUnderTest } from '../queue.contract.ts'
import { scratchFolder } from '../scratch.ts'

type Options = Omit<EmbeddedQueueOptions, 'clock' | 'store'>

export interface Lives {
  /** The queue of the next process. */
  next(options?: Options): EmbeddedQueue
}

/** One life only: there is no store. */
export const inMemory = (clock: Clock): Lives => ({ next: (options) => embeddedQueue({ clock, ...options }) })

/** A file, and lives that share it; each call of `lives` begins with an empty one. */
export function openDisk(): { lives(clock: Clock): Lives; readonly database: Database } & Disposable {
  const folder = scratchFolder()
  const database = openState({ folder, owner: 'test' })
  return {
    database,
    lives(clock) {
      sqliteStore(database)
      for (const table of ['queue_entry', 'queue_meter']) database.run(`DELETE FROM ${table}`)
      let kill = () => {}
      return {
        next(options) {
          kill()
          const life = mortal(clock)
          kill = life.kill
          return embeddedQueue({ clock: life.clock, store: life.guard(sqliteStore(database)), ...options })
        },
      }
    },
    [Symbol.dispose]() {
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Once killed, no timer fires and nothing is written. */
function mortal(clock: Clock) {
  const cancels = new Set<() => void>()
  let isDead = false
  return {
    clock: {
      now: () => clock.now(),
      after(milliseconds: number, task: () => void) {
        const cancel = clock.after(milliseconds, () => {
          cancels.delete(cancel)
          task()
        })
        cancels.add(cancel)
        return () => {
          cancels.delete(cancel)
          cancel()
        }
      },
    },
    guard: ({ load, save }: QueueStore): QueueStore => ({
      load,
      save(writing) {
        if (isDead) throw new Error('this process is dead')
        save(writing)
      },
    }),
    kill() {
      isDead = true
      for (const cancel of cancels) cancel()
    },
  }
}

/** An embedded queue as the contract wants it, on a clock that is moved by hand. */
export function underTest(queue: EmbeddedQueue, clock: FakeClock): QueueUnderTest {
  let consumers: Promise<void>[] = []
  let stop = new AbortController()
  return {
    queue,
    unitMs: 10,
    run(handle, concurrency) {
      consumers.push(queue.consume(handle, { concurrency, signal: stop.signal }))
    },
    advance: (milliseconds) => clock.advance(milliseconds),
    async stop() {
      stop.abort()
      await Promise.all(consumers)
      consumers = []
      stop = new AbortController()
    },
    parked: async () => queue.parked(),
    async redrive(keys) {
      queue.redrive(keys)
    },
  }
}
