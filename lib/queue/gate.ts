/** What keeps a due key from being handed out: its controller's concurrency, and its own rate limit. Reports the latter. */
import type { Report } from '../report.ts'
import type { Consumer, Engine } from './engine.ts'
import { type Entry, nameOf } from './entry.ts'
import { charge, opensAt, sweep, trip } from './limit.ts'
import type { Gate } from './transitions.ts'

/** The gate of one consumer. A key that it lets through is charged for the run. */
export function gateOf(engine: Engine, consumer: Consumer): Gate {
  const { meters, clock, report } = engine
  return {
    isFull(controller) {
      const limit = consumer.controllerLimits.get(controller)?.concurrency
      return limit !== undefined && (consumer.running.get(controller) ?? 0) >= limit
    },
    opensAt(entry) {
      const rate = consumer.controllerLimits.get(entry.controller)?.rate
      if (rate === undefined) return 0
      const now = clock.now()
      const at = opensAt(meters, entry.key, rate, now)
      const name = nameOf(entry)
      if (at > now) {
        const detail = `at most ${rate.perSecond} runs per second`
        if (trip(meters, entry.key, name)) report({ type: 'rate', state: 'limited', key: name, detail })
      } else if (charge(meters, entry.key, rate, now)) calm(report, name)
      return at
    },
  }
}

/** Whether the key is being slowed down. */
export const isLimited = ({ meters }: Engine, { key }: Entry): boolean =>
  meters.byKey.get(key)?.trippedAs !== undefined

/** Forgets the keys that have long been quiet. */
export function release({ meters, clock, report }: Engine): void {
  for (const name of sweep(meters, clock.now())) calm(report, name)
}

const calm = (report: Report, key: string): void => report({ type: 'rate', state: 'calm', key, detail: '' })
