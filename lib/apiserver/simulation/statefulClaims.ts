/** The volumes of a StatefulSet's pods: a PersistentVolumeClaim for each template and ordinal, kept or dropped with the pod. */
import { isDeleting } from '../controller.ts'
import { metadataList, metadataText, withMetadata } from '../metadata.ts'
import type { Json, JsonObject } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cluster, controllerReference, type Item } from './cluster.ts'
import { CLAIM } from './volume.ts'

const templatesOf = (set: JsonObject): JsonObject[] =>
  listAt(set, 'spec', 'volumeClaimTemplates').filter(isObject)

const claimName = (set: JsonObject, template: JsonObject, ordinal: number): string =>
  `${metadataText(template, 'name')}-${metadataText(set, 'name')}-${ordinal}`

/** Makes the claims that are missing. */
export async function createClaims(cluster: Cluster, set: JsonObject, ordinal: number): Promise<void> {
  const namespace = metadataText(set, 'namespace')
  for (const template of templatesOf(set)) {
    const name = claimName(set, template, ordinal)
    if (cluster.find(CLAIM, namespace, name) !== undefined) continue
    const labels = {
      ...objectAt(template, 'metadata', 'labels'),
      ...objectAt(set, 'spec', 'selector', 'matchLabels'),
    }
    const metadata = { ...objectAt(template, 'metadata'), name, namespace, labels }
    await cluster.create({ ...CLAIM, metadata, spec: objectAt(template, 'spec') })
  }
}

/** The spec of a pod with its claims as volumes, in place of volumes of the same name. */
export function withClaims(set: JsonObject, spec: JsonObject, ordinal: number): JsonObject {
  const claims = templatesOf(set).map((template) => ({
    name: metadataText(template, 'name'),
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }))
  const others = listAt(spec, 'volumes').filter(
    (volume) => !claims.some(({ name }) => name === stringAt(volume, 'name')),
  )
  const volumes: Json[] = [...claims, ...others]
  return volumes.length === 0 ? spec : { ...spec, volumes }
}

/** Lets claims go with the set or with a pod that is too much, as `persistentVolumeClaimRetentionPolicy` says. */
export async function keepOrDropClaims(
  cluster: Cluster,
  set: JsonObject,
  pod: Item,
  ordinal: number,
  isWanted: boolean,
): Promise<void> {
  const policy = objectAt(set, 'spec', 'persistentVolumeClaimRetentionPolicy')
  const goesWithPod = policy.whenScaled === 'Delete' && !isWanted
  const goesWithSet = policy.whenDeleted === 'Delete' && !goesWithPod
  for (const template of templatesOf(set)) {
    const name = claimName(set, template, ordinal)
    const claim = cluster.find(CLAIM, metadataText(set, 'namespace'), name)
    if (claim === undefined || isDeleting(claim.object)) continue
    const owners = metadataList(claim.object, 'ownerReferences')
    const isOurs = (owner: Json) =>
      isObject(owner) && [set, pod.object].some((one) => owner.uid === metadataText(one, 'uid'))
    const ownerReferences = [
      ...owners.filter((owner) => !isOurs(owner)),
      ...(goesWithPod ? [controllerReference(pod.object)] : []),
      ...(goesWithSet ? [controllerReference(set)] : []),
    ]
    if (isEqual(ownerReferences, owners)) continue
    await cluster.update(claim, withMetadata(claim.object, { ownerReferences }))
  }
}
