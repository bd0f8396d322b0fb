/** The versions that client-go and the server know in v1.36, served or not: documents name the options of each. */
import type { Version } from './known.ts'

const GROUPS: Readonly<Record<string, string>> = {
  '': 'v1',
  'admissionregistration.k8s.io': 'v1 v1alpha1 v1beta1',
  apps: 'v1 v1beta1 v1beta2',
  'authentication.k8s.io': 'v1 v1alpha1 v1beta1',
  'authorization.k8s.io': 'v1 v1beta1',
  autoscaling: 'v1 v2',
  batch: 'v1 v1beta1',
  'certificates.k8s.io': 'v1 v1alpha1 v1beta1',
  'coordination.k8s.io': 'v1 v1alpha2 v1beta1',
  'discovery.k8s.io': 'v1 v1beta1',
  'events.k8s.io': 'v1 v1beta1',
  extensions: 'v1beta1',
  'flowcontrol.apiserver.k8s.io': 'v1 v1beta1 v1beta2 v1beta3',
  'internal.apiserver.k8s.io': 'v1alpha1',
  'networking.k8s.io': 'v1 v1beta1',
  'node.k8s.io': 'v1 v1alpha1 v1beta1',
  policy: 'v1 v1beta1',
  'rbac.authorization.k8s.io': 'v1 v1alpha1 v1beta1',
  'resource.k8s.io': 'v1 v1alpha3 v1beta1 v1beta2',
  'scheduling.k8s.io': 'v1 v1alpha2 v1beta1',
  'storage.k8s.io': 'v1 v1alpha1 v1beta1',
  'storagemigration.k8s.io': 'v1beta1',
}

/** What the server knows besides: its own groups, and those that it asks webhooks in. */
const SERVER_GROUPS: Readonly<Record<string, string>> = {
  'admission.k8s.io': 'v1 v1beta1',
  'apiextensions.k8s.io': 'v1 v1beta1',
  'apiregistration.k8s.io': 'v1 v1beta1',
  'imagepolicy.k8s.io': 'v1alpha1',
}

const versionsOf = (groups: Readonly<Record<string, string>>): Version[] =>
  Object.entries(groups)
    .flatMap(([group, versions]) => versions.split(' ').map((version) => ({ group, version })))
    .sort((one, other) => (`${one.group}/${one.version}` < `${other.group}/${other.version}` ? -1 : 1))

/** Sorted by group, then by version. */
export const clientVersions: readonly Version[] = versionsOf(GROUPS)

/** The same of the server: the document of version 2 names their options. */
export const serverVersions: readonly Version[] = versionsOf({ ...GROUPS, ...SERVER_GROUPS })
