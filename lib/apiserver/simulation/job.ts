/**
 * Jobs: pods until enough have succeeded, or too many have failed. A pod that has ended is counted exactly once: its uid is
 * noted in the status, then its finalizer goes, then the count rises. Indexed Jobs have a pod for each index; the policies for
 * pod failures, for successes and for failures of single indexes are not looked at.
 */
import { isDeleting } from '../controller.ts'
import { metadataList, metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { timeOf } from '../time.ts'
import { claimed } from './claim.ts'
import { type Cluster, type Item, type Kind, sooner, withStatus } from './cluster.ts'
import { isTrue } from './condition.ts'
import { indexesOf, indexOf, indexText, newJobPod, TRACKING } from './jobPods.ts'
import { failureOf, finished, jobConditions, type Tally, type Verdict } from './jobStatus.ts'
import { POD } from './pod.ts'
import { byWorth, isActive, isReady } from './podTemplate.ts'

export const JOB: Kind = { apiVersion: 'batch/v1', kind: 'Job' }

const MANAGER = 'kubernetes.io/job-controller'

/** Brings one Job a step further. */
export async function reconcileJob(cluster: Cluster, item: Item): Promise<number | undefined> {
  const job = item.object
  const managedBy = stringAt(job, 'spec', 'managedBy')
  if (managedBy !== '' && managedBy !== MANAGER) return undefined
  if (finished(job)) return expire(cluster, item)
  const before = tallyOf(job, await claimed(cluster, job, POD))
  const failure = failureOf(job, before, cluster.now())
  const waits = await (isDeleting(job) ? undefined : manage(cluster, job, before, failure !== undefined))
  const tally = tallyOf(job, await claimed(cluster, job, POD))
  const status = statusOf(cluster, job, tally, failure)
  if (!isEqual(status, job.status)) await cluster.update(item, withStatus(job, status), 'status')
  for (const pod of tally.ended) await untrack(cluster, pod)
  return sooner(waits, deadlineIn(job, status, cluster.now()))
}

const isTracked = ({ object }: Item): boolean => metadataList(object, 'finalizers').includes(TRACKING)
const phaseOf = ({ object }: Item): string => stringAt(object, 'status', 'phase')
const uidOf = ({ object }: Item): string => metadataText(object, 'uid')

/** What is known of the pods, and of those that were counted before. */
function tallyOf(job: JsonObject, pods: readonly Item[]): Tally {
  const isIndexed = stringAt(job, 'spec', 'completionMode') === 'Indexed'
  const replacesFailed = stringAt(job, 'spec', 'podReplacementPolicy') === 'Failed'
  const tracked = pods.filter(isTracked)
  const hasFailed = (pod: Item) =>
    phaseOf(pod) === 'Failed' || (!replacesFailed && isDeleting(pod.object) && phaseOf(pod) !== 'Succeeded')
  const isOver = isTrue(listAt(job, 'status', 'conditions'), 'FailureTarget') || isDeleting(job)
  const ended = tracked.filter((pod) => phaseOf(pod) === 'Succeeded' || hasFailed(pod) || isOver)
  const isKnown = (uid: string) => tracked.some((pod) => uidOf(pod) === uid)
  const noted = (list: string) => listAt(job, 'status', 'uncountedTerminatedPods', list).map(String)
  const counted = (field: string, list: string) =>
    (numberAt(job, 'status', field) ?? 0) + noted(list).filter((uid) => !isKnown(uid)).length
  const uidsOf = (isSuccess: boolean) =>
    ended.filter((pod) => (phaseOf(pod) === 'Succeeded') === isSuccess).map(uidOf)
  const completed = new Set(indexesOf(stringAt(job, 'status', 'completedIndexes')))
  for (const pod of pods) if (phaseOf(pod) === 'Succeeded') completed.add(indexOf(pod.object) ?? -1)
  completed.delete(-1)
  return {
    pods,
    active: pods.filter(isActive),
    ended,
    succeeded: isIndexed ? completed.size : counted('succeeded', 'succeeded'),
    failed: counted('failed', 'failed'),
    uncounted: { succeeded: isIndexed ? [] : uidsOf(true), failed: uidsOf(false) },
    completed: isIndexed ? completed : undefined,
    terminating: pods.filter(
      (pod) => isDeleting(pod.object) && !['Failed', 'Succeeded'].includes(phaseOf(pod)),
    ).length,
  }
}

const done = ({ succeeded, uncounted }: Tally): number => succeeded + uncounted.succeeded.length

/** Makes and deletes pods; resolves with the milliseconds until it may make more. */
async function manage(
  cluster: Cluster,
  job: JsonObject,
  tally: Tally,
  isOver: boolean,
): Promise<number | undefined> {
  const { active } = tally
  const isSuspended = objectAt(job, 'spec').suspend === true
  const wanted = isOver || isSuspended ? 0 : wantedBy(job, tally)
  for (const pod of [...active].sort(byWorth).slice(0, Math.max(0, active.length - wanted))) {
    // Those that go because the Job has failed are counted.
    if (!isOver) await untrack(cluster, pod)
    const current = cluster.find(POD, pod.entry.namespace, pod.entry.name)
    if (current !== undefined) await cluster.remove(current)
  }
  const replacesFailed = stringAt(job, 'spec', 'podReplacementPolicy') === 'Failed'
  const missing = wanted - active.length - (replacesFailed ? tally.terminating : 0)
  if (missing <= 0) return undefined
  const wait = backoffIn(tally, cluster.now())
  if (wait > 0) return wait
  const indexes = freeIndexes(job, tally)
  for (let count = 0; count < missing; count++)
    if ((await cluster.create(newJobPod(job, indexes?.[count]))) !== 'made') return undefined
  return undefined
}

/** How many pods should run at the same time. */
function wantedBy(job: JsonObject, tally: Tally): number {
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 1
  const completions = numberAt(job, 'spec', 'completions')
  if (completions === undefined) return done(tally) > 0 ? tally.active.length : parallelism
  return Math.max(0, Math.min(completions - done(tally), parallelism))
}

/** Indexes that have neither succeeded nor a pod; undefined where pods have none. */
function freeIndexes(job: JsonObject, { active, completed }: Tally): number[] | undefined {
  if (completed === undefined) return undefined
  const running = new Set(active.map((pod) => indexOf(pod.object)))
  const all = Array.from({ length: numberAt(job, 'spec', 'completions') ?? 0 }, (_, index) => index)
  return all.filter((index) => !completed.has(index) && !running.has(index))
}

/** Seconds after the first failure in a row; each further one doubles them. */
const BACKOFF = { firstSeconds: 10, mostSeconds: 600 }

/** Milliseconds until a pod that failed may be replaced. */
function backoffIn({ pods }: Tally, now: number): number {
  const endOf = ({ object }: Item): number => {
    const ends = listAt(object, 'status', 'containerStatuses')
      .filter(isObject)
      .map((one) => timeOf(stringAt(one, 'state', 'terminated', 'finishedAt')))
    return Math.max(...ends, timeOf(metadataText(object, 'creationTimestamp')))
  }
  const lastSuccess = Math.max(0, ...pods.filter((pod) => phaseOf(pod) === 'Succeeded').map(endOf))
  const failures = pods
    .filter((pod) => phaseOf(pod) === 'Failed')
    .map(endOf)
    .filter((at) => at > lastSuccess)
  if (failures.length === 0) return 0
  const seconds = Math.min(BACKOFF.firstSeconds * 2 ** Math.min(failures.length - 1, 10), BACKOFF.mostSeconds)
  return Math.max(...failures) + seconds * 1000 - now
}

async function untrack(cluster: Cluster, { entry }: Item): Promise<void> {
  const pod = cluster.find(POD, entry.namespace, entry.name)
  if (pod === undefined || !isTracked(pod)) return
  const finalizers = metadataList(pod.object, 'finalizers').filter((name) => name !== TRACKING)
  await cluster.update(pod, withMetadata(pod.object, { finalizers }))
}

function statusOf(cluster: Cluster, job: JsonObject, tally: Tally, failure: Verdict | undefined): JsonObject {
  const { conditions, startTime, completionTime } = jobConditions(job, tally, failure, cluster.now())
  const { uncounted } = tally
  const number = (name: string, value: number) => (value === 0 ? {} : { [name]: value })
  const uids = (name: string, list: readonly string[]) => (list.length === 0 ? {} : { [name]: [...list] })
  return {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    ...number('active', tally.active.length),
    ...number('succeeded', tally.succeeded),
    ...number('failed', tally.failed),
    terminating: tally.terminating,
    ...(tally.completed === undefined || tally.completed.size === 0
      ? {}
      : { completedIndexes: indexText(tally.completed) }),
    uncountedTerminatedPods: {
      ...uids('succeeded', uncounted.succeeded),
      ...uids('failed', uncounted.failed),
    },
    ready: tally.active.filter(isReady).length,
  }
}

/** Milliseconds until `activeDeadlineSeconds` are over. */
function deadlineIn(job: JsonObject, status: JsonObject, now: number): number | undefined {
  const seconds = numberAt(job, 'spec', 'activeDeadlineSeconds')
  const startTime = stringAt(status, 'startTime')
  if (seconds === undefined || startTime === '' || finished({ ...job, status })) return undefined
  return Math.max(0, timeOf(startTime) + seconds * 1000 - now)
}

/** Deletes a Job that has been finished for `ttlSecondsAfterFinished`. */
async function expire(cluster: Cluster, item: Item): Promise<number | undefined> {
  const job = item.object
  const seconds = numberAt(job, 'spec', 'ttlSecondsAfterFinished')
  if (seconds === undefined || isDeleting(job)) return undefined
  const at = finished(job)
  const left = timeOf(at ?? '') + seconds * 1000 - cluster.now()
  if (left > 0) return left
  await cluster.remove(item, { propagationPolicy: 'Foreground' })
  return undefined
}
