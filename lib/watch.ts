/**
 * Follows one resource of one API server for as long as it is wanted: in goes a cursor, out come changes, each batch with
 * the cursor that holds after it. Lists when it must, resumes when it can, waits when the server is in trouble, and ends
 * only when it is told to. It remembers nothing but the cursor: what a change means is for the consumer, who knows what
 * was there before.
 */
import { type Clock, sleep } from './clock.ts'
import type { Cursor } from './inventory.ts'
import type { KubeObject, Resource } from './kube.ts'
import type { Changes } from './watch/change.ts'
import { follow } from './watch/follow.ts'
import { listPages } from './watch/list.ts'
import { afterEnd, afterFailure, afterList, type Judge, startProgress } from './watch/next.ts'
import { startPace } from './watch/pace.ts'
import type { Source, Watching } from './watch/source.ts'
import { startStanding } from './watch/standing.ts'

export type { Change, Changes } from './watch/change.ts'
export type { Watching } from './watch/source.ts'

/**
 * Watches metadata (never specs or data) from `from` on, until `signal` aborts; then it returns. It never throws for
 * troubles of the server: they are reported once per change of state and waited out. With a resourceVersion in `from` it
 * goes on from there, else (or when that has expired) it begins with a list. Changes are in the server's order.
 */
export async function* watch(
  resource: Resource<KubeObject>,
  watching: Watching,
  from: Cursor,
  signal: AbortSignal,
): AsyncGenerator<Changes, void, undefined> {
  const { clock, namespace, random, report } = watching
  const standing = startStanding(resource, namespace === undefined ? '' : ` in ${namespace}`, report)
  const progress = startProgress(from.resourceVersion)
  const judge = { pace: startPace(clock, random), expiries: startPace(clock, random), standing }
  const source = { resource, watching, progress, standing, signal }
  while (!signal.aborted) {
    const delay = yield* attempt(source, judge)
    if (delay > 0) await pause(clock, delay, signal)
  }
}

/** One try, whatever comes of it. Returns the milliseconds to wait before the next. */
async function* attempt(source: Source, judge: Judge): AsyncGenerator<Changes, number, undefined> {
  const { progress, signal, watching } = source
  const since = watching.clock.now()
  progress.received = 0
  try {
    if (progress.resourceVersion === undefined && progress.lists !== 'streamed') {
      yield* listPages(source)
      return afterList(progress)
    }
    const end = yield* follow(source)
    return afterEnd(progress, end, watching.clock.now() - since, judge)
  } catch (error) {
    return signal.aborted ? 0 : afterFailure(progress, error, judge)
  }
}

/** Sleeps; an abort ends it early and is seen by the loop. */
const pause = (clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(clock, milliseconds, signal).catch(() => undefined)
