/** A number of things that may happen at once; who comes when all are taken waits, first come first served. */

export interface Slots {
  /** Resolves when one is taken for the caller; rejects with the signal's reason where that aborts first. */
  take(signal?: AbortSignal): Promise<void>
  /** Gives one back. */
  give(): void
  /** Resolves as soon as none is taken and nobody waits. */
  allFree(): Promise<void>
}

/** `limit` of them. */
export function slots(limit: number): Slots {
  let taken = 0
  const waiting: (() => void)[] = []
  const onFree: (() => void)[] = []
  return {
    async take(signal) {
      signal?.throwIfAborted()
      if (taken < limit) taken++
      else await turn(waiting, signal)
    },
    give() {
      const next = waiting.shift()
      if (next !== undefined) return next()
      taken--
      if (taken === 0) for (const told of onFree.splice(0)) told()
    },
    allFree: () => (taken === 0 ? Promise.resolve() : new Promise((free) => onFree.push(free))),
  }
}

const turn = (waiting: (() => void)[], signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const onTurn = () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = () => {
      waiting.splice(waiting.indexOf(onTurn), 1)
      reject(signal?.reason)
    }
    waiting.push(onTurn)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
