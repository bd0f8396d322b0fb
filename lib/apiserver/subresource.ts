/** Subresources as kinds declare them: the two that most have, and how one is found. */
import type { ResourceType, Subresource, Verb } from './resource.ts'

const readAndWrite: Verb[] = ['get', 'patch', 'update']

/** The status of the kind itself. */
export const statusSubresource: Subresource = { name: 'status', verbs: readAndWrite }

/** The Scale of a kind that has replicas. */
export const scaleSubresource: Subresource = {
  name: 'scale',
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  verbs: readAndWrite,
}

/** The subresource of that name, or undefined. */
export const subresourceOf = (
  type: Pick<ResourceType, 'subresources'>,
  name: string,
): Subresource | undefined => type.subresources.find((one) => one.name === name)

/** What is sent to a path of this type and comes back from it, but for Scales. */
export const sentType = (type: ResourceType, subresource: string): ResourceType =>
  subresourceOf(type, subresource)?.sent ?? type
