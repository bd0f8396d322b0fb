/** The queue on SQS, by the contract of all queues, against SQS as AWS documents it on a clock that is moved by hand. */
import { fakeClock } from '../fake-clock.ts'
import { queueContract } from '../queue.contract.ts'
import { sqsDouble } from './sqs/double.ts'
import { QUEUES, stageOf, ticking } from './sqs/stage.ts'

const HOURS = 3_600

function start() {
  const time = fakeClock(1_000_000_000)
  const clock = ticking(time)
  const sqs = sqsDouble(clock, {
    [QUEUES.ready]: {
      visibilitySeconds: 12 * HOURS,
      maxReceives: 5,
      dead: QUEUES.dead,
      isOneGroupAtATime: true,
    },
    [QUEUES.delay]: { visibilitySeconds: 180 },
    [QUEUES.background]: { visibilitySeconds: 180 },
    [QUEUES.dead]: { visibilitySeconds: 30 },
  })
  const roomInReady = async (room: number) => {
    for (;;) {
      const changed = new Promise<void>((resolve) => sqs.onChange(resolve))
      const { visible, inFlight } = await sqs.depth(QUEUES.ready)
      if (visible + inFlight <= room) return
      await changed
    }
  }
  // Clocks are one here, so they do not differ.
  const { advance } = time
  const stage = stageOf({
    sqs,
    clock,
    unitMs: 1000,
    waitSeconds: 24 * HOURS,
    skewMs: 0,
    roomInReady,
    advance,
  })
  return { stage, sqs, time }
}

queueContract('the queue on SQS', async () => start().stage)
