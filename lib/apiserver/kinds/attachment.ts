/**
 * Which volume is attached where, and what room there is: VolumeAttachments and CSIStorageCapacities of storage.k8s.io/v1.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { at, isEqual, isObject, objectAt, stringAt } from '../schema/equal.ts'
import { subdomainProblems } from '../schema/names.ts'
import { immutable, invalid, invalidPrinted, required } from '../schema/problem.ts'
import { always, needed, ofPackage, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { amountOf } from './quantity.ts'
import { labelSelector } from './reference.ts'
import { persistentVolumeSpec } from './storage.ts'
import { labelSelectorProblems } from './labelrules.ts'

const group = 'storage.k8s.io'

const volumeError = struct('VolumeError', {
  time: needed('time!', false),
  message: 'string',
  errorCode: 'int32?',
})

/** In the order and the names of the struct. */
const printed = (spec: JsonObject): string =>
  JSON.stringify({
    Attacher: stringAt(spec, 'attacher'),
    Source: {
      PersistentVolumeName: at(spec, 'source', 'persistentVolumeName') ?? null,
      InlineVolumeSpec: at(spec, 'source', 'inlineVolumeSpec') ?? null,
    },
    NodeName: stringAt(spec, 'nodeName'),
  })

const attachment: ResourceType = defineKind({
  group,
  kind: 'VolumeAttachment',
  namespaced: false,
  hasStatus: true,
  returnsDeleted: true,
  fields: {
    spec: needed(
      always(
        struct('VolumeAttachmentSpec', {
          attacher: 'string!',
          source: needed(
            always(
              struct('VolumeAttachmentSource', {
                persistentVolumeName: 'string?',
                inlineVolumeSpec: ofPackage('core.v1', persistentVolumeSpec),
              }),
            ),
          ),
          nodeName: 'string!',
        }),
      ),
    ),
    status: always(
      struct('VolumeAttachmentStatus', {
        attached: 'bool!',
        attachmentMetadata: 'string{}',
        attachError: volumeError,
        detachError: volumeError,
      }),
    ),
  },
  validate: (object, before) => {
    const spec = objectAt(object, 'spec')
    const isChanged = before !== undefined && !isEqual(spec, objectAt(before, 'spec'))
    const attacher = stringAt(spec, 'attacher')
    const nodeName = stringAt(spec, 'nodeName')
    const sources = ['persistentVolumeName', 'inlineVolumeSpec'].filter(
      (name) => at(spec, 'source', name) !== undefined,
    )
    return [
      ...(attacher === ''
        ? [required('spec.attacher')]
        : subdomainProblems(attacher).map((text) => invalid('spec.attacher', attacher, text))),
      ...(sources.length === 1
        ? []
        : [required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName')]),
      ...subdomainProblems(nodeName).map((text) => invalid('spec.nodeName', nodeName, text)),
      ...(isChanged ? [invalidPrinted('spec', printed(spec), 'field is immutable')] : []),
    ]
  },
})

const capacity: ResourceType = defineKind({
  group,
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  fields: {
    nodeTopology: labelSelector,
    storageClassName: 'string!',
    capacity: 'quantity?',
    maximumVolumeSize: 'quantity?',
  },
  validate: (object, before) => {
    const name = stringAt(object, 'storageClassName')
    const amount = amountOf(object.capacity)
    const topology = object.nodeTopology
    return [
      ...subdomainProblems(name).map((text) => invalid('storageClassName', name, text)),
      ...(amount !== undefined && amount < 0
        ? [invalid('capacity', object.capacity, 'must be greater than or equal to 0')]
        : []),
      ...(isObject(topology) ? labelSelectorProblems(topology, 'nodeTopology') : []),
      ...(before
        ? ['nodeTopology', 'storageClassName'].flatMap((field) =>
            isEqual(object[field] ?? null, before[field] ?? null)
              ? []
              : [immutable(field, object[field] ?? null)],
          )
        : []),
    ]
  },
})

/** The kinds about what drivers do. */
export const attachmentTypes: readonly ResourceType[] = [attachment, capacity]
