/**
 * The whole of an operator's AWS on this machine: SQS and S3 on loopback, each function of `infra/aws/functions.ts` bundled and
 * run as processes, and what invokes them: event source mappings, schedules, function URLs. It knows no cluster of its own.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SQSClient } from '@aws-sdk/client-sqs'
import { bundle } from '../bundle.ts'
import { FUNCTIONS, type FunctionName, type FunctionSettings } from '../functions.ts'
import { CREDENTIALS, REGION } from './environment.ts'
import { type LocalQueue, type LocalSqs, startLocalSqs } from './fauxqs.ts'
import { type FunctionFigures, type LocalFunction, startFunction } from './function.ts'
import { type InvokingSettings, startInvoking } from './invoking.ts'
import type { MappingFigures } from './mapping.ts'
import { BUCKET, createQueues, type QueueName, settingsOf } from './queues.ts'

export type Functions = Partial<Record<FunctionName, FunctionSettings>>

export interface LocalAwsSettings extends InvokingSettings {
  /** FAIRLEAD_CLUSTERS, as JSON. */
  readonly clusters: string
  /** Which functions (default: those of `infra/aws/functions.ts` whose entry exists). */
  readonly functions?: Functions | undefined
  /** Given to every function, beside what it names. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** A module whose `operator` they run instead of that of `functions/operator.ts`. */
  readonly operator?: string | undefined
  /** More settings for them, each of which gets those that it names: FAIRLEAD_REVIEW_KEYS, FAIRLEAD_INGRESS. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Where the bundles go, a folder each (default: `.fairlead/aws`); one local AWS at a time in it. */
  readonly folder?: string | undefined
  readonly timeoutSeconds?: Partial<Record<FunctionName, number>> | undefined
  /** Of the ready queue, and of those before it (default: six times the timeout of `work`, of `promote`, as AWS advises). */
  readonly visibilitySeconds?: { readonly ready?: number; readonly others?: number } | undefined
  readonly port?: number | undefined
}

export interface LocalAws {
  /** What a process of this machine needs in order to use the same queues and buckets as the functions. */
  readonly env: Readonly<Record<string, string>>
  readonly client: SQSClient
  readonly sqs: LocalSqs
  readonly queues: Readonly<Record<QueueName, LocalQueue>>
  readonly functions: Readonly<Partial<Record<FunctionName, LocalFunction>>>
  /** Where `review` and `ingress` are asked. */
  readonly urls: Readonly<Partial<Record<FunctionName, string>>>
  figures(): AwsFigures
  /** Nothing new begins; what runs may end for `graceSeconds` (default 0), then it is killed. */
  close(graceSeconds?: number): Promise<void>
}

export interface AwsFigures {
  readonly functions: Readonly<Record<string, FunctionFigures>>
  readonly mappings: Readonly<Record<string, MappingFigures>>
  /** Calls of SQS and S3, by action, of functions and mappings together. */
  readonly calls: Readonly<Record<string, number>>
}

const ROOT = resolve(import.meta.dirname, '../../..')

/** Everything runs when it resolves, but for the processes: they start with their first invocations. */
export async function startLocalAws(settings: LocalAwsSettings): Promise<LocalAws> {
  const table = Object.entries(settings.functions ?? existingFunctions()) as [
    FunctionName,
    FunctionSettings,
  ][]
  const timeoutOf = (name: FunctionName) =>
    settings.timeoutSeconds?.[name] ?? Object.fromEntries(table)[name]?.timeoutSeconds ?? 30
  const sqs = await startLocalSqs({ port: settings.port })
  const queues = createQueues(sqs, {
    ready: settings.visibilitySeconds?.ready ?? 6 * timeoutOf('work'),
    others: settings.visibilitySeconds?.others ?? 6 * timeoutOf('promote'),
  })
  sqs.createBucket(BUCKET)
  const env = settingsOf(sqs, queues, settings)
  const started = table.map(async ([name, { entry, memoryMb, settings: names }]) => {
    const folder = join(settings.folder ?? '.fairlead/aws', name)
    await bundle(resolve(ROOT, entry), folder, settings.operator)
    return startFunction({
      name,
      folder,
      memoryMb,
      timeoutSeconds: timeoutOf(name),
      concurrency: concurrencyOf(name, settings),
      log: settings.log,
      env: {
        ...pick(env, (key) => key.startsWith('AWS_') || names.some((one) => one === key)),
        ...settings.env,
      },
    })
  })
  const functions: Partial<Record<FunctionName, LocalFunction>> = Object.fromEntries(
    (await Promise.all(started)).map((fn) => [fn.name, fn]),
  )
  const client = clientOf(sqs)
  const invoking = await startInvoking({ settings, sqs, queues, functions, client })
  return {
    env,
    client,
    sqs,
    queues,
    functions,
    urls: Object.fromEntries(invoking.urls.map(([name, { url }]) => [name, url])),
    figures: () => ({
      functions: mapValues(Object.entries(functions), (fn) => fn.figures()),
      mappings: mapValues(invoking.mappings, (mapping) => mapping.figures()),
      calls: sqs.calls(),
    }),
    async close(graceSeconds = 0) {
      const stopped = invoking.stop()
      await Promise.all(Object.values(functions).map((fn) => fn.close(graceSeconds)))
      await stopped
      client.destroy()
      await sqs.close()
    },
  }
}

/** What runs on a schedule is reserved one; two mappings may share a function, and neither is to wait for the other. */
const concurrencyOf = (name: FunctionName, { concurrency = 4 }: LocalAwsSettings): number =>
  name === 'relay' || name === 'resync' ? 1 : Math.max(10, 2 * concurrency)

const pick = (values: Readonly<Record<string, string>>, isMeant: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(values).filter(([key]) => isMeant(key)))

const mapValues = <T, R>(
  entries: readonly (readonly [string, T])[],
  map: (value: T) => R,
): Record<string, R> => Object.fromEntries(entries.map(([name, value]) => [name, map(value)]))

/** Those of `infra/aws/functions.ts` whose entry exists. */
export const existingFunctions = (): Functions =>
  Object.fromEntries(
    Object.entries(FUNCTIONS).filter(([, { entry }]) => existsSync(resolve(ROOT, entry))),
  ) as Functions

const clientOf = ({ url }: LocalSqs): SQSClient =>
  new SQSClient({
    region: REGION,
    endpoint: url,
    credentials: {
      accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID,
      secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
    },
  })
