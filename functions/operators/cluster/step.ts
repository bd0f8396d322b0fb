/**
 * What a Cluster's StatefulSet is to be next: the StatefulSet as it was read, what is wanted of it and what is known of it in; the
 * next step of a creation, a scaling or an upgrade out. Pure: nothing is read or written here.
 */
import type { Served, StatefulSet } from '../../../lib/index.ts'

/**
 * `Creating`: until all pods are ready for the first time since there were none. `Waiting`: the newest state has not been seen
 * yet. `Degraded`: pods fail, and an upgrade that is under way stands still.
 */
export const PHASES = ['Creating', 'Scaling', 'Upgrading', 'Degraded', 'Waiting', 'Ready'] as const
export type Phase = (typeof PHASES)[number]

/** The container that runs the image. */
export const CONTAINER = 'member'
/** On the pod template: {@link Setting.rollout}. */
export const ROLLOUT = 'apps.fairlead.dev/rollout'
/** On the StatefulSet: the partition as it was set here, so that one which a person has lowered is put back. */
export const PARTITION = 'apps.fairlead.dev/partition'

export type Live = Served<StatefulSet>

export interface Wanted {
  readonly image: string
  readonly replicas: number
}

/** What the StatefulSet is told. Pods below the partition are held: they keep the version that they run. */
export interface Setting extends Wanted {
  readonly partition: number
  /**
   * Part of the pod template, and new for an image that comes in the middle of an upgrade. The status counts pods of a revision,
   * it does not name them: going back, pods that had never left the old image would pass for updated ones.
   */
  readonly rollout: string | undefined
}

/** A state of the StatefulSet, so far as somebody wished it. */
export interface Version {
  readonly uid: string
  readonly generation?: number
}

/** What the Cluster's status remembers. `statefulSet` is the newest that was seen or written. */
export interface Known {
  readonly phase?: Phase | undefined
  readonly statefulSet?: Required<Version> | undefined
}

export type Step =
  /** What was read is too old to be judged: look again then, if no change of the StatefulSet comes before. */
  | { readonly type: 'wait'; readonly message: string; readonly afterSeconds: number }
  | {
      readonly type: 'set'
      readonly setting: Setting
      readonly phase: Phase
      readonly message: string
      /** What is new about the pods. */
      readonly counts: { replicas?: number; readyReplicas?: number; updatedReplicas?: number }
    }

const isHeld = ({ partition, replicas }: Setting): boolean => partition >= replicas

/**
 * The next step. Pods are let go one at a time (the partition goes down by one), and only where the newest generation known was
 * seen with all pods ready and those let go before updated. Every other step holds pods or leaves them as they are.
 */
export function nextStep(live: Live | undefined, wanted: Wanted, known: Known): Step {
  if (live === undefined) return creation(wanted, known)
  const { uid, generation = 0, deletionTimestamp } = live.metadata
  const seen = known.statefulSet?.uid === uid ? known.statefulSet : undefined
  if (deletionTimestamp !== undefined) return wait('is being deleted')
  if (seen !== undefined && generation < seen.generation)
    return wait(`has not been read in generation ${seen.generation}`, 1)
  const now = settingOf(live)
  const isNewImage = now.image !== wanted.image
  const isScaled = now.replicas !== wanted.replicas
  // What held pods come back with is the revision that the controller saw first: until then nothing holds them.
  if (isNewImage && known.phase !== 'Creating' && live.status?.currentRevision === undefined)
    return wait('has not been observed')
  if (seen === undefined || isNewImage || isScaled || partitionOf(live) < now.partition)
    return change(now, wanted, { live, before: seen && known.phase })
  if (live.status === undefined || live.status.observedGeneration !== generation)
    return wait(`has not been observed in generation ${generation}`)
  return judge(live.status, now, known.phase)
}

const wait = (why: string, afterSeconds = 10): Step => ({
  type: 'wait',
  message: `the StatefulSet ${why}`,
  afterSeconds,
})
const textOf = ({ image, replicas }: Wanted): string => `${replicas} pods of ${image}`

/** The later of two states; of two StatefulSets the first. */
export const later = <V extends Version>(one: V, other: V | undefined): V =>
  other?.uid === one.uid && (other.generation ?? 0) >= (one.generation ?? 0) ? other : one

/** A name that no roll-out had before this state. */
const rolloutAt = ({ uid, generation }: Version): string => `${uid}.${generation}`

/** Pods of a StatefulSet that is gone may be there still, in the middle of an upgrade: none of them passes for updated then. */
function creation({ image, replicas }: Wanted, { phase, statefulSet: gone }: Known): Step {
  return {
    type: 'set',
    setting: {
      image,
      replicas,
      partition: replicas,
      rollout: gone && phase !== 'Ready' ? rolloutAt(gone) : undefined,
    },
    phase: gone ? 'Degraded' : 'Creating',
    message: gone ? 'the StatefulSet was deleted, and is made again' : textOf({ image, replicas }),
    counts: {},
  }
}

/**
 * What needs no judgement. A StatefulSet of which nothing is known (`before` is undefined) is held, and so is a new image, however
 * far an upgrade had come. A partition that a person has lowered is put back. Scaling does not wait for upgrades, as it may be
 * what a cluster in trouble needs. The upgrade waits, and stands where it stood: the partition is an ordinal, and pods that are
 * added above it are new.
 */
function change(
  now: Setting,
  wanted: Wanted,
  { live, before }: { live: Live; before?: Phase | undefined },
): Step {
  const { image, replicas } = wanted
  const isNewImage = now.image !== image
  const isScaled = now.replicas !== replicas
  const isEmpty = live.status?.observedGeneration === live.metadata.generation && live.status?.replicas === 0
  const isCreating = before === 'Creating' || (before !== undefined && isEmpty)
  const stand = isHeld(now) ? replicas : Math.min(now.partition, replicas)
  // Where pods are only being created there is nothing to keep, and the image may be the reason why they do not come up.
  const partition = isNewImage && isCreating ? 0 : isNewImage || !before ? replicas : stand
  return {
    type: 'set',
    setting: {
      image,
      replicas,
      partition,
      rollout: isNewImage && hasLetGo(live) ? rolloutAt(live.metadata) : now.rollout,
    },
    phase: !before ? 'Waiting' : isCreating ? 'Creating' : isScaled ? 'Scaling' : 'Upgrading',
    message:
      isNewImage || isScaled ? `${textOf(now)} become ${textOf(wanted)}` : `${partition} pods are held`,
    counts: isNewImage ? { updatedReplicas: 0 } : {},
  }
}

/** The step by a status of the newest generation, where image and replicas are as wanted. */
function judge(status: NonNullable<Live['status']>, now: Setting, before: Phase | undefined): Step {
  const { replicas, readyReplicas = 0, updatedReplicas = 0 } = status
  const paused = (phase: Phase) =>
    phase === 'Degraded' && updatedReplicas < replicas ? ': the upgrade is paused' : ''
  const step = (phase: Phase, partition = now.partition): Step => ({
    type: 'set',
    setting: { ...now, partition },
    phase,
    message: `${readyReplicas} of ${now.replicas} pods are ready, ${updatedReplicas} run ${now.image}${paused(phase)}`,
    counts: { replicas, readyReplicas, updatedReplicas },
  })
  if (replicas !== now.replicas || readyReplicas !== now.replicas) {
    if (before === 'Creating' || before === 'Scaling') return step(before)
    const inFlight = isHeld(now) ? 0 : 1
    return step(now.replicas - readyReplicas > inFlight ? 'Degraded' : 'Upgrading')
  }
  if (updatedReplicas >= now.replicas)
    return isHeld(now) ? step('Ready') : step(before === 'Creating' ? before : 'Upgrading', now.replicas)
  const isDone = updatedReplicas >= now.replicas - now.partition
  return step('Upgrading', isDone ? now.partition - 1 : now.partition)
}

/** The partition that the StatefulSet has, whoever set it. */
export const partitionOf = ({ spec }: Live): number => spec?.updateStrategy?.rollingUpdate?.partition ?? 0

/** The partition that was set here; `replicas` where that cannot be told. */
function partitionSet({ metadata, spec }: Live): number {
  const set = Number.parseInt(metadata.annotations?.[PARTITION] ?? '', 10)
  return Number.isNaN(set) ? (spec?.replicas ?? 1) : set
}

/** Some pods may run what the template says now. */
const hasLetGo = (live: Live): boolean =>
  Math.min(partitionSet(live), partitionOf(live)) < (live.spec?.replicas ?? 1)

/** What the StatefulSet has been told. A partition that a person has changed counts as the higher of the two. */
function settingOf(live: Live): Setting {
  const { replicas = 1, template } = live.spec ?? {}
  return {
    image: template?.spec?.containers.find(({ name }) => name === CONTAINER)?.image ?? '',
    replicas,
    partition: Math.min(Math.max(partitionSet(live), partitionOf(live)), replicas),
    rollout: template?.metadata?.annotations?.[ROLLOUT],
  }
}
