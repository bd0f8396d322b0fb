/**
 * What may change of a PersistentVolume, what a write of it is warned of, and options of mounts that stand where they have no
 * effect.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden, immutable, invalidPrinted } from '../schema/problem.ts'
import { CLASS_ANNOTATION } from './claimchanges.ts'
import { unifiedDiff } from './pod/difference.ts'
import { goLines, goText } from './pod/go.ts'
import { termWarnings } from './pod/warnings.ts'
import { volumeProblems, volumeSources } from './volumerules.ts'

/** What is wrong with a volume that is made, or that replaces another. */
export const wholeVolumeProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const problems = volumeProblems(spec, stringAt(object, 'metadata', 'name'))
  const made = [...problems, ...mountProblems(object)]
  // An update looks at the spec twice.
  return before ? [...made, ...problems, ...changeProblems(spec, objectAt(before, 'spec'))] : made
}

const MOUNT_ANNOTATION = 'volume.beta.kubernetes.io/mount-options'

const mountable = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
]

const mountProblems = (object: JsonObject): Problem[] => {
  const spec = objectAt(object, 'spec')
  const isGiven = MOUNT_ANNOTATION in objectAt(object, 'metadata', 'annotations')
  if (!isGiven || mountable.some((name) => isObject(spec[name]))) return []
  const text = 'may not specify mount options for this volume type'
  return [forbidden(`metadata.annotations.${MOUNT_ANNOTATION}`, text)]
}

const changeProblems = (spec: JsonObject, old: JsonObject): Problem[] => [
  ...sourceChanges(spec, old),
  ...(isEqual(spec.volumeMode ?? null, old.volumeMode ?? null)
    ? []
    : [immutable('volumeMode', spec.volumeMode ?? null)]),
  ...affinityChanges(spec, old),
  ...(spec.volumeAttributesClassName === undefined && old.volumeAttributesClassName !== undefined
    ? [forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
    : []),
]

const sourcesOf = (spec: JsonObject): JsonObject =>
  Object.fromEntries(
    volumeSources.flatMap((name) => (isObject(spec[name]) ? [[name, objectAt(spec, name)]] : [])),
  )

/** A driver may be given the secret that it expands the volume with later on. */
const withoutNewSecret = ({ csi, ...rest }: JsonObject, old: JsonObject): JsonObject => {
  if (!isObject(csi)) return rest
  const { controllerExpandSecretRef: secret, ...others } = csi
  const isNew = isObject(old.csi) && !isObject(old.csi.controllerExpandSecretRef)
  return { ...rest, csi: isNew || secret === undefined ? others : csi }
}

const sourceChanges = (spec: JsonObject, old: JsonObject): Problem[] => {
  const before = goLines('PersistentVolumeSource', sourcesOf(old))
  const after = goLines('PersistentVolumeSource', withoutNewSecret(sourcesOf(spec), old))
  if (before === after) return []
  const text = `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(before, after)}`
  return [forbidden('spec.persistentvolumesource', text)]
}

/** Labels of nodes that have a name without "beta" by now. */
const renamed: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

/** What was there before, with the new names of labels where what comes now has them at the same place. */
const asRenamed = (old: Json, now: Json | undefined): Json => {
  if (Array.isArray(old)) return old.map((item, index) => asRenamed(item, listOf(now)[index]))
  if (!isObject(old)) return old
  return Object.fromEntries(
    Object.entries(old).map(([name, value]) => {
      const other = objectAt(now)[name]
      const isRenamed = name === 'key' && other !== undefined && renamed[String(value)] === other
      return [name, isRenamed ? other : asRenamed(value, other)]
    }),
  )
}

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])

const affinityChanges = (spec: JsonObject, old: JsonObject): Problem[] => {
  const { nodeAffinity: now } = spec
  if (!isObject(old.nodeAffinity) || isEqual(now ?? null, asRenamed(old.nodeAffinity, now))) return []
  const shown = isObject(now) ? goText('VolumeNodeAffinity', now) : 'null'
  return [
    invalidPrinted('nodeAffinity', shown, 'field is immutable, except for updating from beta label to GA'),
  ]
}

const oldAnnotations: Readonly<Record<string, string>> = {
  [CLASS_ANNOTATION]: 'deprecated since v1.8; use "storageClassName" attribute instead',
  [MOUNT_ANNOTATION]: 'deprecated since v1.31; use "mountOptions" attribute instead',
}

const oldSources: Readonly<Record<string, string>> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** What to warn of in a volume. */
export const volumeWarnings = (object: JsonObject): string[] => {
  const spec = objectAt(object, 'spec')
  const annotations = objectAt(object, 'metadata', 'annotations')
  const recycles =
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
  return [
    ...Object.entries(oldAnnotations)
      .filter(([key]) => annotations[key] !== undefined)
      .map(([key, text]) => `metadata.annotations[${key}]: ${text}`),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [recycles] : []),
    ...listAt(spec, 'nodeAffinity', 'required', 'nodeSelectorTerms').flatMap((term, index) =>
      termWarnings(objectAt(term), `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, false),
    ),
    ...Object.entries(oldSources)
      .filter(([name]) => isObject(spec[name]))
      .map(([name, text]) => `spec.${name === 'storageos' ? 'storageOS' : name}: ${text}`),
  ]
}
