/**
 * The status of a pod on a simulated node, as a function of what it is and of the time: its containers run from
 * `status.startTime` on, all alike, and turn out as they are meant to. Nothing is written here.
 */
import { metadataOf } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { timeOf, timeText } from '../time.ts'
import type { Outcome } from './options.ts'
import { podConditions } from './podConditions.ts'

/** What a pod's status depends on, besides the pod. Times are in milliseconds since the epoch. */
export interface Circumstances {
  readonly now: number
  readonly outcome: Outcome
  readonly readyAfterSeconds: number
  readonly podIP: string
  readonly hostIP: string
}

export interface PodState {
  readonly status: JsonObject
  /** Milliseconds until time alone changes the status. */
  readonly changesAfter: number | undefined
}

/** Of all containers: they share their fate. */
interface Run {
  readonly state: 'running' | 'waiting' | 'terminated'
  readonly startedAt: number
  readonly restarts: number
  /** The last end of a run, and whether it failed. */
  readonly ended?: { readonly startedAt: number; readonly at: number; readonly failed: boolean }
}

/** The kubelet's waits before it starts a container again. */
const BACKOFF = { firstSeconds: 10, mostSeconds: 300 }

/** The status that the pod should have now. */
export function podState(pod: JsonObject, about: Circumstances): PodState {
  const startTime = stringAt(pod, 'status', 'startTime') || timeText(about.now)
  const { run, changesAfter } = ranSoFar(pod, startTime, about)
  return { status: statusFor(pod, run, startTime, about), changesAfter }
}

const endsByItself = (pod: JsonObject): boolean => stringAt(pod, 'spec', 'restartPolicy') !== 'Always'

/** One step from the run that the status tells of, if its time has come. */
function ranSoFar(
  pod: JsonObject,
  startTime: string,
  about: Circumstances,
): { run: Run; changesAfter?: number } {
  const run = runOf(pod) ?? { state: 'running', startedAt: timeOf(startTime), restarts: 0 }
  if (run.state === 'terminated') return { run }
  const isLeft = (at: number) => at > about.now
  if (run.state === 'waiting') {
    const again = (run.ended?.at ?? 0) + backoffMilliseconds(run.restarts)
    if (isLeft(again)) return { run, changesAfter: again - about.now }
    return ranSoFarFrom(
      pod,
      { ...run, state: 'running', startedAt: about.now, restarts: run.restarts + 1 },
      about,
    )
  }
  return ranSoFarFrom(pod, run, about)
}

function ranSoFarFrom(pod: JsonObject, run: Run, about: Circumstances): { run: Run; changesAfter?: number } {
  const due = run.startedAt + about.readyAfterSeconds * 1000
  const isDecided = about.outcome === 'fail' || (about.outcome === 'ready' && endsByItself(pod))
  if (!isDecided) {
    const isPending = about.outcome === 'ready' && due > about.now
    return isPending ? { run, changesAfter: due - about.now } : { run }
  }
  if (due > about.now) return { run, changesAfter: due - about.now }
  const failed = about.outcome === 'fail'
  const ended = { startedAt: run.startedAt, at: about.now, failed }
  if (!failed || stringAt(pod, 'spec', 'restartPolicy') === 'Never')
    return { run: { ...run, state: 'terminated', ended } }
  return { run: { ...run, state: 'waiting', ended }, changesAfter: backoffMilliseconds(run.restarts) }
}

const backoffSeconds = (restarts: number): number =>
  Math.min(BACKOFF.firstSeconds * 2 ** Math.min(restarts, 10), BACKOFF.mostSeconds)

/** As Go writes durations: `40s`, `1m20s`. */
const durationText = (seconds: number): string =>
  seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`

const backoffMilliseconds = (restarts: number): number => backoffSeconds(restarts) * 1000

/** What the status says of the first container; undefined before it was ever started. */
function runOf(pod: JsonObject): Run | undefined {
  const [first] = listAt(pod, 'status', 'containerStatuses').filter(isObject)
  if (first === undefined) return undefined
  const restarts = numberAt(first, 'restartCount') ?? 0
  const state = objectAt(first, 'state')
  const terminated = objectAt(state, 'terminated')
  const last = Object.keys(terminated).length > 0 ? terminated : objectAt(first, 'lastState', 'terminated')
  const startedAt = timeOf(stringAt(state, 'running', 'startedAt'))
  const ended =
    Object.keys(last).length === 0
      ? {}
      : {
          ended: {
            startedAt: timeOf(stringAt(last, 'startedAt')),
            at: timeOf(stringAt(last, 'finishedAt')),
            failed: last.exitCode !== 0,
          },
        }
  if (isObject(state.running)) return { state: 'running', startedAt, restarts, ...ended }
  return { state: isObject(state.terminated) ? 'terminated' : 'waiting', startedAt, restarts, ...ended }
}

function statusFor(pod: JsonObject, run: Run, startTime: string, about: Circumstances): JsonObject {
  const isDone = run.state === 'terminated'
  const isReady =
    run.state === 'running' &&
    (endsByItself(pod) ||
      (about.outcome === 'ready' && run.startedAt + about.readyAfterSeconds * 1000 <= about.now))
  const phase = isDone ? (run.ended?.failed ? 'Failed' : 'Succeeded') : 'Running'
  const initial = listAt(pod, 'spec', 'initContainers').filter(isObject)
  return {
    ...objectAt(pod, 'status'),
    observedGeneration: numberAt(pod, 'metadata', 'generation') ?? 1,
    phase,
    conditions: podConditions(pod, { isReady, isDone }, about.now),
    hostIP: about.hostIP,
    hostIPs: [{ ip: about.hostIP }],
    podIP: about.podIP,
    podIPs: [{ ip: about.podIP }],
    startTime,
    ...(initial.length === 0
      ? {}
      : { initContainerStatuses: initial.map((one) => initialStatus(one, timeOf(startTime))) }),
    containerStatuses: listAt(pod, 'spec', 'containers')
      .filter(isObject)
      .map((container) => containerStatus(pod, container, run, isReady)),
  }
}

const common = (container: JsonObject): JsonObject => ({
  name: stringAt(container, 'name'),
  image: stringAt(container, 'image'),
  imageID: '',
})

function initialStatus(container: JsonObject, startedAt: number): JsonObject {
  const at = timeText(startedAt)
  const isSidecar = container.restartPolicy === 'Always'
  const state: JsonObject = isSidecar
    ? { running: { startedAt: at } }
    : { terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at } }
  return { ...common(container), state, lastState: {}, ready: true, restartCount: 0, started: isSidecar }
}

function containerStatus(pod: JsonObject, container: JsonObject, run: Run, isReady: boolean): JsonObject {
  const { ended } = run
  const end: JsonObject =
    ended === undefined
      ? {}
      : {
          terminated: {
            exitCode: ended.failed ? 1 : 0,
            reason: ended.failed ? 'Error' : 'Completed',
            startedAt: timeText(ended.startedAt),
            finishedAt: timeText(ended.at),
          },
        }
  const { name, namespace, uid } = metadataOf(pod)
  const which = `container=${stringAt(container, 'name')} pod=${name}_${namespace}(${uid})`
  const states: Record<Run['state'], JsonObject> = {
    running: { running: { startedAt: timeText(run.startedAt) } },
    waiting: {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: `back-off ${durationText(backoffSeconds(run.restarts))} restarting failed ${which}`,
      },
    },
    terminated: end,
  }
  return {
    ...common(container),
    state: states[run.state],
    lastState: run.state === 'terminated' ? {} : end,
    ready: isReady,
    restartCount: run.restarts,
    started: run.state === 'running',
  }
}
