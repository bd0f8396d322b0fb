/**
 * Optimistic concurrency. A write that waited (for webhooks, for conversions) may find that another one came first: then it
 * begins again from what is there now, as the real server's GuaranteedUpdate does.
 */
import type { ResourceType } from '../resource.ts'
import { converted } from '../conversion/convert.ts'
import type { Route } from '../route.ts'
import { findEntry, type Server } from '../server.ts'
import type { Entry } from '../store.ts'

/** The entry that a write began with is no longer the current one. */
export class Overtaken extends Error {}

/** Throws {@link Overtaken}. To be called right before a commit, without waiting in between. */
export function checkCurrent(server: Server, type: ResourceType, entry: Entry): void {
  if (findEntry(server, type, entry.namespace, entry.name) !== entry) throw new Overtaken()
}

/** Where a write goes, and what is there. */
export interface Target {
  readonly route: Route
  readonly entry: Entry | undefined
}

/** What is at a path now, ready to be read in the version of the path. Rejects with 500 when that cannot be. */
export function targetOf(server: Server, route: Route): Target | Promise<Target> {
  const entry = findEntry(server, route.type, route.namespace, route.name)
  const reading = entry === undefined ? undefined : converted(server, route.type, [entry])
  return reading === undefined ? { route, entry } : reading.then(() => targetOf(server, route))
}

/** The result of the first attempt that nobody overtakes; each has to read what it begins with anew. */
export async function untilCurrent<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
    }
  }
}
