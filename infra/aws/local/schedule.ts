/**
 * A schedule: one function, invoked again and again, never while it still runs (a reserved concurrency of one: EventBridge
 * tries a throttled invocation again, so what is late comes as soon as the function is free).
 */
import { randomUUID } from 'node:crypto'
import type { ScheduledEvent } from 'aws-lambda'
import type { Clock } from '../../../lib/index.ts'
import { ACCOUNT, REGION } from './environment.ts'
import type { LocalFunction } from './function.ts'

interface ScheduleSettings {
  readonly fn: Pick<LocalFunction, 'name' | 'invoke'>
  /** From start to start; 0 begins the next run as soon as one has ended. */
  readonly everySeconds: number
  /** How long before the first run (default 0). */
  readonly afterSeconds?: number | undefined
  readonly clock: Clock
}

export interface Schedule {
  /** No new run; resolves when the running one has ended. */
  stop(): Promise<void>
}

/** A run that fails is not followed at once: with an interval of 0 it would be tried in a loop. */
const LEAST_AFTER_FAILURE_SECONDS = 1

/** Runs until stopped, or until the function takes no invocation any more. */
export function startSchedule({ fn, everySeconds, afterSeconds = 0, clock }: ScheduleSettings): Schedule {
  let isStopped = false
  let skipWait = () => {}
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(milliseconds, resolve)
      skipWait = () => {
        cancel()
        resolve()
      }
    })
  const repeat = async () => {
    if (afterSeconds > 0) await wait(afterSeconds * 1000)
    while (!isStopped) {
      const startedAt = clock.now()
      const { type } = await fn.invoke(eventOf(fn.name, startedAt))
      const seconds = type === 'failed' ? Math.max(everySeconds, LEAST_AFTER_FAILURE_SECONDS) : everySeconds
      const left = startedAt + seconds * 1000 - clock.now()
      if (left > 0 && !isStopped) await wait(left)
    }
  }
  const ended = repeat().catch(() => undefined)
  return {
    stop() {
      isStopped = true
      skipWait()
      return ended
    },
  }
}

const eventOf = (name: string, now: number): ScheduledEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: ACCOUNT,
  time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
  region: REGION,
  resources: [`arn:aws:events:${REGION}:${ACCOUNT}:rule/${name}`],
  detail: {},
})
