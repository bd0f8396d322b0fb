/** Kinds: how an author declares one, and what the rest of the house knows of it. */
import type { KubeObject, Resource } from './kube.ts'

/** A kind that a controller can be for: a custom one made by `defineKind`, or a handle of a built-in one. */
export interface Kind<T extends KubeObject = KubeObject> extends Resource<T> {
  readonly singular: string
  readonly shortNames: readonly string[]
  /**
   * True for kinds made by `defineKind` that have a status subresource: the framework keeps `observedGeneration` and
   * conditions there. The status of a built-in kind belongs to somebody else.
   */
  readonly ownStatus: boolean
}
