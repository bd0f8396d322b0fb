/**
 * A schedule: one function, invoked again and again, never while it still runs (a reserved concurrency of one: EventBridge
 * tries a throttled invocation again, so what is late comes as soon as the function is free).
 */
import { randomUUID } from 'node:crypto'
import type { ScheduledEvent } from 'aws-lambda'
import { type Repeating, repeat, type When } from '../../local/repeat.ts'
import { ACCOUNT, REGION } from './environment.ts'
import type { LocalFunction } from './function.ts'

interface ScheduleSettings extends When {
  readonly fn: Pick<LocalFunction, 'name' | 'invoke'>
}

/** Runs until stopped, or until the function takes no invocation any more. */
export const startSchedule = ({ fn, ...when }: ScheduleSettings): Repeating =>
  repeat(async (now) => (await fn.invoke(eventOf(fn.name, now))).type !== 'failed', when)

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
