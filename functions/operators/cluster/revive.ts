/**
 * Repairs what an abandoned upgrade has left broken. Nobody else does: StatefulSets wait for a pod that never becomes ready,
 * although its template has been put right (Kubernetes, StatefulSets: "Forced rollback"), and the next upgrade waits with them.
 */
import { type Kube, Pod } from '../../../lib/index.ts'
import { type Live, partitionOf, type Setting } from './step.ts'

/** On pods: the Cluster that they belong to. */
export const MEMBER = 'apps.fairlead.dev/cluster'

/**
 * Deletes the pods that are not ready and of another version than their place below or above the partition gives them: they
 * come back with the right one. Nothing where the StatefulSet's controller has yet to see `setting`.
 */
export async function revive(live: Live, setting: Setting, api: Kube): Promise<void> {
  const { metadata, spec, status } = live
  const { observedGeneration, currentRevision, updateRevision, readyReplicas } = status ?? {}
  const isSeen = observedGeneration === metadata.generation && partitionOf(live) === setting.partition
  if (!isSeen || readyReplicas === spec?.replicas) return
  const { namespace, name } = metadata
  const { items } = await api.list(Pod, { namespace, labelSelector: `${MEMBER}=${name}` })
  for (const pod of items) {
    const { uid, resourceVersion, labels, deletionTimestamp } = pod.metadata
    const isReady = pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')
    const isBelow = Number(pod.metadata.name.slice(name.length + 1)) < setting.partition
    const isRight = labels?.['controller-revision-hash'] === (isBelow ? currentRevision : updateRevision)
    if (!isReady && !isRight && deletionTimestamp === undefined)
      await api.delete(Pod, pod.metadata, { uid, resourceVersion })
  }
}
