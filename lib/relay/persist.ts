/**
 * Calls that must succeed in the end, whatever the queue or the inventory says for now: tried again with backoff for as long
 * as it takes, told once when the trouble begins and once when it is over.
 */
import { backoffSeconds } from '../backoff.ts'
import { type Clock, sleep } from '../clock.ts'
import { DatabaseError } from '../database.ts'
import type { Happening, Report } from '../report.ts'

type Store = Extract<Happening, { type: 'store' }>['store']

/** 0.1 s doubling to 30 s: a queue that is back is noticed soon, one that is away for hours is left alone. */
const BACKOFF = { baseSeconds: 0.1, capSeconds: 30 }

export interface Persisting {
  readonly clock: Clock
  readonly random: () => number
  readonly report: Report
}

/**
 * Makes a call until it resolves. Rejects when `signal` aborts, also while a call hangs, and with a {@link DatabaseError}: a
 * disk that is full or a file that is damaged wants a person, and whoever goes on without it forgets what it has promised.
 */
export type Persist = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>

/** A `Persist` for one store, which remembers whether its trouble was told. */
export function startPersisting(store: Store, { clock, random, report }: Persisting): Persist {
  let isRefusing = false
  const tell = (state: 'refusing' | 'accepting', detail: string) => {
    if (isRefusing === (state === 'refusing')) return
    isRefusing = state === 'refusing'
    report({ type: 'store', store, state, detail })
  }
  return async (call, signal) => {
    for (let failures = 0; ; failures++) {
      try {
        const result = await unlessAborted(call(), signal)
        tell('accepting', '')
        return result
      } catch (error) {
        if (signal.aborted || error instanceof DatabaseError) throw error
        tell('refusing', (error instanceof Error ? error.message : String(error)).slice(0, 300))
      }
      await sleep(clock, 1000 * backoffSeconds(failures, random, BACKOFF), signal)
    }
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
