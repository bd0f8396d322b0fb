/**
 * In which order groups and versions are listed: by priority, then by name. Those of built-in groups are the real server's
 * (`apiVersionPriorities` of cmd/kube-apiserver and pkg/controlplane); custom groups come last, and their versions are
 * ordered by stability and number.
 */
import { compareVersions } from './versions.ts'

/** The higher comes first. */
export interface Priority {
  readonly group: number
  readonly version: number
}

const CUSTOM: Priority = { group: 1000, version: 100 }

const GROUPS: Readonly<Record<string, number>> = {
  '': 18000,
  // Always the first, whatever its own APIService says.
  'apiregistration.k8s.io': 20000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'admissionregistration.k8s.io': 16700,
  'apiextensions.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'resource.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
}

/** Versions of built-in groups other than the usual 15. */
const VERSIONS: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 21,
}

/** What the group and version count for in discovery. */
export function priorityOf(group: string, version: string): Priority {
  const known = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined
  if (known === undefined) return CUSTOM
  return { group: known, version: VERSIONS[`${group}/${version}`] ?? 15 }
}

/** The order of versions within a group. */
export const byPriority =
  (group: string) =>
  (one: string, other: string): number =>
    priorityOf(group, other).version - priorityOf(group, one).version || compareVersions(one, other)
