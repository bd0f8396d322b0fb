/**
 * Nodes.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { always, choice, field, keyed, listOf, needed, struct } from './dsl.ts'
import { nodeProxy } from './proxy.ts'
import { defineKind } from './kind.ts'
import { taintEffect } from './podspec.ts'
import { workloadConditions } from './reference.ts'

/** From where a kubelet took its settings; it takes them from there no more. */
const configSource = struct('NodeConfigSource', {
  configMap: struct('ConfigMapNodeConfigSource', {
    namespace: 'string!',
    name: 'string!',
    uid: 'string',
    resourceVersion: 'string',
    kubeletConfigKey: 'string!',
  }),
})

const nodeStatus = struct('NodeStatus', {
  capacity: 'quantity{}',
  allocatable: 'quantity{}',
  phase: choice('string', 'Pending', 'Running', 'Terminated'),
  conditions: workloadConditions('NodeCondition', 'lastHeartbeatTime', 'lastTransitionTime'),
  addresses: keyed(struct('NodeAddress', { type: 'string!', address: 'string!' }), ['type']),
  daemonEndpoints: always(
    struct('NodeDaemonEndpoints', { kubeletEndpoint: always(struct('DaemonEndpoint', { Port: 'int32!' })) }),
  ),
  nodeInfo: always(
    struct('NodeSystemInfo', {
      machineID: 'string!',
      systemUUID: 'string!',
      bootID: 'string!',
      kernelVersion: 'string!',
      osImage: 'string!',
      containerRuntimeVersion: 'string!',
      kubeletVersion: 'string!',
      kubeProxyVersion: 'string!',
      operatingSystem: 'string!',
      architecture: 'string!',
      swap: struct('NodeSwapStatus', { capacity: 'int64?' }),
    }),
  ),
  images: listOf(struct('ContainerImage', { names: 'string[]', sizeBytes: 'int64' })),
  volumesInUse: 'string[]',
  volumesAttached: listOf(struct('AttachedVolume', { name: 'string!', devicePath: 'string!' })),
  config: struct('NodeConfigStatus', {
    assigned: configSource,
    active: configSource,
    lastKnownGood: configSource,
    error: 'string',
  }),
  runtimeHandlers: listOf(
    struct('NodeRuntimeHandler', {
      name: needed('string!', false),
      features: struct('NodeRuntimeHandlerFeatures', {
        recursiveReadOnlyMounts: 'bool?',
        userNamespaces: 'bool?',
      }),
    }),
  ),
  features: struct('NodeFeatures', { supplementalGroupsPolicy: 'bool?' }),
  declaredFeatures: 'string[]',
})

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

/** Nothing is scheduled on a new node before it says that it is ready (admission plugin TaintNodesByCondition). */
const taintAsNotReady = (spec: JsonObject): void => {
  const taints = listAt(spec, 'taints')
  const has = taints.some(
    (one) => stringAt(one, 'key') === notReady.key && stringAt(one, 'effect') === notReady.effect,
  )
  if (!has) spec.taints = [...taints, { ...notReady }]
}

/** core/v1 Node. */
export const nodeType: ResourceType = defineKind({
  kind: 'Node',
  subresources: [nodeProxy],
  namespaced: false,
  shortNames: ['no'],
  hasStatus: true,
  fields: {
    spec: always(
      struct('NodeSpec', {
        podCIDR: 'string',
        podCIDRs: {
          ...listOf('string'),
          'x-kubernetes-list-type': 'set',
          'x-kubernetes-patch-strategy': 'merge',
        },
        providerID: 'string',
        unschedulable: 'bool',
        taints: listOf(
          struct('Taint', {
            key: 'string!',
            value: 'string',
            effect: { ...taintEffect, ...field('string!') },
            timeAdded: 'time?',
          }),
        ),
        configSource,
        externalID: 'string',
      }),
    ),
    status: always(nodeStatus),
  },
  prepare: (object, before) => {
    const spec = objectAt(object, 'spec')
    const [first] = listAt(spec, 'podCIDRs')
    if (spec.podCIDR !== undefined && spec.podCIDR !== first) spec.podCIDRs = [spec.podCIDR]
    else if (spec.podCIDR === undefined && first !== undefined) spec.podCIDR = first
    if (!before) taintAsNotReady(spec)
  },
  selectableFields: {
    'spec.unschedulable': (object) => String(objectAt(object, 'spec').unschedulable === true),
  },
})
