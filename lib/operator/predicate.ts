/**
 * Stock predicates: whether an update matters, told from what the relay keeps of an object. Creations, deletions and
 * recreations always matter and are never asked about.
 */
import { hashText } from '../hash.ts'
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
export const and = (...predicates: readonly Predicate[]): Predicate =>
  combined('and', predicates, (before, after) => predicates.every((matters) => matters(before, after)))

/** Any of them. */
export const or = (...predicates: readonly Predicate[]): Predicate =>
  combined('or', predicates, (before, after) => predicates.some((matters) => matters(before, after)))

export const not = (predicate: Predicate): Predicate =>
  combined('not', [predicate], (before, after) => !predicate(before, after))

/**
 * Tells predicates apart across restarts: a hash of name and source text. Two that differ only in the values that they close
 * over look the same; whoever changes such a value changes the controller's `revision`.
 */
export const definitionOf = (predicate: Predicate): string =>
  hashText(`${predicate.name}\n${predicate.toString()}`)

/** A combination is told from others by its name: its text is the same for all. */
function combined(name: string, parts: readonly Predicate[], predicate: Predicate): Predicate {
  return Object.defineProperty(predicate, 'name', { value: `${name}(${parts.map(definitionOf).join()})` })
}

const desiredChanged = or(generationChanged, labelsChanged, annotationsChanged, deletionStarted)

/**
 * The default for primaries: generation, labels, annotations or the start of deletion. A kind without a generation tells
 * nothing of its desired state, so that any write matters (metacontroller #1177).
 */
export const primaryChanged: Predicate = (before, after) =>
  before.generation === undefined || after.generation === undefined
    ? resourceVersionChanged(before, after)
    : desiredChanged(before, after)
