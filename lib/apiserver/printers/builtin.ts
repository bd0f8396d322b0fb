/**
 * Which columns which built-in kind has. A kind that is not here shows its name and when it was created; Events and
 * HorizontalPodAutoscalers, which are served in two forms, bring their columns along.
 */
import type { Column } from '../resource.ts'
import {
  configMapColumns,
  leaseColumns,
  namespaceColumns,
  secretColumns,
  serviceAccountColumns,
} from './config.ts'
import { cronJobColumns, jobColumns } from './job.ts'
import { nodeColumns, priorityClassColumns, quotaColumns, runtimeClassColumns } from './node.ts'
import { podColumns } from './pod.ts'
import {
  budgetColumns,
  componentColumns,
  flowSchemaColumns,
  mutatingPolicyColumns,
  policyBindingColumns,
  priorityLevelColumns,
  signingRequestColumns,
  validatingPolicyColumns,
  webhookColumns,
} from './policy.ts'
import { clusterRoleBindingColumns, roleBindingColumns } from './rbac.ts'
import {
  endpointSliceColumns,
  endpointsColumns,
  ingressClassColumns,
  ingressColumns,
  networkPolicyColumns,
  serviceCidrColumns,
  serviceColumns,
} from './service.ts'
import {
  attachmentColumns,
  attributesClassColumns,
  claimColumns,
  csiDriverColumns,
  csiNodeColumns,
  storageClassColumns,
  volumeColumns,
} from './storage.ts'
import {
  controllerRevisionColumns,
  daemonSetColumns,
  deploymentColumns,
  podTemplateColumns,
  replicaSetColumns,
  replicationControllerColumns,
  statefulSetColumns,
} from './workload.ts'

const columns: ReadonlyMap<string, readonly Column[]> = new Map([
  ['/ComponentStatus', componentColumns],
  ['/ConfigMap', configMapColumns],
  ['/Endpoints', endpointsColumns],
  ['/Namespace', namespaceColumns],
  ['/Node', nodeColumns],
  ['/PersistentVolume', volumeColumns],
  ['/PersistentVolumeClaim', claimColumns],
  ['/Pod', podColumns],
  ['/PodTemplate', podTemplateColumns],
  ['/ReplicationController', replicationControllerColumns],
  ['/ResourceQuota', quotaColumns],
  ['/Secret', secretColumns],
  ['/Service', serviceColumns],
  ['/ServiceAccount', serviceAccountColumns],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicy', mutatingPolicyColumns],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicyBinding', policyBindingColumns],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', webhookColumns],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicy', validatingPolicyColumns],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding', policyBindingColumns],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', webhookColumns],
  ['apps/ControllerRevision', controllerRevisionColumns],
  ['apps/DaemonSet', daemonSetColumns],
  ['apps/Deployment', deploymentColumns],
  ['apps/ReplicaSet', replicaSetColumns],
  ['apps/StatefulSet', statefulSetColumns],
  ['batch/CronJob', cronJobColumns],
  ['batch/Job', jobColumns],
  ['certificates.k8s.io/CertificateSigningRequest', signingRequestColumns],
  ['coordination.k8s.io/Lease', leaseColumns],
  ['discovery.k8s.io/EndpointSlice', endpointSliceColumns],
  ['flowcontrol.apiserver.k8s.io/FlowSchema', flowSchemaColumns],
  ['flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration', priorityLevelColumns],
  ['networking.k8s.io/Ingress', ingressColumns],
  ['networking.k8s.io/IngressClass', ingressClassColumns],
  ['networking.k8s.io/NetworkPolicy', networkPolicyColumns],
  ['networking.k8s.io/ServiceCIDR', serviceCidrColumns],
  ['node.k8s.io/RuntimeClass', runtimeClassColumns],
  ['policy/PodDisruptionBudget', budgetColumns],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', clusterRoleBindingColumns],
  ['rbac.authorization.k8s.io/RoleBinding', roleBindingColumns],
  ['scheduling.k8s.io/PriorityClass', priorityClassColumns],
  ['storage.k8s.io/CSIDriver', csiDriverColumns],
  ['storage.k8s.io/CSINode', csiNodeColumns],
  ['storage.k8s.io/StorageClass', storageClassColumns],
  ['storage.k8s.io/VolumeAttachment', attachmentColumns],
  ['storage.k8s.io/VolumeAttributesClass', attributesClassColumns],
])

/** The columns of a built-in kind, in order; undefined for the kinds that print nothing of their own. */
export const columnsOf = (group: string, kind: string): Column[] | undefined => {
  const found = columns.get(`${group}/${kind}`)
  return found === undefined ? undefined : [...found]
}
