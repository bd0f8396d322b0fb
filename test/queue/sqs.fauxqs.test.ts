/**
 * The queue on SQS by the same contract, over the real AWS client and an emulator of the real protocol. The emulator runs in this
 * process, so its time is moved by hand too; what it does differently from AWS is covered by the double of `sqs.test.ts`.
 */
import { after, mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { startLocalSqs } from '../../infra/aws/local/fauxqs.ts'
import { systemClock } from '../../lib/clock.ts'
import { awsSqs, type Sqs, type SqsQueues } from '../../lib/queue/sqs.ts'
import { queueContract } from '../queue.contract.ts'
import { stageOf } from './sqs/stage.ts'

/** Delays are whole seconds, and clocks may differ by 2 s: a unit of 5 s shows neither. */
const UNIT_MS = 5_000
const VISIBILITY = 43_200
const START = Date.now()

for (const [name, value] of Object.entries({
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
}))
  process.env[name] = value
const server = await startLocalSqs({ groupsPerReceive: 1 })
process.env.AWS_ENDPOINT_URL_SQS = server.url
after(() => server.close())
let serial = 0

function newQueues(): SqsQueues {
  const id = ++serial
  const VisibilityTimeout = String(VISIBILITY)
  const queue = (name: string, more = {}) =>
    server.createQueue(`${name}-${id}${name.startsWith('f') ? '.fifo' : ''}`, { VisibilityTimeout, ...more })
  const dead = queue('fdead')
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 })
  return {
    ready: queue('fready', { RedrivePolicy }).url,
    delay: queue('delay').url,
    background: queue('background').url,
    dead: dead.url,
  }
}

queueContract(
  'the queue on SQS, over the real client',
  async () => {
    mock.timers.reset()
    mock.timers.enable({ apis: ['Date', 'setTimeout', 'setInterval'], now: START })
    const queues = newQueues()
    const real = awsSqs()
    const { sqs, isQuiet } = watched(real)
    const settle = async () => {
      // Sockets have their own time: until nothing is on its way, and was not for some turns.
      for (let quiet = 0; quiet < 40; quiet = isQuiet() ? quiet + 1 : 0) await turn()
    }
    const advance = async (milliseconds: number) => {
      await settle()
      for (let left = milliseconds; left > 0; left -= 1_000) {
        mock.timers.tick(Math.min(1_000, left))
        await settle()
      }
    }
    /** Waiting for room without the time that looks each second would need: time stands still here. */
    const roomInReady = async (room: number) => {
      for (;;) {
        const { visible, inFlight } = await real.depth(queues.ready)
        if (visible + inFlight <= room) return
        for (let turns = 0; turns < 20; turns++) await turn()
      }
    }
    return stageOf({ sqs, queues, clock: systemClock, unitMs: UNIT_MS, roomInReady, advance })
  },
  {
    Q7: 'no time passes in it, and what was sent within 2 s of a run may not have been seen by it: the double has one clock',
    Q20: 'forty days are 3.5 million seconds of the emulator, one by one: the double has them',
  },
)

/** Tells whether calls other than long polls are on their way. */
function watched(real: Sqs): { sqs: Sqs; isQuiet: () => boolean } {
  let calls = 0
  const counted = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      calls += 1
      try {
        return await call(...args)
      } finally {
        calls -= 1
      }
    }
  }
  const { receive } = real
  const [send, remove, release, depth] = [
    counted(real.send),
    counted(real.remove),
    counted(real.release),
    counted(real.depth),
  ]
  return { sqs: { receive, send, remove, release, depth }, isQuiet: () => calls === 0 }
}
