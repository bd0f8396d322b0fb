/**
 * All kinds that the server knows without a CustomResourceDefinition.
 */

import type { ResourceType } from '../resource.ts'
import { addressTypes } from './addresses.ts'
import { apiServiceType } from './apiservice.ts'
import { attachmentTypes } from './attachment.ts'
import { autoscalerTypes } from './autoscaler.ts'
import { componentStatusType } from './component.ts'
import { configTypes } from './config.ts'
import { controllerTypes } from './controller.ts'
import { cronJobType } from './cronjob.ts'
import { daemonSetType } from './daemonset.ts'
import { driverType } from './csidriver.ts'
import { driverNodeType } from './csinode.ts'
import { definitionType } from './definition.ts'
import { deploymentType } from './deployment.ts'
import { disruptionBudgetType } from './disruption.ts'
import { eventTypes } from './event.ts'
import { ingressClassType } from './ingressclass.ts'
import { jobType } from './job.ts'
import { leaseType } from './lease.ts'
import { networkTypes } from './network.ts'
import { nodeType } from './node.ts'
import { podType } from './pod.ts'
import { templateTypes } from './podtemplate.ts'
import { quotaTypes } from './quota.ts'
import { rbacTypes } from './rbac.ts'
import { replicaSetTypes } from './replicaset.ts'
import { reviewTypes } from './review.ts'
import { runtimeClassType } from './runtimeclass.ts'
import { serviceType } from './service.ts'
import { signingRequestType } from './signing.ts'
import { statefulSetType } from './statefulset.ts'
import { storageTypes } from './storage.ts'
import { storageClassTypes } from './storageclass.ts'
import { webhookTypes } from './webhook.ts'

/** A fresh list of the built-in kinds, one entry per served version. */
export const builtinTypes = (): ResourceType[] => [
  ...configTypes,
  componentStatusType,
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
  disruptionBudgetType,
  ...autoscalerTypes,
  ingressClassType,
  ...addressTypes,
  runtimeClassType,
  ...storageClassTypes,
  driverType,
  driverNodeType,
  ...attachmentTypes,
  ...templateTypes,
  signingRequestType,
  apiServiceType,
  definitionType,
  ...webhookTypes,
]
