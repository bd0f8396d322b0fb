/**
 * Nodes.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { column, wide } from './columns.ts'
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

const rolesText = (object: JsonObject): string => {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(objectAt(object, 'metadata', 'labels')).filter((key) => key.startsWith(prefix))
  return roles.length === 0
    ? '<none>'
    : roles
        .map((key) => key.slice(prefix.length))
        .sort()
        .join(',')
}

const readyText = (object: JsonObject): string => {
  const ready = listAt(object, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Ready')
  const state = ready === undefined ? 'Unknown' : stringAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'
  return objectAt(object, 'spec').unschedulable === true ? `${state},SchedulingDisabled` : state
}

const addressText =
  (type: string) =>
  (object: JsonObject): string => {
    const found = listAt(object, 'status', 'addresses')
      .filter(isObject)
      .find((one) => one.type === type)
    return found ? stringAt(found, 'address') : '<none>'
  }

const info =
  (name: string) =>
  (object: JsonObject): string =>
    stringAt(object, 'status', 'nodeInfo', name) || '<unknown>'

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
  selectableFields: {
    'spec.unschedulable': (object) => String(objectAt(object, 'spec').unschedulable === true),
  },
  columns: [
    column('Status', 'string', readyText, { description: 'The status of the node' }),
    column('Roles', 'string', rolesText, { description: 'The roles of the node' }),
    wide(column('Internal-IP', 'string', addressText('InternalIP'))),
    wide(column('External-IP', 'string', addressText('ExternalIP'))),
    wide(column('OS-Image', 'string', info('osImage'))),
    wide(column('Kernel-Version', 'string', info('kernelVersion'))),
    wide(column('Container-Runtime', 'string', info('containerRuntimeVersion'))),
    column('Version', 'string', (object) => stringAt(object, 'status', 'nodeInfo', 'kubeletVersion'), {
      description: 'Kubelet Version reported by the node.',
    }),
  ],
})
