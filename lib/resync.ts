/**
 * Every primary object looked at once more: the keys of all there is go to the queue, in the background, page by page. It
 * remembers nothing and compares nothing, so it heals whatever was missed by whoever was to tell of it. A relay with an
 * inventory does the same by itself, now and then (`relay/resync.ts`); this is for where none watches: for changes that come
 * through an ingress.
 */
import type { Clock } from './clock.ts'
import { ApiError, type Kube, type KubeObject } from './kube.ts'
import type { Controller, Operator } from './operator.ts'
import type { Queue } from './queue.ts'
import { toMessage } from './relay/message.ts'
import { type Persist, startPersisting } from './relay/persist.ts'
import { planSources, type Source } from './relay/plan.ts'
import type { Report } from './report.ts'
import { textOf } from './watch/standing.ts'

export interface Resyncing {
  readonly api: Kube
  /** The cluster's name in messages. */
  readonly cluster: string
  readonly queue: Queue
  readonly clock: Clock
  readonly report: Report
  /** Numbers in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What came of it. */
export interface Resynced {
  /** Keys that the queue has accepted, by controller; some of them twice where a list had to begin again. */
  readonly sent: Readonly<Record<string, number>>
  /** Pages that were read: requests to the API server. */
  readonly pages: number
  /** What was not gone through to its end (`App`, `App in default`), and why. */
  readonly left: readonly { readonly what: string; readonly because: string }[]
}

/** The page size of client-go's pager. */
const PAGE = 500

/** A token lives for some minutes: a list that outlives so many of them is left. */
const BEGINNINGS = 3

/** A resync under way. */
interface Run {
  readonly using: Resyncing
  readonly signal: AbortSignal
  readonly persist: Persist
  readonly sources: readonly Source[]
  readonly sent: Record<string, number>
  readonly left: { what: string; because: string }[]
  pages: number
}

/**
 * Sends the keys of all objects of each controller, in its namespaces and by its selector; not of those whose `resyncSeconds`
 * is 0: they want none. Holds one page at a time. Resolves when everything was gone through, or soon after `signal` aborts; a
 * kind that cannot be listed holds up no other, and a queue that refuses is waited for.
 */
export async function resync(operator: Operator, using: Resyncing, signal: AbortSignal): Promise<Resynced> {
  const persist = startPersisting('queue', { ...using, random: using.random ?? Math.random })
  const sources = planSources(operator, using.cluster)
  const run: Run = { using, signal, persist, sources, sent: {}, left: [], pages: 0 }
  for (const source of sources) {
    const controllers = source.interests
      .filter(({ type, controller }) => type === 'primary' && controller.resyncSeconds > 0)
      .map(({ controller }) => controller)
    if (controllers.length > 0) await tellOrLeave(run, source, controllers)
  }
  const { sent, pages, left } = run
  return { sent, pages, left }
}

async function tellOrLeave(run: Run, source: Source, controllers: readonly Controller[]): Promise<void> {
  const { signal, left } = run
  const { resource, namespace } = source
  try {
    signal.throwIfAborted()
    await tell(run, source, controllers)
  } catch (error) {
    const what = namespace === undefined ? resource.kind : `${resource.kind} in ${namespace}`
    left.push({ what, because: signal.aborted ? 'there was no more time' : textOf(error) })
  }
}

async function tell(run: Run, source: Source, controllers: readonly Controller[]): Promise<void> {
  const { using, persist, sent, signal } = run
  const wants: { controller: Controller; within: ReadonlySet<string> | undefined }[] = []
  for (const controller of controllers)
    wants.push({ controller, within: await namespacesOf(run, controller) })
  await readPages(run, source, async (objects) => {
    const messages = wants.flatMap(({ controller, within }) =>
      objects
        .filter(({ metadata }) => within?.has(metadata.namespace ?? '') ?? true)
        .map((object) => toResync(object, controller, using.cluster)),
    )
    if (messages.length > 0) await persist(() => using.queue.send(messages), signal)
    for (const { controller } of messages) sent[controller] = (sent[controller] ?? 0) + 1
  })
}

/** The worker need not read anything newer than what was listed. */
function toResync({ metadata }: KubeObject, controller: Controller, cluster: string) {
  const { namespace, name, resourceVersion } = metadata
  const wake = { controller, key: { namespace, name }, cause: 'resync', resourceVersion }
  return toMessage(wake, cluster, 'background')
}

/** The names of the namespaces of a controller that chooses them by label; undefined: all that its source lists. */
async function namespacesOf(run: Run, controller: Controller): Promise<ReadonlySet<string> | undefined> {
  const source = run.sources.find(({ interests }) =>
    interests.some((interest) => interest.type === 'namespaces' && interest.controller === controller),
  )
  if (source === undefined) return undefined
  const names = new Set<string>()
  await readPages(run, source, async (objects) => {
    for (const { metadata } of objects) names.add(metadata.name)
  })
  return names
}

/** Hands over the pages of a list, in order; all of them again when a token has expired on the way. */
async function readPages(
  run: Run,
  source: Source,
  take: (objects: readonly KubeObject[]) => Promise<void>,
): Promise<void> {
  for (let beginnings = 1; ; beginnings++)
    try {
      let token: string | undefined
      do {
        const page = await readPage(run, source, token)
        await take(page.items)
        token = page.continue === '' ? undefined : page.continue
      } while (token !== undefined)
      return
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 410 || beginnings === BEGINNINGS) throw error
    }
}

async function readPage(run: Run, { resource, namespace, selector }: Source, token: string | undefined) {
  const page = await run.using.api.list<KubeObject>(resource, {
    namespace,
    labelSelector: selector.labels,
    fieldSelector: selector.fields,
    as: 'metadata',
    limit: PAGE,
    ...(token === undefined ? {} : { continue: token }),
    signal: run.signal,
  })
  run.pages += 1
  return page
}
