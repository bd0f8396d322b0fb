/** Where a message is worked on: one cluster for all, or each message's own. */
import { ApiError } from '../kube.ts'
import type { Message } from '../message.ts'
import type { Verdict } from '../queue.ts'
import type { Reconciling } from '../reconcile.ts'

/** What is of a cluster in what a reconcile works with. */
export type Place = Pick<Reconciling, 'api' | 'record'>

/** Several clusters by name. */
export interface Everywhere extends Omit<Reconciling, keyof Place> {
  /** Undefined: there is no such cluster. Rejects where it cannot be reached now, which concerns no other. */
  placeOf(cluster: string): Promise<Place | undefined>
}

export type Working = Reconciling | Everywhere

/** What a message is reconciled with; or, where that cannot be, what becomes of it. */
export async function placeFor(
  message: Message,
  working: Working,
): Promise<Reconciling | Verdict | ApiError> {
  if ('api' in working) return working
  const { cluster } = message
  try {
    const place = await working.placeOf(cluster)
    if (place === undefined) return { type: 'bury', reason: `there is no cluster "${cluster}" here` }
    return { ...working, ...place }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return new ApiError(0, 'Unreachable', `cluster "${cluster}": ${text}`.slice(0, 512))
  }
}
