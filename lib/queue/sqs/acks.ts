/**
 * Acknowledging before the batch is over. The event source mapping deletes what is done when the function returns; until then
 * the keys are locked, so where one key takes long the others are deleted from within.
 */
import type { Clock } from '../../clock.ts'
import type { Sqs } from './calls.ts'
import type { SqsQueues } from './envelope.ts'
import type { Unit } from './unit.ts'

export interface Acks {
  /** Everything that follows from the unit is in SQS. */
  done(unit: Unit): void
  /** Deletes what is done. */
  flush(): Promise<void>
  /** Resolves when deletions that are under way have ended. */
  close(): Promise<void>
}

/** A batch that takes longer than this deletes what is done; most are over before, and cost no call. */
const PATIENCE_MS = 1_000

/** For a batch of so many units. */
export function startAcks(
  {
    sqs,
    queues,
    clock,
  }: { readonly sqs: Sqs; readonly queues: Pick<SqsQueues, 'ready'>; readonly clock: Clock },
  units: number,
): Acks {
  let handles: string[] = []
  let left = units
  let isSlow = false
  let deleting: Promise<unknown> = Promise.resolve()
  const flush = async (): Promise<void> => {
    const taken = handles
    handles = []
    if (taken.length === 0) return
    // What is not deleted here is deleted by the mapping at the end: no more is lost than time.
    deleting = Promise.allSettled([deleting, sqs.remove(queues.ready, taken)])
    await deleting
  }
  const cancel = clock.after(PATIENCE_MS, () => {
    isSlow = true
    void flush()
  })
  return {
    done({ envelopes }) {
      left -= 1
      handles.push(...envelopes.map(({ received }) => received.handle))
      if (isSlow && left > 0) void flush()
    },
    flush,
    async close() {
      cancel()
      await deleting
    },
  }
}
