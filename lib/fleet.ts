/** The same done in several clusters at once, for a limited time: one that is broken holds up and spoils no other. */
import type { Clock } from './clock.ts'
import type { Clusters } from './clusters.ts'
import type { Kube } from './kube.ts'
import { unlessAborted } from './reconcile/deadline.ts'

/** Clusters by name, and the way to each. */
export type Fleet = Pick<Clusters, 'names' | 'api'>

/** What came of it in one cluster, or why nothing did. */
export type Told<T> = T | { readonly error: string }

export interface Limit {
  readonly clock: Clock
  /** After so long the tasks are told to stop, and nobody waits for a connection any more. */
  readonly milliseconds: number
}

/** Does it in every cluster; resolves with what came of each, by name, when all have ended. Never rejects. */
export async function inEach<T>(
  fleet: Fleet,
  task: (api: Kube, cluster: string, signal: AbortSignal) => Promise<T>,
  { clock, milliseconds }: Limit,
): Promise<Readonly<Record<string, Told<T>>>> {
  const stop = new AbortController()
  const cancel = clock.after(milliseconds, () => stop.abort(new Error('there was no more time')))
  const told = fleet.names.map(async (name): Promise<[string, Told<T>]> => {
    try {
      const api = await unlessAborted(fleet.api(name), stop.signal)
      return [name, await task(api, name, stop.signal)]
    } catch (error) {
      return [name, { error: errorText(error) }]
    }
  })
  const results = await Promise.all(told)
  cancel()
  return Object.fromEntries(results)
}

/** An error as one bounded line. */
export const errorText = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 300)
