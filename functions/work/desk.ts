/** The desk of the queue on Durable Objects, for people. Without the secret FAIRLEAD_QUEUE_KEYS nobody is let near it. */
import { systemClock as clock } from '../../lib/index.ts'
import { type Keys, parseLiveKeys } from '../../lib/mac.ts'
import { queueApp } from '../../lib/queue/desk/http.ts'
import type { QueueBindings } from '../../lib/queue/durable/calls.ts'
import { durableDesk } from '../../lib/queue/durable/desk.ts'
import { perIsolate, reportJson as report } from '../cloudflare.ts'
import { readQueueKeys } from '../env.ts'

/** Its answers, made once of a Worker's bindings. Throws for keys that are none. */
export const deskOf = perIsolate((env: QueueBindings & Readonly<Record<string, unknown>>) => {
  const setting = readQueueKeys(env)
  const keys: Keys = setting === undefined ? new Map() : parseLiveKeys(setting, 'FAIRLEAD_QUEUE_KEYS')
  return queueApp({ keys, clock, report, queue: durableDesk(env) })
})
