/**
 * What a PersistentVolume must be: how much there is of it, how it may be used, and where it comes from, which is one source
 * in order.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelProblems, subdomainProblems } from '../schema/names.ts'
import { forbidden, invalid, notSupported, required } from '../schema/problem.ts'
import { wholeProblems } from './claimchanges.ts'
import { modesProblems, volumeModes } from './claimrules.ts'
import { nodeSelectorProblems } from './pod/affinity.ts'
import { initiators, networkSources, type Source } from './pod/network.ts'
import { withoutBacksteps } from './pod/paths.ts'
import { driverProblems, hostPathProblems } from './pod/volume.ts'
import { amountOf, canonical } from './quantity.ts'
import { between, formedIfAny, needed, neededInForm, oneOf, textAt, whenGiven } from './rules.ts'

/** What is wrong with the spec of a volume of that name. */
export const volumeProblems = (spec: JsonObject, name: string): Problem[] => [
  ...(listAt(spec, 'accessModes').length === 0 ? [required('spec.accessModes')] : []),
  ...modesProblems(listAt(spec, 'accessModes').map(String), 'spec.accessModes'),
  ...capacityProblems(spec, 'spec.capacity'),
  ...reclaimProblems(spec),
  ...whenGiven(spec.nodeAffinity, affinityProblems),
  ...sourcesProblems(spec, name),
  ...recycleProblems(spec),
  ...formedIfAny(stringAt(spec, 'storageClassName'), 'spec.storageClassName', subdomainProblems),
  ...oneOf(textAt(spec, 'volumeMode'), 'spec.volumeMode', volumeModes),
  ...attributesProblems(spec),
]

const capacityProblems = (spec: JsonObject, field: string): Problem[] => {
  const amounts = objectAt(spec, 'capacity')
  const names = Object.keys(amounts)
  return [
    ...(names.length === 0 ? [required(field)] : []),
    ...(names.length === 1 && names[0] === 'storage'
      ? []
      : [notSupported(field, spec.capacity ?? null, ['storage'])]),
    ...Object.entries(amounts).flatMap(([name, amount]) => [
      ...wholeProblems(amount, `${field}[${name}]`),
      ...((amountOf(amount) ?? 0) > 0
        ? []
        : [invalid(`${field}[${name}]`, String(canonical(amount)), 'must be greater than zero')]),
    ]),
  ]
}

const reclaimProblems = (spec: JsonObject): Problem[] => {
  const policy = stringAt(spec, 'persistentVolumeReclaimPolicy')
  if (policy === '') return []
  return oneOf(policy, 'spec.persistentVolumeReclaimPolicy', ['Delete', 'Recycle', 'Retain'])
}

const affinityProblems = (affinity: JsonObject): Problem[] => {
  const field = 'spec.nodeAffinity.required'
  return isObject(affinity.required)
    ? nodeSelectorProblems(affinity.required, field)
    : [required(field, 'must specify required node constraints')]
}

/** A secret that is referred to says where it is. */
const placedSecret: Source = (value, field) =>
  whenGiven(value.secretRef, (secret) => needed(secret, `${field}.secretRef`, 'name', 'namespace'))

/** Only these secrets of a driver are looked at. */
const driverSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
]

const csi: Source = (value, field) => [
  ...driverProblems(stringAt(value, 'driver'), `${field}.driver`),
  ...needed(value, field, 'volumeHandle'),
  ...driverSecrets.flatMap((name) =>
    whenGiven(value[name], (secret) => [
      ...neededInForm(stringAt(secret, 'name'), `${field}.${name}.name`, subdomainProblems),
      ...neededInForm(stringAt(secret, 'namespace'), `${field}.${name}.namespace`, labelProblems),
    ]),
  ),
]

const initiatorProblems = (value: string, field: string): Problem[] =>
  initiators[value.slice(0, 3)]?.test(value) ? [] : [invalid(field, value, 'must be valid format')]

const MAX_LUN = 255

const iscsi: Source = (value, field) => {
  const iqn = stringAt(value, 'iqn')
  const initiator = textAt(value, 'initiatorName')
  const isSecret = value.chapAuthDiscovery === true || value.chapAuthSession === true
  return [
    ...(iqn === '' ? [required(`${field}.iqn`)] : initiatorProblems(iqn, `${field}.iqn`)),
    ...between(numberAt(value, 'lun'), `${field}.lun`, 0, MAX_LUN),
    ...(isSecret && !isObject(value.secretRef) ? [required(`${field}.secretRef`)] : []),
    ...whenGiven(value.secretRef, (secret) => needed(secret, `${field}.secretRef`, 'name')),
    ...(initiator === undefined ? [] : initiatorProblems(initiator, `${field}.initiatorname`)),
  ]
}

const MAX_PORTAL_NAME = 64

/** The portal of an iSCSI volume; with the name of the volume it makes a name that is not too long. */
const portalProblems = (spec: JsonObject, name: string): Problem[] => {
  const value = objectAt(spec, 'iscsi')
  const portal = stringAt(value, 'targetPortal')
  const isLong = value.initiatorName !== undefined && `${name}:${portal}`.length > MAX_PORTAL_NAME
  const text =
    'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
  return [
    ...needed(value, 'spec.iscsi', 'targetPortal'),
    ...(isLong ? [invalid('spec.iscsi.targetportal', portal, text)] : []),
  ]
}

const glusterfs: Source = (value, field) => {
  const namespace = textAt(value, 'endpointsNamespace')
  const at = `${field}.endpointsNamespace`
  const text = 'if the endpointnamespace is set, it must be a valid namespace name'
  return [
    ...needed(value, field, 'endpoints', 'path'),
    ...(namespace === '' ? [invalid(at, namespace, text)] : formedIfAny(namespace ?? '', at, labelProblems)),
  ]
}

/** Sources that a volume says otherwise than a pod. */
const ownSources: Readonly<Record<string, Source>> = {
  hostPath: hostPathProblems,
  glusterfs,
  iscsi,
  cinder: (value, field) => [...needed(value, field, 'volumeID'), ...placedSecret(value, field)],
  azureFile: (value, field) => [
    ...needed(value, field, 'secretName', 'shareName'),
    ...(value.secretNamespace === '' ? [required(`${field}.secretNamespace`)] : []),
  ],
  local: (value, field) => [
    ...needed(value, field, 'path'),
    ...withoutBacksteps(stringAt(value, 'path'), `${field}.path`),
  ],
  storageos: (value, field) => [
    ...neededInForm(stringAt(value, 'volumeName'), `${field}.volumeName`, labelProblems),
    ...formedIfAny(stringAt(value, 'volumeNamespace'), `${field}.volumeNamespace`, labelProblems),
    ...placedSecret(value, field),
  ],
  csi,
}

/** In the order in which the real server looks at them, which decides which of several is one too many. */
export const volumeSources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]

const sourcesProblems = (spec: JsonObject, name: string): Problem[] => {
  const given = volumeSources.filter((source) => isObject(spec[source]))
  if (given.length === 0) return [required('spec', 'must specify a volume type')]
  return given.flatMap((source, index) => {
    // The real server takes this one beside others, when it comes last.
    if (index === 0 || source === 'flexVolume') return sourceProblems(spec, source, name)
    const field = source === 'cephfs' ? 'cephFS' : source
    return [forbidden(`spec.${field}`, 'may not specify more than 1 volume type')]
  })
}

const sourceProblems = (spec: JsonObject, source: string, name: string): Problem[] => {
  // The real server has another word for this one source, when it is in order.
  const field = `spec.${source === 'gcePersistentDisk' ? 'persistentDisk' : source}`
  const look = ownSources[source] ?? networkSources[source]
  return [
    ...(source === 'iscsi' ? portalProblems(spec, name) : []),
    ...(look?.(objectAt(spec, source), field) ?? []),
    ...(source === 'local' && !isObject(spec.nodeAffinity)
      ? [required('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
  ]
}

/** Does a path lead to the root of the node, whatever detours it takes? */
const isRoot = (path: string): boolean => {
  const parts: string[] = []
  for (const part of path.split('/'))
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  return path.startsWith('/') && parts.length === 0
}

const recycleProblems = (spec: JsonObject): Problem[] => {
  const isRecycled = spec.persistentVolumeReclaimPolicy === 'Recycle'
  if (!isRecycled || !isRoot(stringAt(spec, 'hostPath', 'path'))) return []
  const text = "may not be 'recycle' for a hostPath mount of '/'"
  return [forbidden('spec.persistentVolumeReclaimPolicy', text)]
}

const attributesProblems = (spec: JsonObject): Problem[] => {
  const name = textAt(spec, 'volumeAttributesClassName')
  const field = 'spec.volumeAttributesClassName'
  if (name === undefined) return []
  return [
    ...(name === ''
      ? [required(field, 'an empty string is disallowed')]
      : formedIfAny(name, field, subdomainProblems)),
    ...(isObject(spec.csi)
      ? []
      : [required('spec.csi', 'has to be specified when using volumeAttributesClassName')]),
  ]
}
