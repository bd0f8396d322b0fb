/** Kinds: what the rest of the house knows of one. `defineKind` makes custom ones, `lib/kind/builtin.ts` has the built-in. */
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

/** The type of a kind's objects as the server returns them: defaults are filled. */
export type ObjectOf<K extends Resource<unknown>> = K extends Resource<infer T> ? T : never
