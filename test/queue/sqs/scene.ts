/** The ready queue with functions that are invoked by hand: for tests of single batches. */
import type { Delivery, Handle, Verdict } from '../../../lib/queue.ts'
import { type Consuming, type Received, sqsQueue, startConsumer } from '../../../lib/queue/sqs.ts'
import type { Happening } from '../../../lib/report.ts'
import { fakeClock } from '../../fake-clock.ts'
import { messageOf } from '../held.ts'
import { sqsDouble } from './double.ts'
import { QUEUES } from './stage.ts'

export const VISIBILITY = 360
/** Time stands still: an empty queue is not waited for. */
export const NOW = { waitSeconds: 0 }

/** SQS, functions that are invoked by hand with what is received, and what ran. */
export function scene(more: Partial<Consuming> = {}) {
  const clock = fakeClock(1_764_000_000_000)
  const sqs = sqsDouble(clock, {
    [QUEUES.ready]: { visibilitySeconds: VISIBILITY, maxReceives: 5, dead: QUEUES.dead },
    [QUEUES.delay]: { visibilitySeconds: 180 },
    [QUEUES.background]: { visibilitySeconds: 180 },
    [QUEUES.dead]: { visibilitySeconds: 30 },
  })
  const reported: Happening[] = []
  const report = (happening: Happening) => void reported.push(happening)
  const using = { sqs, queues: QUEUES, clock, random: () => 0.5, report, identity: 'one', ...more }
  const ran: string[] = []
  const receive = () => sqs.receive(QUEUES.ready, { most: 10, waitSeconds: 0 })
  /** A function that answers each delivery; a new process each time unless one is given. */
  const invoke = async (
    batch: readonly Received[],
    answer: (delivery: Delivery) => Verdict | Promise<Verdict>,
    consume = startConsumer(using),
  ) => {
    const handle: Handle = async (deliveries) => {
      const answers = deliveries.map(async (delivery) => {
        ran.push(nameOf(delivery))
        return [delivery.id, await answer(delivery)] as const
      })
      return new Map(await Promise.all(answers))
    }
    const on = { deadline: clock.now() + 60_000, signal: new AbortController().signal }
    const failed = await consume(batch, handle, on)
    const done = batch.filter(({ id }) => !failed.includes(id)).map(({ handle: receipt }) => receipt)
    await sqs.remove(QUEUES.ready, done)
    return failed
  }
  return { clock, sqs, using, reported, ran, receive, invoke, queue: sqsQueue(using) }
}

/** What is no message has no name. */
const nameOf = (delivery: Delivery): string =>
  typeof delivery.body === 'object' ? messageOf(delivery).name : 'no message'
