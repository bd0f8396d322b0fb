/**
 * Nodes.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { always, atomic, keyed, listOf, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { workloadConditions } from './reference.ts'

const nodeStatus = struct('NodeStatus', {
  capacity: 'quantity{}',
  allocatable: 'quantity{}',
  phase: 'string',
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
  config: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-go-omit': 'null' },
  runtimeHandlers: listOf(
    struct('NodeRuntimeHandler', {
      name: 'string!',
      features: struct('NodeRuntimeHandlerFeatures', {
        recursiveReadOnlyMounts: 'bool?',
        userNamespaces: 'bool?',
      }),
    }),
  ),
  features: struct('NodeFeatures', { supplementalGroupsPolicy: 'bool?' }),
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
          struct('Taint', { key: 'string!', value: 'string', effect: 'string!', timeAdded: 'time?' }),
        ),
        configSource: atomic({
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          'x-go-omit': 'null',
        }),
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
