/**
 * Which objects belong to a controller: what it controls and its selector matches. It lets go of what no longer matches, and
 * takes over what nobody controls (as ControllerRefManager does).
 */
import { isDeleting } from '../controller.ts'
import { labelsOf, metadataList, metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isObject, objectAt } from '../schema/equal.ts'
import { selectorMatches } from '../selector/object.ts'
import { type Cluster, controllerReference, type Item, type Kind } from './cluster.ts'

/** The objects of a kind that belong to the owner, by its `spec.selector`. */
export async function claimed(cluster: Cluster, owner: JsonObject, kind: Kind): Promise<Item[]> {
  const controlled = cluster.controlled(owner, kind)
  if (isDeleting(owner)) return controlled
  const selector = objectAt(owner, 'spec', 'selector')
  const matches = ({ object }: Item): boolean => selectorMatches(selector, labelsOf(object))
  const lost = controlled.filter((item) => !isDeleting(item.object) && !matches(item))
  for (const item of lost) await release(cluster, owner, item)
  const found = cluster
    .strays(kind, metadataText(owner, 'namespace'))
    .filter((item) => !isDeleting(item.object) && matches(item))
  for (const item of found) await adopt(cluster, owner, item)
  return lost.length + found.length === 0 ? controlled : cluster.controlled(owner, kind)
}

const adopt = (cluster: Cluster, owner: JsonObject, item: Item): Promise<Item> =>
  setOwners(cluster, item, [...metadataList(item.object, 'ownerReferences'), controllerReference(owner)])

const release = (cluster: Cluster, owner: JsonObject, item: Item): Promise<Item> =>
  setOwners(
    cluster,
    item,
    metadataList(item.object, 'ownerReferences').filter(
      (one) => !isObject(one) || one.uid !== metadataText(owner, 'uid'),
    ),
  )

const setOwners = (cluster: Cluster, item: Item, ownerReferences: JsonObject['x'][]): Promise<Item> =>
  cluster.update(item, withMetadata(item.object, { ownerReferences }))
