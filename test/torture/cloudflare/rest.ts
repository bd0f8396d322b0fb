/** The end of a torture on Cloudflare: everything has converged, and once no object has a timer any more nothing is left to do. */
import { setTimeout as wait } from 'node:timers/promises'
import type { QueueBindings } from '../../../lib/queue/durable/calls.ts'
import { durableDesk } from '../../../lib/queue/durable/desk.ts'
import type { Desk, Page, PageRequest } from '../../../lib/queue/desk.ts'
import type { LocalWorkers } from '../../../infra/cloudflare/local/workers.ts'
import type { Truth } from '../people.ts'
import { unconverged } from '../rest.ts'
import type { Stage } from '../stage.ts'
import { endTimers, withoutTimer } from '../timers.ts'

/** Everything must have come to rest so long after the last death: alarms and backoffs, a few times over. */
const REST_MS = 100_000

/**
 * Nobody dies any more, and at `backAt` whoever was forgotten has come back. `problems`: what is not as it should be when it
 * has had its time, one line each.
 */
export async function rest(
  stage: Stage,
  truth: Truth,
  { workers: { harness }, backAt }: { readonly workers: LocalWorkers; readonly backAt: number },
): Promise<{ readonly problems: readonly string[]; readonly convergedAt: number }> {
  const env = await harness.getWorker('fairlead').getEnv()
  const desk = durableDesk(env as QueueBindings)
  const left = await settle(() => unconverged(stage))
  // Timers must be seen to go on by themselves.
  await wait(Math.max(0, backAt - Date.now()))
  const convergedAt = Date.now()
  const stopped = await settle(() => withoutTimer(stage, convergedAt))
  await endTimers(stage, truth)
  const waiting = await settle(async () => [...(await unconverged(stage)), ...(await waitingAt(desk))])
  return { problems: [...left, ...stopped, ...waiting], convergedAt }
}

/** Asks what is left until nothing is, or time is up. */
async function settle(ask: () => Promise<string[]>): Promise<string[]> {
  let left = await ask()
  for (const end = Date.now() + REST_MS; left.length > 0 && Date.now() < end; left = await ask())
    await wait(100)
  return left
}

/** What the desk shows: no key is to be done, or was given up. */
async function waitingAt(desk: Desk): Promise<string[]> {
  const pending = await all((page) => desk.pending(page))
  const parked = await all((page) => desk.parked(page))
  const depths = Object.entries(await desk.depths())
  return [
    ...pending.map(({ key, place, reason }) => `${key} is still ${place} ${reason}`),
    ...parked.map(({ key, reason }) => `${key} was parked: ${reason}`),
    ...depths.flatMap(([index, counts]) =>
      Object.values(counts).every((count) => count === 0)
        ? []
        : [`the index "${index}" still counts ${JSON.stringify(counts)}`],
    ),
  ]
}

async function all<T>(read: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  for (let after: string | undefined; ; ) {
    const page = await read({ limit: 100, after })
    items.push(...page.items)
    after = page.next
    if (after === undefined) return items
  }
}
