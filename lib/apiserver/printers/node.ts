/**
 * What `kubectl get` shows of Nodes, and of the kinds about the room on them.
 */
import { ageColumn, nameColumn } from '../kinds/columns.ts'
import type { Column, JsonObject } from '../resource.ts'
import { at, objectAt, stringAt } from '../schema/equal.ts'
import { type Cell, flag, numberIn, objectsAt, text, textAt, whole, wideText } from './column.ts'

const statusText: Cell = (node) => {
  // Of several the last one counts.
  const ready = objectsAt(node, 'status.conditions').findLast((one) => one.type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return at(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state
}

const rolePrefix = 'node-role.kubernetes.io/'
const oldRole = 'kubernetes.io/role'

const rolesText: Cell = (node) => {
  const labels = objectAt(node, 'metadata', 'labels')
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith(rolePrefix))
    .map((key) => key.slice(rolePrefix.length))
  const all = new Set([...roles, stringAt(labels, oldRole)].filter((role) => role !== ''))
  return [...all].sort().join(',') || '<none>'
}

const addressOf =
  (type: string): Cell =>
  (node) => {
    const found = objectsAt(node, 'status.addresses').find((one) => one.type === type)
    return found === undefined ? '<none>' : stringAt(found, 'address')
  }

const kernelText: Cell = (node) => {
  const { nodeInfo } = objectAt(node, 'status')
  const architecture = stringAt(nodeInfo, 'architecture')
  const version = stringAt(nodeInfo, 'kernelVersion') || '<unknown>'
  return architecture === '' ? version : `${version} (${architecture})`
}

const addresses =
  "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP)."

/** Of core/v1 Node. */
export const nodeColumns: Column[] = [
  nameColumn,
  text('Status', 'The status of the node', statusText),
  text('Roles', 'The roles of the node', rolesText),
  ageColumn,
  text('Version', 'Kubelet Version reported by the node.', textAt('status.nodeInfo.kubeletVersion')),
  wideText('Internal-IP', addresses, addressOf('InternalIP')),
  wideText('External-IP', addresses, addressOf('ExternalIP')),
  wideText(
    'OS-Image',
    'OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).',
    textAt('status.nodeInfo.osImage', '<unknown>'),
  ),
  wideText(
    'Kernel-Version',
    "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
    kernelText,
  ),
  wideText(
    'Container-Runtime',
    'ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).',
    textAt('status.nodeInfo.containerRuntimeVersion', '<unknown>'),
  ),
]

/** `limits.cpu` and the like, or everything else. */
const amounts =
  (isLimit: boolean): Cell =>
  (quota) => {
    const hard = objectAt(quota, 'status', 'hard')
    return Object.keys(hard)
      .filter((name) => name.startsWith('limits.') === isLimit)
      .sort()
      .map((name) => `${name}: ${usedOf(quota, name)}/${String(hard[name])}`)
      .join(', ')
  }

const usedOf = (quota: JsonObject, name: string): string => String(at(quota, 'status', 'used', name) ?? '0')

/** Of core/v1 ResourceQuota. */
export const quotaColumns: Column[] = [
  nameColumn,
  text(
    'Request',
    'Request represents a minimum amount of cpu/memory that a container may consume.',
    amounts(false),
  ),
  text(
    'Limit',
    'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    amounts(true),
  ),
  ageColumn,
]

/** Of scheduling.k8s.io/v1 PriorityClass. */
export const priorityClassColumns: Column[] = [
  nameColumn,
  whole(
    'Value',
    'value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec.',
    numberIn('value'),
  ),
  flag(
    'Global-Default',
    'globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as `globalDefault`. However, if more than one PriorityClasses exists with their `globalDefault` field set to true, the smallest value of such global default PriorityClasses will be used as the default priority.',
    (object) => object.globalDefault === true,
  ),
  ageColumn,
  text(
    'PreemptionPolicy',
    'preemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.',
    textAt('preemptionPolicy'),
  ),
]

/** Of node.k8s.io/v1 RuntimeClass. */
export const runtimeClassColumns: Column[] = [nameColumn, text('Handler', '', textAt('handler')), ageColumn]
