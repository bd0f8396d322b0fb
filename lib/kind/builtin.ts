/**
 * Built-in kinds: a handle as a value and, under the same name, the type of the object as an author writes it (the plain
 * one of `kubernetes-types`). What is read through a handle is {@link Served}: the same with the server's metadata.
 */
import type * as apps from 'kubernetes-types/apps/v1.js'
import type * as autoscaling from 'kubernetes-types/autoscaling/v2.js'
import type * as batch from 'kubernetes-types/batch/v1.js'
import type * as coordination from 'kubernetes-types/coordination/v1.js'
import type * as core from 'kubernetes-types/core/v1.js'
import type * as discovery from 'kubernetes-types/discovery/v1.js'
import type * as events from 'kubernetes-types/events/v1.js'
import type * as networking from 'kubernetes-types/networking/v1.js'
import type * as policy from 'kubernetes-types/policy/v1.js'
import type * as rbac from 'kubernetes-types/rbac/v1.js'
import type * as scheduling from 'kubernetes-types/scheduling/v1.js'
import type { Kind } from '../kind.ts'
import type { KubeObject } from '../kube.ts'

/** An object of a built-in kind as the server returns it. */
export type Served<D> = Omit<D, 'apiVersion' | 'kind' | 'metadata'> & KubeObject

export const Deployment = namespaced<apps.Deployment>('apps/v1', 'Deployment', 'deployments', 'deploy')
export type Deployment = apps.Deployment

export const StatefulSet = namespaced<apps.StatefulSet>('apps/v1', 'StatefulSet', 'statefulsets', 'sts')
export type StatefulSet = apps.StatefulSet

export const DaemonSet = namespaced<apps.DaemonSet>('apps/v1', 'DaemonSet', 'daemonsets', 'ds')
export type DaemonSet = apps.DaemonSet

export const ReplicaSet = namespaced<apps.ReplicaSet>('apps/v1', 'ReplicaSet', 'replicasets', 'rs')
export type ReplicaSet = apps.ReplicaSet

export const Service = namespaced<core.Service>('v1', 'Service', 'services', 'svc')
export type Service = core.Service

export const ConfigMap = namespaced<core.ConfigMap>('v1', 'ConfigMap', 'configmaps', 'cm')
export type ConfigMap = core.ConfigMap

export const Secret = namespaced<core.Secret>('v1', 'Secret', 'secrets')
export type Secret = core.Secret

export const Pod = namespaced<core.Pod>('v1', 'Pod', 'pods', 'po')
export type Pod = core.Pod

export const ServiceAccount = namespaced<core.ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts', 'sa')
export type ServiceAccount = core.ServiceAccount

export const PersistentVolumeClaim = namespaced<core.PersistentVolumeClaim>(
  'v1',
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
  'pvc',
)
export type PersistentVolumeClaim = core.PersistentVolumeClaim

export const Endpoints = namespaced<core.Endpoints>('v1', 'Endpoints', 'endpoints', 'ep')
export type Endpoints = core.Endpoints

export const ResourceQuota = namespaced<core.ResourceQuota>('v1', 'ResourceQuota', 'resourcequotas', 'quota')
export type ResourceQuota = core.ResourceQuota

export const Namespace = clusterWide<core.Namespace>('v1', 'Namespace', 'namespaces', 'ns')
export type Namespace = core.Namespace

export const Node = clusterWide<core.Node>('v1', 'Node', 'nodes', 'no')
export type Node = core.Node

export const Job = namespaced<batch.Job>('batch/v1', 'Job', 'jobs')
export type Job = batch.Job

export const CronJob = namespaced<batch.CronJob>('batch/v1', 'CronJob', 'cronjobs', 'cj')
export type CronJob = batch.CronJob

export const Ingress = namespaced<networking.Ingress>('networking.k8s.io/v1', 'Ingress', 'ingresses', 'ing')
export type Ingress = networking.Ingress

export const NetworkPolicy = namespaced<networking.NetworkPolicy>(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
  'netpol',
)
export type NetworkPolicy = networking.NetworkPolicy

export const Role = namespaced<rbac.Role>('rbac.authorization.k8s.io/v1', 'Role', 'roles')
export type Role = rbac.Role

export const RoleBinding = namespaced<rbac.RoleBinding>(
  'rbac.authorization.k8s.io/v1',
  'RoleBinding',
  'rolebindings',
)
export type RoleBinding = rbac.RoleBinding

export const ClusterRole = clusterWide<rbac.ClusterRole>(
  'rbac.authorization.k8s.io/v1',
  'ClusterRole',
  'clusterroles',
)
export type ClusterRole = rbac.ClusterRole

export const ClusterRoleBinding = clusterWide<rbac.ClusterRoleBinding>(
  'rbac.authorization.k8s.io/v1',
  'ClusterRoleBinding',
  'clusterrolebindings',
)
export type ClusterRoleBinding = rbac.ClusterRoleBinding

export const Lease = namespaced<coordination.Lease>('coordination.k8s.io/v1', 'Lease', 'leases')
export type Lease = coordination.Lease

export const EndpointSlice = namespaced<discovery.EndpointSlice>(
  'discovery.k8s.io/v1',
  'EndpointSlice',
  'endpointslices',
)
export type EndpointSlice = discovery.EndpointSlice

export const PriorityClass = clusterWide<scheduling.PriorityClass>(
  'scheduling.k8s.io/v1',
  'PriorityClass',
  'priorityclasses',
  'pc',
)
export type PriorityClass = scheduling.PriorityClass

export const Event = namespaced<events.Event>('events.k8s.io/v1', 'Event', 'events', 'ev')
export type Event = events.Event

export const HorizontalPodAutoscaler = namespaced<autoscaling.HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  'horizontalpodautoscalers',
  'hpa',
)
export type HorizontalPodAutoscaler = autoscaling.HorizontalPodAutoscaler

export const PodDisruptionBudget = namespaced<policy.PodDisruptionBudget>(
  'policy/v1',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
  'pdb',
)
export type PodDisruptionBudget = policy.PodDisruptionBudget

/* @__NO_SIDE_EFFECTS__ */
function namespaced<D>(
  apiVersion: string,
  kind: string,
  plural: string,
  shortName?: string,
): Kind<Served<D>> {
  return { ...clusterWide<D>(apiVersion, kind, plural, shortName), namespaced: true }
}

/* @__NO_SIDE_EFFECTS__ */
function clusterWide<D>(
  apiVersion: string,
  kind: string,
  plural: string,
  shortName?: string,
): Kind<Served<D>> {
  const slash = apiVersion.indexOf('/')
  return {
    group: apiVersion.slice(0, Math.max(slash, 0)),
    version: apiVersion.slice(slash + 1),
    kind,
    plural,
    namespaced: false,
    singular: kind.toLowerCase(),
    shortNames: shortName === undefined ? [] : [shortName],
    ownStatus: false,
  }
}
