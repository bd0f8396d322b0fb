/**
 * An operator's Cloudflare on this machine: the Workers of `wrangler.toml` in workerd, with their Durable Objects, alarms and queue,
 * and what invokes them from outside: the cron and HTTP. It knows no cluster of its own, and keeps nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { TestHarness, WorkerHandle } from 'wrangler'
import { systemClock as clock } from '../../../lib/index.ts'
import { type Listening, listen, type Where } from '../../local/listen.ts'
import { repeat, type When } from '../../local/repeat.ts'
import { CONFIG, environmentOf, scriptOf, WORKERS, type WorkerName } from '../workers.ts'
import { startHarness } from './harness.ts'

export interface LocalWorkersSettings {
  /** Given to every Worker as its secrets: FAIRLEAD_CLUSTERS and the others, tokens of clusters too. */
  readonly secrets: Readonly<Record<string, string>>
  /** Which Workers there are (default: all). What others are bound to must be among them. */
  readonly only?: readonly WorkerName[] | undefined
  /** Folders whose `cloudflare.js` is run instead of what Wrangler would bundle (default: none). */
  readonly bundles?: Partial<Record<WorkerName, string>> | undefined
  /** Told what Workers print, and what went wrong around them. */
  readonly log: (line: string) => void
}

export interface LocalWorkers {
  readonly harness: TestHarness
  /** Runs what the cron would. Resolves with whether it went well. */
  scheduled(name: WorkerName): Promise<boolean>
  /** Puts a Worker behind a URL of its own, until all is closed. */
  serve(name: WorkerName, where?: Where): Promise<string>
  close(): Promise<void>
}

/** How often what Workers have printed is looked at. */
const LOOK_MS = 20

const TEN_HOURS = 36_000

/** In workerd alone no cron goes off. The first resync comes late: the relay has just listed everything. */
const CRONS: readonly (readonly [WorkerName, Omit<When, 'clock'>])[] = [
  ['relay', { everySeconds: 60 }],
  ['resync', { everySeconds: TEN_HOURS, afterSeconds: TEN_HOURS }],
]

/** Everything runs when it resolves, and the cron of `relay` goes off for the first time. */
export async function startLocalWorkers(settings: LocalWorkersSettings): Promise<LocalWorkers> {
  const { only = WORKERS, bundles = {}, secrets, log } = settings
  const harness = await startHarness({
    workers: only.map((name) => ({
      configPath: CONFIG,
      env: environmentOf(name),
      secrets: { ...secrets },
      ...(bundles[name] !== undefined && { prebuiltWorkerDir: bundles[name] }),
    })),
  })
  const stopLogs = followLogs(harness, log)
  const scheduled = async (name: WorkerName) => {
    const { outcome } = await harness.getWorker(scriptOf(name)).scheduled({})
    if (outcome !== 'ok') log(`the cron of ${name}: ${outcome}`)
    return outcome === 'ok'
  }
  const crons = CRONS.filter(([name]) => only.includes(name)).map(([name, when]) =>
    repeat(() => scheduled(name), { ...when, clock }),
  )
  const urls: Listening[] = []
  return {
    harness,
    scheduled,
    async serve(name, where = {}) {
      const onError = (error: unknown) => log(`${name}: ${String(error)}`)
      const worker = harness.getWorker(scriptOf(name))
      const url = await listen((request, response) => pass({ worker, onError }, request, response), where)
      urls.push(url)
      return url.url
    },
    async close() {
      await Promise.all([...crons.map((cron) => cron.stop()), ...urls.map((url) => url.close())])
      await harness.close()
      stopLogs()
    },
  }
}

/** Wrangler keeps what Workers print until somebody looks; the last of it is told when it is stopped. */
function followLogs(harness: TestHarness, log: (line: string) => void): () => void {
  const look = () => {
    const logs = harness.getLogs()
    harness.clearLogs()
    for (const { message } of logs) log(message)
  }
  const looking = setInterval(look, LOOK_MS)
  return () => {
    clearInterval(looking)
    look()
  }
}

interface Passing {
  readonly worker: WorkerHandle
  readonly onError: (error: unknown) => void
}

/** One request through a Worker; a 500 that tells nothing where the Worker throws, as on the platform. */
async function pass(
  { worker, onError }: Passing,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headersDistinct } = request
  const headers = Object.entries(headersDistinct).flatMap(([key, values = []]) =>
    HOP.test(key) ? [] : values.map((value): [string, string] => [key, value]),
  )
  const body = await buffer(request)
  const answer = await worker
    .fetch(url, { method, headers, ...(body.length > 0 && { body }) })
    .catch((error) => {
      onError(error)
      return undefined
    })
  response.writeHead(answer?.status ?? 500, [...(answer?.headers ?? [])].flat())
  response.end(answer && Buffer.from(await answer.arrayBuffer()))
}

/** What belongs to one connection only. */
const HOP = /^(connection|keep-alive|transfer-encoding|content-length|host|expect|upgrade)$/
