/** Whose children `apply` sees to, through what, and what it tells of it. */
import type { Key, Kube, KubeObject, Resource } from '../kube.ts'
import type { Controller } from '../operator.ts'

/** The part of a controller that its children know of. */
export type Owning = Pick<Controller, 'name' | 'owns' | 'fieldManager'> & {
  readonly kind: Resource<KubeObject>
}

/** What a pass did, for Events and reports: `created Deployment web`. */
export interface Deed {
  readonly action: 'created' | 'changed' | 'pruned'
  readonly kind: string
  readonly key: Key
}

export interface Owner {
  readonly object: KubeObject
  readonly controller: Owning
  readonly api: Kube
  /** No pass over the object was ever begun, so it has no children that could be unwanted. */
  readonly isNew: boolean
  /** Told of each thing done, in order. */
  did(deed: Deed): void
}
