/**
 * Volumes of pods: their names, and that each has exactly one source that is in order.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../../schema/equal.ts'
import { labelProblems, subdomainProblems } from '../../schema/names.ts'
import { duplicate, forbidden, invalid, required } from '../../schema/problem.ts'
import { claimProblems } from '../claimrules.ts'
import { amountOf } from '../quantity.ts'
import { needed, neededInForm, neededOneOf, oneOf, textAt } from '../rules.ts'
import { templateMetadataProblems } from './metadata.ts'
import type { Volumes } from './mount.ts'
import { networkSources } from './network.ts'
import { descending, withoutBacksteps } from './paths.ts'
import { isPod, type Place } from './place.ts'
import { downwardProblems, filesProblems, modeProblems, projectedProblems } from './projected.ts'

/** What is wrong with a source at a field; some depend on the pod. */
export type Source = (value: JsonObject, field: string, place: Place) => Problem[]

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** What is wrong with a path on the node. */
export const hostPathProblems = (value: JsonObject, field: string): Problem[] => {
  const path = stringAt(value, 'path')
  if (path === '') return [required(`${field}.path`)]
  return [
    ...withoutBacksteps(path, `${field}.path`),
    ...oneOf(textAt(value, 'type'), `${field}.type`, hostPathTypes),
  ]
}

const sources: Readonly<Record<string, Source>> = {
  emptyDir: (value, field) =>
    (amountOf(value.sizeLimit) ?? 0) < 0
      ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath: hostPathProblems,
  gitRepo: (value, field) => [
    ...needed(value, field, 'repository'),
    ...descending(stringAt(value, 'directory'), `${field}.directory`),
  ],
  secret: (value, field) => [
    ...needed(value, field, 'secretName'),
    ...modeProblems(value, 'defaultMode', field),
    ...filesProblems(value, field),
  ],
  persistentVolumeClaim: (value, field) => needed(value, field, 'claimName'),
  downwardAPI: (value, field) => [
    ...modeProblems(value, 'defaultMode', field),
    ...listAt(value, 'items')
      .filter(isObject)
      .flatMap((item) => downwardProblems(item, field)),
  ],
  configMap: (value, field) => [
    ...needed(value, field, 'name'),
    ...modeProblems(value, 'defaultMode', field),
    ...filesProblems(value, field),
  ],
  projected: (value, field) => [
    ...modeProblems(value, 'defaultMode', field),
    ...projectedProblems(value, field),
  ],
  csi: (value, field) => [
    ...driverProblems(stringAt(value, 'driver'), `${field}.driver`),
    ...secretProblems(value, field),
  ],
  ephemeral: (value, field) => {
    const template = value.volumeClaimTemplate
    if (!isObject(template)) return [required(`${field}.volumeClaimTemplate`)]
    const at = `${field}.volumeClaimTemplate`
    return [
      ...templateMetadataProblems(objectAt(template, 'metadata'), `${at}.metadata`),
      ...claimProblems(objectAt(template, 'spec'), `${at}.spec`),
    ]
  },
  image: (value, field, place) => [
    ...(isPod(place) ? needed(value, field, 'reference') : []),
    ...neededOneOf(stringAt(value, 'pullPolicy'), `${field}.pullPolicy`, ['Always', 'IfNotPresent', 'Never']),
  ],
  ...networkSources,
}

const MAX_DRIVER = 63

/** What is wrong with the name of a driver. */
export const driverProblems = (name: string, field: string): Problem[] => {
  if (name === '') return [required(field)]
  return [
    ...(name.length > MAX_DRIVER
      ? [
          {
            reason: 'FieldValueTooLong',
            field,
            message: `Too long: may not be more than ${MAX_DRIVER} bytes`,
          },
        ]
      : []),
    ...subdomainProblems(name.toLowerCase()).map((text) => invalid(field, name, text)),
  ]
}

const secretProblems = (value: JsonObject, field: string): Problem[] => {
  const secret = value.nodePublishSecretRef
  if (!isObject(secret)) return []
  const name = stringAt(secret, 'name')
  if (name === '') return [required(`${field}.nodePublishSecretRef.name`)]
  return subdomainProblems(name).map((text) => invalid(`${field}.name`, name, text))
}

/** The order in which the real server looks at sources, which decides which of several is one too many. */
const order = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
]

/** Where the real server misspells the field of a source that is one too many. */
const misspelt: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }

const sourceProblems = (volume: JsonObject, field: string, place: Place): Problem[] => {
  const [first, ...others] = order.filter((name) => isObject(volume[name]))
  if (first === undefined) return [required(field, 'must specify a volume type')]
  // The real server has another word for this one source, when it is in order.
  const named = first === 'gcePersistentDisk' ? 'persistentDisk' : first
  return [
    ...(sources[first]?.(objectAt(volume, first), `${field}.${named}`, place) ?? []),
    ...longNameProblems(volume, first, field, place),
    ...others.map((name) =>
      forbidden(`${field}.${misspelt[name] ?? name}`, 'may not specify more than 1 volume type'),
    ),
  ]
}

const MAX_PORTAL_NAME = 64

/** Names that are too long together with another. */
const longNameProblems = (volume: JsonObject, source: string, field: string, place: Place): Problem[] => {
  const name = stringAt(volume, 'name')
  if (source === 'iscsi' && objectAt(volume, 'iscsi').initiatorName !== undefined) {
    const portal = `${name}:${stringAt(volume, 'iscsi', 'targetPortal')}`
    const text =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
    return portal.length > MAX_PORTAL_NAME ? [invalid(`${field}.name`, name, text)] : []
  }
  const claim = claimOf(volume, place)
  if (claim === undefined || name === '') return []
  return subdomainProblems(claim).map((text) =>
    invalid(`${field}.name`, name, `PVC name ${JSON.stringify(claim)}: ${text}`),
  )
}

/** The claim that will be made for an ephemeral volume of a pod. */
const claimOf = (volume: JsonObject, { metadata }: Place): string | undefined => {
  const pod = stringAt(metadata, 'name')
  return pod === '' || !isObject(volume.ephemeral) ? undefined : `${pod}-${stringAt(volume, 'name')}`
}

/** What is wrong with the volumes of a pod, and those that are in order. */
export const volumesProblems = (place: Place): { volumes: Volumes; problems: Problem[] } => {
  const list = listAt(place.spec, 'volumes').filter(isObject)
  const made = new Set(list.map((volume) => claimOf(volume, place)))
  const volumes = new Map<string, JsonObject>()
  const problems = list.flatMap((volume, index) => {
    const field = `${place.field}.volumes[${index}]`
    const name = stringAt(volume, 'name')
    const claim = stringAt(volume, 'persistentVolumeClaim', 'claimName')
    const own = [
      ...sourceProblems(volume, field, place),
      ...neededInForm(name, `${field}.name`, labelProblems),
      ...(volumes.has(name) ? [duplicate(`${field}.name`, name)] : []),
    ]
    if (own.length === 0) volumes.set(name, volume)
    const text = 'must not reference a PVC that gets created for an ephemeral volume'
    const at = `${field}.persistentVolumeClaim.claimName`
    return claim !== '' && made.has(claim) ? [...own, invalid(at, claim, text)] : own
  })
  return { volumes, problems }
}
