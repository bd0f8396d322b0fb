/**
 * Stock predicates: whether an update matters, told from what the relay keeps of an object. Creations, deletions and
 * recreations always matter and are never asked about.
 */
import type { Predicate } from '../operator.ts'

/** The desired state changed. Kinds without a generation (ConfigMap, Secret, ...) never pass. */
export const generationChanged: Predicate = (before, after) => before.generation !== after.generation

export const labelsChanged: Predicate = (before, after) => before.labels !== after.labels

export const annotationsChanged: Predicate = (before, after) => before.annotations !== after.annotations

/** Anything was written, a status too. */
export const resourceVersionChanged: Predicate = (before, after) =>
  before.resourceVersion !== after.resourceVersion

/** Deletion began: finalizers are waited for. */
export const deletionStarted: Predicate = (before, after) => !before.isDeleting && after.isDeleting

/** All of them. */
export const and =
  (...predicates: readonly Predicate[]): Predicate =>
  (before, after) =>
    predicates.every((matters) => matters(before, after))

/** Any of them. */
export const or =
  (...predicates: readonly Predicate[]): Predicate =>
  (before, after) =>
    predicates.some((matters) => matters(before, after))

export const not =
  (predicate: Predicate): Predicate =>
  (before, after) =>
    !predicate(before, after)

const desiredChanged = or(generationChanged, labelsChanged, annotationsChanged, deletionStarted)

/**
 * The default for primaries: generation, labels, annotations or the start of deletion. A kind without a generation tells
 * nothing of its desired state, so that any write matters (metacontroller #1177).
 */
export const primaryChanged: Predicate = (before, after) =>
  before.generation === undefined || after.generation === undefined
    ? resourceVersionChanged(before, after)
    : desiredChanged(before, after)
