/**
 * What scenario sources are given: it sends requests to the server and writes down what came. `request.ts`, `crd.ts` and
 * `watch.ts` have the verbs; what is particular to this run becomes tokens afterwards, in `tokenise.ts`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from '../replay/connect.ts'
import type { JsonObject } from '../replay/json.ts'
import { mask } from '../replay/pointer.ts'
import { newRun } from '../replay/run.ts'
import type { Webhook } from '../replay/scenario.ts'
import type { Stream } from '../replay/stream.ts'
import { distinctCalls, type Webhooks } from '../replay/webhooks.ts'
import { type CrdVerbs, crdVerbs } from './crd.ts'
import { type Masks, type Notes, type Page, write } from './page.ts'
import { type RequestVerbs, requestVerbs } from './request.ts'
import { type WatchVerbs, watchVerbs } from './watch.ts'

/** A scenario: its name within the area, what it is about, and what it does. */
export type Source = readonly [name: string, about: string, run: (t: Recorder) => Promise<unknown>]

export interface Recorder extends RequestVerbs, CrdVerbs, WatchVerbs {
  /** The run's name, the namespace `t-RUN`, the group of its CRDs, and paths of collections in the namespace. */
  readonly run: string
  readonly N: string
  readonly group: string
  readonly core: string
  readonly apps: string
  /** What webhook configurations need: the authority of the run's webhook server, and an address where nothing listens. */
  readonly ca: string
  readonly deadAddress: string
  readonly webhookAddress: string
  /** Describes how the run's webhook server answers at a path; returns its URL. */
  hook(path: string, webhook: Webhook): string
  /** Writes down the webhook calls that came in since the last time. */
  calls(options?: CallsOptions): Promise<JsonObject[]>
  pause(seconds: number, note?: string): Promise<void>
  /** Makes the server forget all older versions. Rejects where nobody said how. */
  compact(note?: string): Promise<void>
}

export interface CallsOptions extends Notes {
  /** Leaves out what differs in nothing but the review's uid. */
  readonly distinct?: boolean
  readonly mask?: Masks
}

/** What a recorder stands on. */
export interface Stand {
  readonly connection: Connection
  readonly webhooks: Webhooks
  readonly compact?: (() => Promise<void>) | undefined
}

/** A recorder of a new run, the page that it writes on, and the watches that it has opened. */
export function openRecorder(stand: Stand): { recorder: Recorder; page: Page; streams: Stream[] } {
  const page: Page = { run: newRun(), steps: [], webhooks: {}, cleanup: [], warnings: [] }
  const { connection, webhooks } = stand
  const entry = webhooks.open(page.run, page.webhooks)
  const namespace = `t-${page.run}`
  const requests = requestVerbs(connection, page)
  const streams: Stream[] = []
  const recorder: Recorder = {
    ...requests,
    ...crdVerbs(requests, page),
    ...watchVerbs(connection, page, streams),
    run: page.run,
    N: namespace,
    group: `${page.run}.example.com`,
    core: `/api/v1/namespaces/${namespace}`,
    apps: `/apis/apps/v1/namespaces/${namespace}`,
    ca: webhooks.caBundle,
    deadAddress: webhooks.deadAddress,
    webhookAddress: webhooks.address,
    hook(path, webhook) {
      page.webhooks[path] = webhook
      return `https://${webhooks.address}/${page.run}${path}`
    },
    async calls(options = {}) {
      const taken = entry.calls.splice(0)
      const calls = options.distinct ? distinctCalls(taken) : taken
      write(page, { calls: mask(calls, options.mask), ...callsFields(options) }, calls, options)
      return calls
    },
    async pause(seconds, note) {
      write(page, { pause: { seconds } }, undefined, { note })
      await delay(seconds * 1000)
    },
    async compact(note) {
      write(page, { compact: true }, undefined, { note })
      if (stand.compact === undefined) throw new Error('this scenario needs --compact')
      await stand.compact()
    },
  }
  return { recorder, page, streams }
}

const callsFields = ({ distinct, mask: masks }: CallsOptions) => ({
  ...(distinct ? { distinct } : {}),
  ...(masks === undefined ? {} : { mask: masks }),
})
