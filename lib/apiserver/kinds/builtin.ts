/**
 * All kinds that the server knows without a CustomResourceDefinition.
 */

import type { ResourceType } from '../resource.ts'
import { configTypes } from './config.ts'
import { controllerTypes } from './controller.ts'
import { cronJobType } from './cronjob.ts'
import { daemonSetType } from './daemonset.ts'
import { definitionType } from './definition.ts'
import { deploymentType } from './deployment.ts'
import { eventTypes } from './event.ts'
import { jobType } from './job.ts'
import { leaseType } from './lease.ts'
import { networkTypes } from './network.ts'
import { nodeType } from './node.ts'
import { podType } from './pod.ts'
import { quotaTypes } from './quota.ts'
import { rbacTypes } from './rbac.ts'
import { replicaSetTypes } from './replicaset.ts'
import { reviewTypes } from './review.ts'
import { serviceType } from './service.ts'
import { statefulSetType } from './statefulset.ts'
import { storageTypes } from './storage.ts'
import { webhookTypes } from './webhook.ts'

/** A fresh list of the built-in kinds, one entry per served version. */
export const builtinTypes = (): ResourceType[] => [
  ...configTypes,
  podType,
  ...controllerTypes,
  ...quotaTypes,
  serviceType,
  ...eventTypes,
  ...storageTypes,
  nodeType,
  deploymentType,
  ...replicaSetTypes,
  daemonSetType,
  statefulSetType,
  jobType,
  cronJobType,
  ...networkTypes,
  leaseType,
  ...rbacTypes,
  ...reviewTypes,
  definitionType,
  ...webhookTypes,
]
