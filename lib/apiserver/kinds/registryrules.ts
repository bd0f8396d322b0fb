/**
 * What the registries of built-in kinds do differently from each other without a reason that one could guess: how often
 * they look at metadata, and which writes they let through. Kinds that are not named here follow the most common ways.
 */
import type { MetadataRules, ResourceType } from '../resource.ts'

type Rules = Pick<
  ResourceType,
  'metadataRules' | 'statusKeeps' | 'allowsUnconditionalUpdate' | 'allowsCreateOnUpdate'
>

const rules = (again: MetadataRules['again'], more: Partial<MetadataRules> = {}): MetadataRules => ({
  standardFinalizers: true,
  again,
  status: 'changes',
  ...more,
})

const COMMON: Rules = {
  metadataRules: rules('changes'),
  statusKeeps: [],
  allowsUnconditionalUpdate: true,
  allowsCreateOnUpdate: false,
}

const both = { metadataRules: rules('both') }
const whole = { metadataRules: rules('whole') }
const webhooks = {
  metadataRules: rules('whole', { standardFinalizers: false }),
  allowsUnconditionalUpdate: false,
}
const role = { ...both, allowsCreateOnUpdate: true }

const allMetadata = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const

const KINDS: Readonly<Record<string, Partial<Rules>>> = {
  ConfigMap: both,
  Secret: both,
  ServiceAccount: both,
  Pod: { ...both, statusKeeps: ['ownerReferences'] },
  Endpoints: { ...both, allowsCreateOnUpdate: true },
  Event: {
    metadataRules: rules('none', { standardFinalizers: false }),
    allowsCreateOnUpdate: true,
  },
  LimitRange: { ...whole, allowsCreateOnUpdate: true },
  PersistentVolumeClaim: both,
  PersistentVolume: both,
  Namespace: both,
  Node: both,
  Service: { allowsCreateOnUpdate: true },
  Deployment: { statusKeeps: ['labels'] },
  ControllerRevision: both,
  Job: both,
  CronJob: { metadataRules: rules('changes', { status: 'none' }) },
  Ingress: both,
  IngressClass: both,
  EndpointSlice: whole,
  // A lock that is taken by whoever writes last would be none.
  Lease: {
    metadataRules: rules('changes', { standardFinalizers: false }),
    allowsUnconditionalUpdate: false,
    allowsCreateOnUpdate: true,
  },
  Role: role,
  RoleBinding: role,
  ClusterRole: role,
  ClusterRoleBinding: role,
  PodDisruptionBudget: {
    metadataRules: rules('none', { standardFinalizers: false, status: 'none' }),
    allowsUnconditionalUpdate: false,
  },
  StorageClass: both,
  VolumeAttributesClass: both,
  CSIDriver: { allowsUnconditionalUpdate: false },
  CSINode: { ...whole, allowsUnconditionalUpdate: false },
  CSIStorageCapacity: { ...both, allowsUnconditionalUpdate: false },
  VolumeAttachment: { ...whole, statusKeeps: allMetadata, allowsUnconditionalUpdate: false },
  IPAddress: both,
  ServiceCIDR: { statusKeeps: allMetadata },
  CertificateSigningRequest: both,
  APIService: { ...both, statusKeeps: allMetadata, allowsUnconditionalUpdate: false },
  RuntimeClass: {
    metadataRules: rules('both', { standardFinalizers: false }),
    allowsUnconditionalUpdate: false,
    allowsCreateOnUpdate: true,
  },
  CustomResourceDefinition: { metadataRules: rules('changes', { standardFinalizers: false }) },
  ValidatingWebhookConfiguration: webhooks,
  MutatingWebhookConfiguration: webhooks,
}

/** The rules of a kind of `pkg/registry` in Kubernetes, by its name. */
export const registryRules = (kind: string): Rules => ({ ...COMMON, ...KINDS[kind] })
