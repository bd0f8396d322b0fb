/** One stream as changes: from a version on, or, without one, a streaming list that goes on as a watch (KEP-3157). */
import type { WatchLine } from '../kube.ts'
import { type Change, type Changes, isInitialEnd, toChange } from './change.ts'
import type { Progress } from './next.ts'
import { idleSecondsOf, type Source, scopeOf } from './source.ts'
import { type StreamEnd, stream } from './stream.ts'

/** The server ends a stream after 250 to 300 s (kube-rs: 290), so that streams move when servers come and go. */
const LEAST_SECONDS = 250
const SPREAD_SECONDS = 51

/** A streaming list that says nothing for so long is one that the server does not know of. */
const INITIAL_IDLE_SECONDS = 30

/** Yields what one stream brings and moves the version on. Returns how it ended; throws what it throws. */
export async function* follow(source: Source): AsyncGenerator<Changes, StreamEnd | 'ignored', undefined> {
  const { progress, standing } = source
  const isResumed = progress.resourceVersion !== undefined
  const batches = openStream(source)
  let objects = 0
  try {
    while (true) {
      const batch = await batches.next()
      if (batch.done) return batch.value
      const isFirst = progress.resourceVersion === undefined && progress.received === 0
      progress.received += batch.value.length
      const changes = batch.value.flatMap((line) => absorb(line, progress))
      if (progress.resourceVersion === undefined && batch.value.some(({ type }) => type === 'BOOKMARK'))
        return 'ignored'
      objects += changes.filter(({ type }) => type === 'seen').length
      if (progress.resourceVersion !== undefined)
        standing.synced(isResumed ? 'resumed' : `${objects} objects`)
      yield {
        changes: isFirst ? [{ type: 'restart' }, ...changes] : changes,
        cursor: { resourceVersion: progress.resourceVersion },
      }
    }
  } finally {
    await batches.return('ended')
  }
}

function openStream({ resource, watching, progress, signal }: Source) {
  const { api, clock, random } = watching
  const { resourceVersion } = progress
  const idleSeconds = idleSecondsOf(watching)
  const options = {
    ...scopeOf(watching),
    ...(resourceVersion === undefined ? { initial: true } : { resourceVersion }),
    timeoutSeconds: LEAST_SECONDS + Math.floor(random() * SPREAD_SECONDS),
  }
  const idleMs = () =>
    1000 *
    (progress.resourceVersion === undefined ? Math.min(INITIAL_IDLE_SECONDS, idleSeconds) : idleSeconds)
  return stream((inner) => api.watch(resource, { ...options, signal: inner }), { clock, idleMs }, signal)
}

/** A line of the initial state has no place in the order of versions; every other line moves the version on. */
function absorb(line: WatchLine, progress: Progress): Change[] {
  const isInitial = progress.resourceVersion === undefined
  if (!isInitial || isInitialEnd(line)) progress.resourceVersion = line.object.metadata.resourceVersion
  if (isInitial && isInitialEnd(line)) return [{ type: 'synced' }]
  return toChange(line, isInitial)
}
