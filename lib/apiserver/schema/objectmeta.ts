/**
 * The schema of `metadata`, which every object has and every embedded object may have.
 */

import { always, anything, atomic, keyed, listOf, ofPackage, setOf, struct } from '../kinds/dsl.ts'
import type { Schema } from '../resource.ts'

const ownerReference = atomic(
  struct('OwnerReference', {
    apiVersion: 'string!',
    kind: 'string!',
    name: 'string!',
    uid: { type: 'string', 'x-go-type': 'types.UID', 'x-go-zero': '' },
    controller: 'bool?',
    blockOwnerDeletion: 'bool?',
  }),
)

/** Whatever it is: what makes no set of fields is forgotten with all managers. */
const { type: _, ...anyFields } = anything('FieldsV1')

const managedFieldsEntry = struct('ManagedFieldsEntry', {
  manager: 'string',
  operation: 'string',
  apiVersion: 'string',
  time: 'time?',
  fieldsType: 'string',
  fieldsV1: anyFields,
  subresource: 'string',
})

/** `ObjectMeta` of apimachinery. */
export const objectMeta: Schema = ofPackage(
  'meta.v1',
  struct('ObjectMeta', {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    selfLink: 'string',
    uid: { type: 'string', 'x-go-type': 'types.UID', 'x-go-omit': 'zero' },
    resourceVersion: 'string',
    generation: 'int64',
    creationTimestamp: 'time?',
    deletionTimestamp: 'time?',
    deletionGracePeriodSeconds: 'int64?',
    labels: 'string{}',
    annotations: 'string{}',
    ownerReferences: keyed(ownerReference, ['uid']),
    finalizers: setOf('string'),
    managedFields: listOf(managedFieldsEntry),
  }),
)

/** `metadata` of an object or a template: a struct that is no pointer. */
export const metadata: Schema = always(objectMeta)
