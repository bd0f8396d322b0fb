/**
 * The status of pods, which the kubelet writes.
 */

import type { Schema } from '../resource.ts'
import {
  always,
  alwaysListOf,
  choice,
  keyed,
  listOf,
  needed,
  strategy,
  struct,
  withoutDefault,
} from './dsl.ts'
import { resources, stopSignal } from './container.ts'

const state = struct('ContainerState', {
  waiting: struct('ContainerStateWaiting', { reason: 'string', message: 'string' }),
  running: struct('ContainerStateRunning', { startedAt: needed('time!', false) }),
  terminated: struct('ContainerStateTerminated', {
    exitCode: 'int32!',
    signal: 'int32',
    reason: 'string',
    message: 'string',
    startedAt: needed('time!', false),
    finishedAt: needed('time!', false),
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
      volumeStatus: struct('VolumeStatus', {
        image: struct('ImageVolumeStatus', { imageRef: withoutDefault('string!') }),
      }),
    }),
    ['mountPath'],
  ),
  user: struct('ContainerUser', {
    linux: struct('LinuxContainerUser', { uid: 'int64!', gid: 'int64!', supplementalGroups: 'int64[]' }),
  }),
  allocatedResourcesStatus: keyed(
    struct('ResourceStatus', {
      name: 'string!',
      resources: keyed(
        struct('ResourceHealth', { resourceID: 'string!', health: 'string', message: 'string?' }),
        ['resourceID'],
        null,
      ),
    }),
    ['name'],
  ),
  stopSignal,
})

const condition = struct('PodCondition', {
  type: 'string!',
  observedGeneration: 'int64',
  status: 'string!',
  lastProbeTime: needed('time!', false),
  lastTransitionTime: needed('time!', false),
  reason: 'string',
  message: 'string',
})

/** `status` of a Pod. */
export const podStatus: Schema = struct('PodStatus', {
  observedGeneration: 'int64',
  phase: choice('string', 'Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'),
  conditions: keyed(condition, ['type']),
  message: 'string',
  reason: 'string',
  nominatedNodeName: 'string',
  hostIP: 'string',
  hostIPs: {
    ...listOf(struct('HostIP', { ip: 'string!' })),
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': 'ip',
  },
  podIP: 'string',
  podIPs: keyed(struct('PodIP', { ip: 'string!' }), ['ip']),
  startTime: 'time?',
  initContainerStatuses: listOf(containerStatus),
  containerStatuses: listOf(containerStatus),
  qosClass: choice('string', 'BestEffort', 'Burstable', 'Guaranteed'),
  ephemeralContainerStatuses: listOf(containerStatus),
  resize: 'string',
  resourceClaimStatuses: strategy(
    'merge,retainKeys',
    keyed(struct('PodResourceClaimStatus', { name: 'string!', resourceClaimName: 'string?' }), ['name']),
  ),
  extendedResourceClaimStatus: struct('PodExtendedResourceClaimStatus', {
    requestMappings: alwaysListOf(
      struct('ContainerExtendedResourceRequest', {
        containerName: 'string!',
        resourceName: 'string!',
        requestName: 'string!',
      }),
    ),
    resourceClaimName: 'string!',
  }),
  nodeAllocatableResourceClaimStatuses: listOf(
    struct('NodeAllocatableResourceClaimStatus', {
      resourceClaimName: 'string!',
      containers: { ...listOf('string'), 'x-kubernetes-list-type': 'set' },
      resources: needed('quantity{}'),
    }),
  ),
  allocatedResources: 'quantity{}',
  resources,
})
