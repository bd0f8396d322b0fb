/**
 * Names of what containers consume: `cpu`, `hugepages-2Mi`, `example.com/gpu`.
 */

import type { Problem } from '../resource.ts'
import { qualifiedProblems } from '../schema/names.ts'
import { invalid } from '../schema/problem.ts'

const ofContainers = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** Those that quotas and volumes count besides. */
const ofOthers = new Set([
  ...['requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'requests.storage'],
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage', 'storage'],
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps'],
  ...['persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'],
])

const isHuge = (name: string): boolean => name.startsWith('hugepages-')

/** What is wrong with the name of a resource of containers. */
export const resourceNameProblems = (name: string, field: string): Problem[] => {
  const problems = qualifiedProblems(name).map((text) => invalid(field, name, text))
  if (name.includes('/'))
    return name.startsWith('requests.')
      ? [...problems, invalid(field, name, "doesn't follow extended resource name standard")]
      : problems
  if (ofContainers.has(name) || isHuge(name)) return problems
  if (problems.length === 0 && !ofOthers.has(name) && !name.startsWith('requests.hugepages-'))
    problems.push(invalid(field, name, 'must be a standard resource type or fully qualified'))
  return [...problems, invalid(field, name, 'must be a standard resource for containers')]
}
