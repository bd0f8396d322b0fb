/**
 * The status of pods, which the kubelet writes.
 */

import type { Schema } from '../resource.ts'
import { always, keyed, listOf, strategy, struct, written } from './dsl.ts'
import { resources } from './container.ts'

const state = struct('ContainerState', {
  waiting: struct('ContainerStateWaiting', { reason: 'string', message: 'string' }),
  running: struct('ContainerStateRunning', { startedAt: 'time!' }),
  terminated: struct('ContainerStateTerminated', {
    exitCode: 'int32!',
    signal: 'int32',
    reason: 'string',
    message: 'string',
    startedAt: 'time!',
    finishedAt: 'time!',
    containerID: 'string',
  }),
})

const containerStatus = struct('ContainerStatus', {
  name: 'string!',
  state: always(state),
  lastState: always(state),
  ready: 'bool!',
  restartCount: 'int32!',
  image: 'string!',
  imageID: 'string!',
  containerID: 'string',
  started: 'bool?',
  allocatedResources: 'quantity{}',
  resources,
  volumeMounts: keyed(
    struct('VolumeMountStatus', {
      name: 'string!',
      mountPath: 'string!',
      readOnly: 'bool',
      recursiveReadOnly: 'string?',
    }),
    ['mountPath'],
  ),
  user: struct('ContainerUser', {
    linux: struct('LinuxContainerUser', { uid: 'int64!', gid: 'int64!', supplementalGroups: 'int64[]' }),
  }),
  allocatedResourcesStatus: strategy(
    'merge',
    listOf(
      struct('ResourceStatus', {
        name: 'string!',
        resources: keyed(
          struct('ResourceHealth', { resourceID: 'string!', health: 'string', message: 'string?' }),
          ['resourceID'],
          null,
        ),
      }),
    ),
  ),
  stopSignal: 'string?',
})

const condition = struct('PodCondition', {
  type: 'string!',
  observedGeneration: 'int64',
  status: 'string!',
  lastProbeTime: 'time!',
  lastTransitionTime: 'time!',
  reason: 'string',
  message: 'string',
})

/** `status` of a Pod. */
export const podStatus: Schema = struct('PodStatus', {
  observedGeneration: 'int64',
  phase: 'string',
  conditions: keyed(condition, ['type']),
  message: 'string',
  reason: 'string',
  nominatedNodeName: 'string',
  hostIP: 'string',
  hostIPs: strategy('merge', listOf(struct('HostIP', { ip: 'string!' }))),
  podIP: 'string',
  podIPs: keyed(struct('PodIP', { ip: 'string!' }), ['ip']),
  startTime: 'time?',
  initContainerStatuses: listOf(containerStatus),
  containerStatuses: listOf(containerStatus),
  qosClass: 'string',
  ephemeralContainerStatuses: listOf(containerStatus),
  resize: 'string',
  resourceClaimStatuses: strategy(
    'merge,retainKeys',
    keyed(struct('PodResourceClaimStatus', { name: 'string!', resourceClaimName: 'string?' }), ['name']),
  ),
  extendedResourceClaimStatus: struct('PodExtendedResourceClaimStatus', {
    requestMappings: written(
      listOf(
        struct('ContainerExtendedResourceRequest', {
          containerName: 'string!',
          resourceName: 'string!',
          requestName: 'string!',
        }),
      ),
    ),
    resourceClaimName: 'string!',
  }),
  allocatedResources: 'quantity{}',
  resources,
})
