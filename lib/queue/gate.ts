/** What keeps a due key from being handed out: its controller's concurrency, and its own rate limit. Reports the latter. */
import { keyText } from '../message.ts'
import type { Consumer, Engine } from './engine.ts'
import type { Entry } from './entry.ts'
import { charge, opensAt, sweep, trip } from './limit.ts'
import type { Gate } from './transitions.ts'

/** The gate of one consumer. A key that it lets through is charged for the run. */
export function gateOf(engine: Engine, consumer: Consumer): Gate {
  const { meters, clock } = engine
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
      if (at > now) {
        if (trip(meters, entry.key))
          tell(engine, entry, 'limited', `at most ${rate.perSecond} runs per second`)
      } else if (charge(meters, entry.key, rate, now)) tell(engine, entry, 'calm')
      return at
    },
  }
}

/** Whether the key is being slowed down. */
export const isLimited = ({ meters }: Engine, { key }: Entry): boolean =>
  meters.byKey.get(key)?.isTripped ?? false

/** Forgets the keys that have long been quiet. */
export function release({ meters, clock, report }: Engine): void {
  for (const key of sweep(meters, clock.now())) report({ type: 'rate', state: 'calm', key, detail: '' })
}

function tell({ report }: Engine, entry: Entry, state: 'limited' | 'calm', detail = ''): void {
  const { message } = entry.errand
  const key = message ? `${message.controller} ${keyText(message)}` : entry.key
  report({ type: 'rate', state, key, detail })
}
