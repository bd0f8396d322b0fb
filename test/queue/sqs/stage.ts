/** The queue on SQS with its functions around it, as deployed: work on `ready`, promote on `delay` and on `background`. */
import type { Clock } from '../../../lib/clock.ts'
import type { Handle } from '../../../lib/queue.ts'
import {
  type Consume,
  type Consuming,
  listDead,
  promote,
  redriveDead,
  type Received,
  type Sqs,
  type SqsQueues,
  sqsQueue,
  startConsumer,
} from '../../../lib/queue/sqs.ts'
import type { Happening } from '../../../lib/report.ts'
import type { QueueUnderTest } from '../../queue.contract.ts'
import { runMapping, type Slots, slots } from './mapping.ts'

export const QUEUES: SqsQueues = {
  ready: 'https://sqs/ready.fifo',
  delay: 'https://sqs/delay',
  background: 'https://sqs/background',
  dead: 'https://sqs/dead.fifo',
}

/** A clock that no two readings of are the same: what happens later has a later time, though none has passed. */
export function ticking(clock: Clock): Clock {
  let ticks = 0
  return {
    now() {
      ticks = (ticks + 1) % 1_000_000
      return clock.now() + ticks * 0.0005
    },
    after: (milliseconds, task) => clock.after(milliseconds, task),
  }
}

/** Time stands still: an empty queue is not waited for. */
const NOW = { waitSeconds: 0 }

interface StageOptions extends Partial<Consuming> {
  readonly sqs: Sqs
  readonly clock: Clock
  readonly queues?: SqsQueues
  readonly unitMs: number
  readonly waitSeconds?: number
  /** Resolves when `ready` holds no more than so many: waiting for room by events, instead of a look each second. */
  readonly roomInReady?: (room: number) => Promise<void>
  advance(milliseconds: number): Promise<void>
}

/** The stage as the contract wants it, and what it reported. */
export function stageOf(options: StageOptions): QueueUnderTest & {
  readonly reported: Happening[]
  readonly consume: Consume
} {
  const { sqs, clock, queues = QUEUES, roomInReady, advance, unitMs, waitSeconds = 20 } = options
  const reported: Happening[] = []
  const report = (happening: Happening) => void reported.push(happening)
  const using = { report, identity: 'one', ...options, sqs, queues, clock, random: () => 0.5 }
  const consume = startConsumer(using)
  let stop = new AbortController()
  let mappings: Promise<void>[] = []

  /** One batch: the slot that it was asked for with serves its first run; quick tries after it take none. */
  const work = (handle: Handle, free: Slots) => async (batch: readonly Received[]) => {
    let isHeld = true
    const inSlot: Handle = async (deliveries, signal) => {
      const isFirst = isHeld
      isHeld = false
      try {
        return await handle(deliveries, signal)
      } finally {
        if (isFirst) free.release()
      }
    }
    const on = { deadline: clock.now() + 3_600_000, signal: new AbortController().signal }
    const failed = await consume(batch, inSlot, on)
    if (isHeld) free.release()
    return failed
  }
  const promoting =
    (from: 'delay' | 'background', free: Slots, room: number) => async (batch: readonly Received[]) => {
      if (from === 'background') await roomInReady?.(room)
      const failed = await promote(batch, {
        ...using,
        from,
        room: roomInReady ? Number.POSITIVE_INFINITY : room,
      })
      free.release()
      return failed
    }
  const run = (handle: Handle, concurrency: number) => {
    const { signal } = stop
    const [ready, delay, background] = [slots(concurrency), slots(5), slots(1)]
    const room = concurrency - 1
    const mapping = { sqs, batchSize: 10, waitSeconds }
    mappings.push(
      runMapping({ ...mapping, queue: queues.ready, slots: ready, invoke: work(handle, ready) }, signal),
      runMapping(
        { ...mapping, queue: queues.delay, slots: delay, invoke: promoting('delay', delay, room) },
        signal,
      ),
      runMapping(
        {
          ...mapping,
          queue: queues.background,
          slots: background,
          batchSize: 1,
          invoke: promoting('background', background, room),
        },
        signal,
      ),
    )
  }
  return {
    reported,
    consume,
    queue: sqsQueue(using),
    unitMs,
    run,
    advance,
    async stop() {
      stop.abort()
      await Promise.all(mappings)
      mappings = []
      stop = new AbortController()
    },
    parked: () => listDead(using, NOW),
    redrive: async (keys) => void (await redriveDead(keys, using, NOW)),
  }
}
