/** Storage without disks: each PersistentVolumeClaim is bound to a PersistentVolume of its own, which goes with it. */
import { isDeleting } from '../controller.ts'
import { metadataList, metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cluster, type Item, type Kind, withStatus } from './cluster.ts'
import { hasEnded, POD } from './pod.ts'

export const CLAIM: Kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
export const VOLUME: Kind = { apiVersion: 'v1', kind: 'PersistentVolume' }

const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection'
const VOLUME_PROTECTION = 'kubernetes.io/pv-protection'

/** Binds a claim, and lets one that is deleted go once no pod uses it. */
export async function reconcileClaim(cluster: Cluster, item: Item): Promise<undefined> {
  const claim = item.object
  if (isDeleting(claim)) {
    if (!isUsed(cluster, claim)) await dropFinalizer(cluster, item, CLAIM_PROTECTION)
    return
  }
  if (stringAt(claim, 'status', 'phase') === 'Bound') return
  const volumeName = stringAt(claim, 'spec', 'volumeName') || `pvc-${metadataText(claim, 'uid')}`
  await cluster.create(volumeFor(claim, volumeName))
  const spec = { ...objectAt(claim, 'spec'), volumeName }
  const bound = isEqual(spec, claim.spec) ? item : await cluster.update(item, { ...claim, spec })
  const status = {
    phase: 'Bound',
    accessModes: listAt(claim, 'spec', 'accessModes'),
    capacity: objectAt(claim, 'spec', 'resources', 'requests'),
  }
  await cluster.update(bound, withStatus(bound.object, status), 'status')
}

const volumeFor = (claim: JsonObject, name: string): JsonObject => ({
  ...VOLUME,
  metadata: { name },
  spec: {
    capacity: objectAt(claim, 'spec', 'resources', 'requests'),
    hostPath: { path: `/simulated/${name}`, type: '' },
    accessModes: listAt(claim, 'spec', 'accessModes'),
    claimRef: {
      kind: 'PersistentVolumeClaim',
      namespace: metadataText(claim, 'namespace'),
      name: metadataText(claim, 'name'),
      uid: metadataText(claim, 'uid'),
      apiVersion: 'v1',
    },
    persistentVolumeReclaimPolicy: 'Delete',
    ...(stringAt(claim, 'spec', 'storageClassName') === ''
      ? {}
      : { storageClassName: stringAt(claim, 'spec', 'storageClassName') }),
    volumeMode: stringAt(claim, 'spec', 'volumeMode') || 'Filesystem',
  },
})

function isUsed(cluster: Cluster, claim: JsonObject): boolean {
  const [namespace, name] = [metadataText(claim, 'namespace'), metadataText(claim, 'name')]
  return cluster
    .list(POD, namespace)
    .some(
      ({ object }) =>
        !hasEnded(object) &&
        listAt(object, 'spec', 'volumes').some(
          (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') === name,
        ),
    )
}

/** Says that a volume is bound, and deletes one whose claim is gone. */
export async function reconcileVolume(cluster: Cluster, item: Item): Promise<undefined> {
  const volume = item.object
  if (isDeleting(volume)) return void (await dropFinalizer(cluster, item, VOLUME_PROTECTION))
  const { namespace, name, uid } = objectAt(volume, 'spec', 'claimRef')
  if (uid === undefined) return
  const claim = cluster.find(CLAIM, String(namespace), String(name))
  const isBound = claim !== undefined && metadataText(claim.object, 'uid') === uid
  if (!isBound && stringAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete')
    await cluster.remove(item)
  else if (isBound && stringAt(volume, 'status', 'phase') !== 'Bound')
    await cluster.update(item, withStatus(volume, { phase: 'Bound' }), 'status')
}

async function dropFinalizer(cluster: Cluster, item: Item, finalizer: string): Promise<void> {
  const finalizers = metadataList(item.object, 'finalizers')
  if (!finalizers.includes(finalizer)) return
  await cluster.update(
    item,
    withMetadata(item.object, { finalizers: finalizers.filter((one) => one !== finalizer) }),
  )
}

/** The claims that the volumes of a pod name: what to look at when it ends. */
export const claimsOf = (pod: JsonObject): string[] =>
  listAt(pod, 'spec', 'volumes')
    .filter(isObject)
    .map((volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName'))
    .filter((name) => name !== '')
