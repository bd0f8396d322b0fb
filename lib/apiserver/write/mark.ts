/**
 * What a DELETE makes of an object before it goes: the time of its deletion, the finalizers that the propagation policy asks
 * for, and the grace of pods. Namespaces and CustomResourceDefinitions have a deletion of their own, which only begins here.
 * Nothing is stored.
 */
import type { DeleteOptions } from '../deleteOptions.ts'
import { metadataList, metadataOf, metadataText, withMetadata } from '../metadata.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt } from '../schema/equal.ts'
import { timeText } from '../time.ts'

/** What becomes of an object that is deleted. */
export interface Mark {
  /** The object as it is from now on: the very one that was given when nothing of it changes. */
  readonly object: JsonObject
  /** Nothing holds it any longer: it is to be removed once `object` is stored. */
  readonly isGoing: boolean
}

export const CRD_CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

export const isNamespace = (type: ResourceType): boolean => type.group === '' && type.kind === 'Namespace'
export const isCrd = (type: ResourceType): boolean =>
  type.group === 'apiextensions.k8s.io' && type.kind === 'CustomResourceDefinition'

const isMarked = (object: JsonObject): boolean => metadataText(object, 'deletionTimestamp') !== ''
/** `now` is in milliseconds. Changes nothing in its arguments. */
export function markOf(type: ResourceType, before: JsonObject, options: DeleteOptions, now: number): Mark {
  if (isNamespace(type) && !isMarked(before)) return staying(markedNamespace(before, options, now))
  if (isNamespace(type) && listAt(before, 'spec', 'finalizers').length > 0) return staying(before)
  if (isCrd(type) && !isMarked(before)) return staying(markedCrd(before, now))
  const grace = type.graceSeconds === undefined ? undefined : graceOf(type.graceSeconds, before, options, now)
  if (grace === 'pending') return staying(before)
  const finalizers = finalizersFor(type, before, options)
  if (grace !== undefined) {
    const isGoing = finalizers.length === 0 && grace.deletionGracePeriodSeconds === 0
    return { object: withMetadata(before, { ...grace, finalizers }), isGoing }
  }
  if (finalizers.length === 0) return { object: before, isGoing: true }
  return staying(withMetadata(before, { ...ungraceful(before, now), finalizers }))
}

const staying = (object: JsonObject): Mark => ({ object, isGoing: false })

/** Of kinds without grace, and of objects whose grace is over. */
function ungraceful(before: JsonObject, now: number): Record<string, Json | undefined> {
  const { deletionTimestamp } = metadataOf(before)
  const isDue = typeof deletionTimestamp === 'string' && Date.parse(deletionTimestamp) <= now
  return {
    deletionTimestamp: isDue ? deletionTimestamp : timeText(now),
    deletionGracePeriodSeconds: 0,
    generation: isMarked(before) ? metadataOf(before).generation : generationAfter(before),
  }
}

function generationAfter(before: JsonObject): Json | undefined {
  const { generation } = metadataOf(before)
  return typeof generation === 'number' ? generation + 1 : generation
}

type Grace = Record<string, Json | undefined> & { deletionGracePeriodSeconds: number }

/**
 * The grace of an object. Once it is given it can only get shorter; 'pending' when the request asks for nothing shorter,
 * undefined when it is over.
 */
function graceOf(
  graceSeconds: NonNullable<ResourceType['graceSeconds']>,
  object: JsonObject,
  options: DeleteOptions,
  now: number,
): Grace | 'pending' | undefined {
  const asked = options.gracePeriodSeconds === undefined ? undefined : atLeastOne(options.gracePeriodSeconds)
  if (!isMarked(object)) {
    const seconds = graceSeconds(object, asked)
    return {
      deletionTimestamp: timeText(now + seconds * 1000),
      deletionGracePeriodSeconds: seconds,
      generation: generationAfter(object),
    }
  }
  const given = numberAt(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0
  if (given === 0) return undefined
  if (asked === undefined || asked >= given) return 'pending'
  const end = Date.parse(metadataText(object, 'deletionTimestamp')) + (asked - given) * 1000
  if (end >= now) return { deletionTimestamp: timeText(end), deletionGracePeriodSeconds: asked }
  return { deletionTimestamp: timeText(now), deletionGracePeriodSeconds: Math.min(asked, 1) }
}

/** A negative grace means a second. */
const atLeastOne = (seconds: number): number => (seconds < 0 ? 1 : seconds)

/** The finalizers that the garbage collector will find; in the order that is there when they stay the same. */
function finalizersFor(type: ResourceType, object: JsonObject, options: DeleteOptions): string[] {
  const finalizers = metadataList(object, 'finalizers').map(String)
  const wanted = finalizers.filter((name) => name !== ORPHAN && name !== FOREGROUND)
  const policy = policyFor(type, finalizers, options)
  if (policy === 'Orphan') wanted.push(ORPHAN)
  if (policy === 'Foreground') wanted.push(FOREGROUND)
  const isSame = wanted.length === finalizers.length && wanted.every((name) => finalizers.includes(name))
  return isSame ? finalizers : wanted
}

/** The request decides, then the finalizers that are there already, then the kind. */
function policyFor(type: ResourceType, finalizers: readonly string[], options: DeleteOptions) {
  if (type.ignoresDependents) return undefined
  if (options.orphanDependents !== undefined) return options.orphanDependents ? 'Orphan' : undefined
  if (options.propagationPolicy !== undefined) return options.propagationPolicy
  const held = finalizers.find((name) => name === ORPHAN || name === FOREGROUND)
  if (held !== undefined) return held === ORPHAN ? 'Orphan' : 'Foreground'
  return type.orphansByDefault === undefined ? undefined : 'Orphan'
}

function markedNamespace(before: JsonObject, options: DeleteOptions, now: number): JsonObject {
  const { orphanDependents, propagationPolicy } = options
  const finalizers = new Set(metadataList(before, 'finalizers'))
  const hold = (name: string, isWanted: boolean) => {
    if (isWanted) finalizers.add(name)
    else finalizers.delete(name)
  }
  if (orphanDependents !== undefined || propagationPolicy !== undefined) {
    hold(ORPHAN, orphanDependents ?? propagationPolicy === 'Orphan')
    // Only here the opposite of orphaning is to wait.
    hold(FOREGROUND, orphanDependents === undefined ? propagationPolicy === 'Foreground' : !orphanDependents)
  }
  return {
    ...withMetadata(before, { deletionTimestamp: timeText(now), finalizers: [...finalizers] }),
    status: { ...objectAt(before, 'status'), phase: 'Terminating' },
  }
}

function markedCrd(before: JsonObject, now: number): JsonObject {
  const finalizers = new Set([...metadataList(before, 'finalizers'), CRD_CLEANUP])
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: timeText(now),
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }
  const others = listAt(before, 'status', 'conditions').filter(
    (one) => isObject(one) && one.type !== condition.type,
  )
  return {
    ...withMetadata(before, { deletionTimestamp: timeText(now), finalizers: [...finalizers] }),
    status: { ...objectAt(before, 'status'), conditions: [...others, condition] },
  }
}
