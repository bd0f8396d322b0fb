/** Children that are wanted no more: found by one list per owned kind, and deleted. */
import type { KubeObject, Resource } from '../kube.ts'
import { type Child, childId, OWNER } from './child.ts'
import { placeOf } from './mark.ts'
import type { Owner } from './owner.ts'

export interface Unwanted {
  readonly resource: Resource<KubeObject>
  readonly object: KubeObject
}

/** Owned objects outside the set. Those already being deleted need nothing. */
export async function listUnwanted(children: readonly Child[], owner: Owner): Promise<Unwanted[]> {
  const wanted = new Set(children.map((child) => childId(child.resource, child.key)))
  const { uid, namespace } = owner.object.metadata
  const unwanted: Unwanted[] = []
  for (const resource of owner.controller.owns) {
    const scope = resource.namespaced ? { namespace } : {}
    const page = await owner.api.list(resource, {
      ...scope,
      labelSelector: `${OWNER}=${uid}`,
      as: 'metadata',
    })
    for (const object of page.items)
      if (isUnwanted(object, uid) && !wanted.has(childId(resource, object.metadata)))
        unwanted.push({ resource, object })
  }
  return unwanted
}

const isUnwanted = ({ metadata }: KubeObject, owner: string): boolean =>
  metadata.deletionTimestamp === undefined &&
  (metadata.ownerReferences?.some(({ uid, controller }) => uid === owner && controller) ?? false)

/** The uid makes sure that a namesake made meanwhile is not hit. */
export async function prune({ resource, object }: Unwanted, owner: Owner): Promise<void> {
  const key = placeOf(resource, object)
  await owner.api.delete(resource, key, { uid: object.metadata.uid, propagation: 'Background' })
  owner.did({ action: 'pruned', kind: resource.kind, key })
}
