/**
 * From a change to whom it concerns: the object's fingerprint before and after, and what each controller wants of its
 * source, in; keys to wake, each with a reason for people, out. Pure, except that it calls the authors' predicates.
 */
import { groupKindOf, type Key } from '../kube.ts'
import { keyText } from '../message.ts'
import type { Controller, Predicate } from '../operator.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Interest, Source } from './plan.ts'

/** What became of one object. Absent before: it was not known. Absent after: it is gone, or selected no more. */
export interface Transition {
  readonly key: Key
  readonly before: Fingerprint | undefined
  readonly after: Fingerprint | undefined
  /** Exactly one write, which was the apply of a child by this field manager. Never for what was read by a list. */
  readonly appliedBy: string | undefined
  /** Nothing happened: the object is told of because somebody has not been told yet. Why, for people. */
  readonly initial: string | undefined
  /** The same in every relay that sees this change; undefined where nothing tells it from another, or nothing happened. */
  readonly origin: string | undefined
  /** Who is to be told. */
  readonly interests: readonly Interest[]
}

/** One key to be looked at by one controller. `related`: not a primary, its map function decides. */
export interface Wake {
  readonly controller: Controller
  readonly key: Key
  readonly related?: string
  readonly cause: string
  readonly resourceVersion?: string
}

/** What deciding needs to know of the rest. */
export interface Judging {
  /** Whether the controller looks at this namespace at all (absent: a cluster-scoped object). */
  isSelected(controller: Controller, namespace: string | undefined): boolean
  /** Whether this primary has been seen and is still there. */
  isKnown(controller: Controller, key: Key): boolean
  /** Told of a predicate that threw; the change is then taken to matter. */
  failed(controller: Controller, key: Key, error: unknown): void
}

/** Whom a transition concerns, each key once per controller. An object that is as it was concerns nobody. */
export function decide(source: Source, transition: Transition, judging: Judging): Wake[] {
  const { before, after, interests } = transition
  if (before !== undefined && isSame(before, after)) return []
  const wakes = interests.flatMap((interest) => wakesOf(interest, source, transition, judging))
  const keyed = new Map(
    wakes.map((wake) => [`${wake.controller.name}|${wake.related ?? ''}|${keyText(wake.key)}`, wake]),
  )
  return [...keyed.values()]
}

const isSame = (before: Fingerprint, after: Fingerprint | undefined): boolean =>
  before.uid === after?.uid && before.resourceVersion === after.resourceVersion

function wakesOf(interest: Interest, source: Source, transition: Transition, judging: Judging): Wake[] {
  const { controller, type } = interest
  const { key, before, after } = transition
  if (type === 'namespaces') return []
  if (source.resource.namespaced && !judging.isSelected(controller, key.namespace)) return []
  if (type === 'owned') return ownerWakes(interest, source, transition, judging)
  const predicate = type === 'primary' ? controller.predicate : interest.watched.predicate
  if (
    before !== undefined &&
    after !== undefined &&
    !isMatter(predicate, { before, after, key, controller }, judging)
  )
    return []
  const cause = causeOf(transition, source)
  if (type === 'watched')
    return [
      { controller, key, related: groupKindOf(source.resource), cause: `${textOf(source, key)} ${cause}` },
    ]
  return [{ controller, key, cause, ...(after ? { resourceVersion: after.resourceVersion } : {}) }]
}

interface Update {
  readonly before: Fingerprint
  readonly after: Fingerprint
  readonly key: Key
  readonly controller: Controller
}

/** A namesake with another uid always matters, and so does the start of deletion: no predicate may hide a finalizer's call. */
function isMatter(
  predicate: Predicate,
  { before, after, key, controller }: Update,
  judging: Judging,
): boolean {
  if (before.uid !== after.uid || before.isDeleting !== after.isDeleting) return true
  try {
    return predicate(before, after)
  } catch (error) {
    judging.failed(controller, key, error)
    return true
  }
}

/**
 * The owners of before and after: one that lost a child has as much to do as one that got it. Not the one whose reconcile
 * has just applied it, which is the owner that controls it; whoever else owns it has not seen it yet. Nor one that is not
 * known: it is gone, or not selected, or its own source is about to tell of it.
 */
function ownerWakes(
  { controller }: Extract<Interest, { type: 'owned' }>,
  source: Source,
  transition: Transition,
  judging: Judging,
): Wake[] {
  const { before, after, key } = transition
  // The owner of a cluster-scoped object cannot be in a namespace; such a reference points nowhere.
  if (controller.kind.namespaced && key.namespace === undefined) return []
  const ownerKind = source.ownerKinds.get(groupKindOf(controller.kind))
  const isOwnApply = transition.appliedBy === controller.fieldManager
  const names = [...(before?.owners ?? []), ...(after?.owners ?? [])]
    .filter(({ kind, isController }) => kind === ownerKind && (isController || controller.owners === 'every'))
    .map(({ name }) => name)
  const applier = isOwnApply ? after?.owners.find((owner) => owner.isController)?.name : undefined
  const cause = `${textOf(source, key)} ${causeOf(transition, source)}`
  return [...new Set(names)]
    .filter((name) => name !== applier)
    .map((name) => (controller.kind.namespaced ? { namespace: key.namespace, name } : { name }))
    .filter((owner) => judging.isKnown(controller, owner))
    .map((owner) => ({ controller, key: owner, cause }))
}

const textOf = (source: Source, key: Key): string => `${source.resource.kind} ${key.name}`

/** What happened, for people. */
export function causeOf({ before, after, initial }: Transition, source: Source): string {
  if (after === undefined)
    return source.selector.labels || source.selector.fields ? 'gone from the selection' : 'deleted'
  if (before === undefined) return initial ?? 'created'
  if (before.uid !== after.uid) return 'recreated'
  if (!before.isDeleting && after.isDeleting) return 'deleting'
  if (before.generation !== after.generation) return `generation ${after.generation}`
  if (before.labels !== after.labels) return 'labels changed'
  return before.annotations !== after.annotations ? 'annotations changed' : 'changed'
}
