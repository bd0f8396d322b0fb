/**
 * What `kubectl get` shows of Namespaces, ConfigMaps, Secrets, ServiceAccounts and Leases.
 */
import { ageColumn, nameColumn } from '../kinds/columns.ts'
import type { Column, JsonObject } from '../resource.ts'
import { objectAt } from '../schema/equal.ts'
import { text, textAt } from './column.ts'

/** Of core/v1 Namespace. */
export const namespaceColumns: Column[] = [
  nameColumn,
  text('Status', 'The status of the namespace', textAt('status.phase')),
  ageColumn,
]

const keys = (object: JsonObject, field: string): number => Object.keys(objectAt(object, field)).length

/** Of core/v1 ConfigMap. */
export const configMapColumns: Column[] = [
  nameColumn,
  text(
    'Data',
    "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
    (object) => keys(object, 'data') + keys(object, 'binaryData'),
  ),
  ageColumn,
]

/** Of core/v1 Secret. */
export const secretColumns: Column[] = [
  nameColumn,
  text(
    'Type',
    'Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types',
    textAt('type'),
  ),
  text(
    'Data',
    "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
    (object) => keys(object, 'data'),
  ),
  ageColumn,
]

/** Of core/v1 ServiceAccount. */
export const serviceAccountColumns: Column[] = [nameColumn, ageColumn]

/** Of coordination.k8s.io/v1 Lease. */
export const leaseColumns: Column[] = [
  nameColumn,
  text(
    'Holder',
    'holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.',
    textAt('spec.holderIdentity'),
  ),
  ageColumn,
]
