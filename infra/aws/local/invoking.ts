/** What invokes the functions of an operator: its queues, the time, and who asks from outside. */
import type { SQSClient } from '@aws-sdk/client-sqs'
import { type Clock, systemClock } from '../../../lib/index.ts'
import type { Listening } from '../../local/listen.ts'
import type { Repeating } from '../../local/repeat.ts'
import type { FunctionName } from '../functions.ts'
import type { LocalQueue, LocalSqs } from './fauxqs.ts'
import type { LocalFunction } from './function.ts'
import { type Mapping, startMapping } from './mapping.ts'
import type { QueueName } from './queues.ts'
import { startSchedule } from './schedule.ts'
import { startUrl } from './url.ts'

export interface InvokingSettings {
  /** Told each line of a function, with its name, and what went wrong around it. */
  readonly log: (name: string, line: string) => void
  /** Invocations of one mapping at once (default 4). */
  readonly concurrency?: number | undefined
  /** From start to start of `relay` (default 60; 0: one after the other) and of `resync` (default: ten hours). */
  readonly relaySeconds?: number | undefined
  readonly resyncSeconds?: number | undefined
  /** Function URLs with TLS, in PEM; without, they are plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  readonly clock?: Clock | undefined
}

interface Wiring {
  readonly settings: InvokingSettings
  readonly sqs: LocalSqs
  readonly queues: Readonly<Record<QueueName, LocalQueue>>
  readonly functions: Readonly<Partial<Record<FunctionName, LocalFunction>>>
  readonly client: SQSClient
}

interface Invoking {
  readonly mappings: readonly (readonly [QueueName, Mapping])[]
  readonly urls: readonly (readonly [FunctionName, Listening])[]
  stop(): Promise<void>
}

/** What the queues trigger, what the time does, what is asked from outside. */
export async function startInvoking(wiring: Wiring): Promise<Invoking> {
  const { settings, functions } = wiring
  const clock = settings.clock ?? systemClock
  const { relay, resync, review, ingress } = functions
  const urls: [FunctionName, Listening][] = []
  for (const fn of [review, ingress])
    if (fn !== undefined) urls.push([fn.name as FunctionName, await startUrl({ fn, tls: settings.tls })])
  const mappings = mappingsOf(wiring)
  const schedules: Repeating[] = []
  const { relaySeconds = 60, resyncSeconds = 36_000 } = settings
  if (relay !== undefined) schedules.push(startSchedule({ fn: relay, everySeconds: relaySeconds, clock }))
  // The relay has just listed everything.
  const later = { everySeconds: resyncSeconds, afterSeconds: resyncSeconds, clock }
  if (resync !== undefined) schedules.push(startSchedule({ fn: resync, ...later }))
  return {
    mappings,
    urls,
    async stop() {
      await Promise.all([
        ...schedules.map((schedule) => schedule.stop()),
        ...mappings.map(([, mapping]) => mapping.stop()),
        ...urls.map(([, url]) => url.close()),
      ])
    },
  }
}

function mappingsOf({ settings, sqs, queues, functions, client }: Wiring): [QueueName, Mapping][] {
  const { work, promote } = functions
  const map = (name: QueueName, fn: LocalFunction | undefined): [QueueName, Mapping][] => {
    if (fn === undefined) return []
    const queue = queues[name]
    const endPolls = () => sqs.endPolls(queue.arn.split(':').at(-1) ?? '')
    const onError = (error: unknown) => settings.log(fn.name, `queue ${name}: ${String(error)}`)
    const maximumConcurrency = settings.concurrency ?? 4
    return [[name, startMapping({ client, queue, fn, maximumConcurrency, endPolls, onError })]]
  }
  return [...map('ready', work), ...map('delay', promote), ...map('background', promote)]
}
