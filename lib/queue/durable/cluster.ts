/**
 * The index of a cluster's keys, in its Durable Object: ready keys run when it is their turn (so many of a controller at once,
 * changes before the background), and what is delayed or parked is listed for people. Whose turn it is lives in memory alone: a key
 * that was forgotten with it comes back by its own alarm.
 */
import type { Clock } from '../../clock.ts'
import type { Database } from '../../database.ts'
import { errorText } from '../../fleet.ts'
import { keyText, type Message } from '../../message.ts'
import type { ControllerLimit, Delivery, Verdict } from '../../queue.ts'
import type { Report } from '../../report.ts'
import { embeddedQueue, type EmbeddedQueue } from '../embedded.ts'
import type { Depths, Page, PageRequest } from '../desk.ts'
import { identify } from '../identity.ts'
import { gone, type IndexCalls, type KeyCalls, type List, type Namespace, type Standing } from './calls.ts'
import { forEachOf } from './each.ts'
import { type KeyList, openList } from './list.ts'

export interface IndexUsing {
  readonly database: Database
  readonly keys: Namespace<KeyCalls>
  readonly clock: Clock
  readonly report: Report
  /** Gives [0, 1). */
  readonly random: () => number
  /** Makes this index known to the one that knows all. */
  readonly enroll: () => Promise<void>
}

/** What may run at once, in all and of each controller, until the signal aborts. */
export interface Letting {
  readonly concurrency: number
  readonly controllerLimits: ReadonlyMap<string, ControllerLimit>
  readonly signal: AbortSignal
}

export interface Index extends IndexCalls {
  /** Lets keys run; resolves when, after the abort, the last one has come back. */
  letRun(letting: Letting): Promise<void>
}

/** Longer than any key waits for the answer of its run. */
const RUN_SECONDS = 1_000

/** Until a key whose Durable Object did not answer is asked again; spread by as much. */
const AGAIN_SECONDS = 1

interface State extends IndexUsing {
  readonly turns: EmbeddedQueue
  readonly listed: KeyList
  /** Keys that are ready or running. */
  readonly waiting: Set<string>
  isEnrolled: boolean
}

/** An index with what its database lists. */
export function openIndex(using: IndexUsing): Index {
  const { database, clock, report, random } = using
  const turns = embeddedQueue({ clock, report, random, answerSeconds: RUN_SECONDS })
  const state: State = { ...using, turns, listed: openList(database), waiting: new Set(), isEnrolled: false }
  return {
    async note(standings) {
      enrollOnce(state)
      await learn(state, standings)
    },
    letRun: (letting) =>
      turns.consume(
        async (deliveries) =>
          new Map(await Promise.all(deliveries.map(async (one) => [one.id, await run(state, one)] as const))),
        letting,
      ),
    list: (list, page) => pageOf(state, list, page),
    async redrive(keys) {
      const revived = await forEachOf(keys, async (key) => {
        const standing = await state.keys.getByName(key).redrive()
        await learn(state, [standing ?? (await standingOf(state, key))])
        return standing !== undefined
      })
      return revived.filter(Boolean).length
    },
    async drop(keys) {
      const dropped = await forEachOf(keys, async (key) => {
        const isDropped = await state.keys.getByName(key).drop()
        await learn(state, [await standingOf(state, key)])
        return isDropped
      })
      return dropped.filter(Boolean).length
    },
    depths: async () => depthsOf(state),
    enroll: async (name) => state.listed.enroll(name),
    names: async () => state.listed.names(),
  }
}

function depthsOf({ turns, listed }: State): Depths {
  const { change, background } = turns.depth()
  return {
    ready: change.ready + background.ready,
    running: change.locked + background.locked,
    delayed: listed.count('delayed'),
    parked: listed.count('parked'),
  }
}

/** Nobody waits for it: people look later than keys run. */
function enrollOnce(state: State): void {
  if (state.isEnrolled) return
  state.isEnrolled = true
  state.enroll().catch((error: unknown) => {
    state.isEnrolled = false
    state.report({ type: 'store', store: 'queue', state: 'refusing', detail: `index: ${errorText(error)}` })
  })
}

/** A key that runs of which this memory knows nothing has its turn, too: it ends with that run. */
async function learn({ turns, listed, waiting }: State, standings: readonly Standing[]): Promise<void> {
  const due = standings.filter(
    ({ key, place }) => place === 'ready' || (place === 'locked' && !waiting.has(key)),
  )
  for (const { key, place } of standings) {
    if (place === 'ready' || place === 'locked') waiting.add(key)
    else waiting.delete(key)
    if (place === 'delayed' || place === 'parked') listed.put(key, place)
    else if (place === 'gone') listed.remove(key)
  }
  await turns.send(due.map(({ body }) => turnFor(body)))
}

/**
 * What stands for a key while it waits for its turn: the same key and lane, due now, and nothing else, since thousands may wait
 * here. What is no message goes as it is: its key is made of all that is in it.
 */
function turnFor(body: Standing['body']): Message {
  const { message } = identify(body, 0).errand
  if (message === undefined) return body as Message
  const { version, cluster, controller, namespace, name, related, lane } = message
  return { version, cluster, controller, namespace, name, related, lane, causes: [], attempt: 0 }
}

/** The key's own object runs it, and judges it; here only its turn ends. One that does not answer is asked again. */
async function run(state: State, { id: key, body, isLimited = false }: Delivery): Promise<Verdict> {
  try {
    const standing = await state.keys.getByName(key).run({ isLimited })
    await learn(state, [{ ...standing, key }])
    return { type: 'ack' }
  } catch (error) {
    const { message } = identify(body, 0).errand
    const told = { controller: message?.controller ?? '', key: message ? keyText(message) : key }
    state.report({ type: 'failed', ...told, error: `its Durable Object: ${errorText(error)}` })
    return { type: 'retry', attempt: 0, afterSeconds: AGAIN_SECONDS * (1 + state.random()) }
  }
}

/** What is listed is asked how it stands: what has changed meanwhile is left out. */
async function pageOf(state: State, list: List, { limit, after = '' }: PageRequest): Promise<Page<Standing>> {
  const { listed, waiting } = state
  const keys =
    list === 'parked'
      ? listed.keys('parked', after, limit)
      : [...new Set([...waiting].filter((key) => key > after).concat(listed.keys('delayed', after, limit)))]
          .toSorted()
          .slice(0, limit)
  const standings = await forEachOf(keys, (key) => standingOf(state, key))
  await learn(
    state,
    standings.filter(({ place }) => place === 'gone'),
  )
  const items = standings.filter(
    ({ place }) => place !== 'gone' && (place === 'parked') === (list === 'parked'),
  )
  return { items, next: keys.length < limit ? undefined : keys.at(-1) }
}

const standingOf = async ({ keys }: State, key: string): Promise<Standing> =>
  (await keys.getByName(key).show()) ?? gone(key)
