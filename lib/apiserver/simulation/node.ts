/** The node that simulated pods run on: one, always ready. */
import type { JsonObject } from '../resource.ts'
import { isObject, listAt, stringAt } from '../schema/equal.ts'
import type { Cluster, Kind } from './cluster.ts'

export const NODE: Kind = { apiVersion: 'v1', kind: 'Node' }

const NAME = 'simulated'
const ADDRESS = '10.244.0.1'

/** The address of a node, by which its pods have theirs. */
export const nodeAddress = (node: JsonObject | undefined): string =>
  listAt(node, 'status', 'addresses')
    .filter(isObject)
    .filter((one) => one.type === 'InternalIP')
    .map((one) => stringAt(one, 'address'))[0] ?? ADDRESS

/** Makes the node, unless there is one already. */
export async function createNode(cluster: Cluster): Promise<void> {
  if (cluster.list(NODE).length > 0) return
  const labels = {
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': NAME,
    'kubernetes.io/os': 'linux',
  }
  await cluster.create({ ...NODE, metadata: { name: NAME, labels }, spec: {} })
  const node = cluster.find(NODE, '', NAME)
  if (node !== undefined)
    await cluster.update(node, { ...node.object, status: statusAt(cluster.time()) }, 'status')
}

function statusAt(time: string): JsonObject {
  const capacity = { cpu: '64', 'ephemeral-storage': '1Ti', memory: '256Gi', pods: '100k' }
  return {
    capacity,
    allocatable: capacity,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        lastHeartbeatTime: time,
        lastTransitionTime: time,
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
      },
    ],
    addresses: [
      { type: 'InternalIP', address: ADDRESS },
      { type: 'Hostname', address: NAME },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: '',
      osImage: 'simulated',
      containerRuntimeVersion: 'simulated://1',
      kubeletVersion: 'v1.36.0',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  }
}
