/**
 * Volumes that come from outside of the cluster, most of them from drivers that are gone.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { labelProblems } from '../../schema/names.ts'
import { invalid, notSupported, required } from '../../schema/problem.ts'
import { between, formedIfAny, needed, neededInForm, oneOf, textAt } from '../rules.ts'

/** What is wrong with a source at a field. */
export type Source = (value: JsonObject, field: string) => Problem[]

const needs =
  (...names: string[]): Source =>
  (value, field) =>
    needed(value, field, ...names)

const neededList = (value: JsonObject, field: string, name: string): Problem[] =>
  listAt(value, name).length === 0 ? [required(`${field}.${name}`)] : []

/** A secret that is referred to has a name. */
const namedSecret: Source = (value, field) =>
  isObject(value.secretRef) ? needed(objectAt(value, 'secretRef'), `${field}.secretRef`, 'name') : []

const MAX_BYTE = 255

/** What the text says is not what is checked: 0 is allowed. */
const partition: Source = (value, field) =>
  between(numberAt(value, 'partition'), `${field}.partition`, 0, MAX_BYTE, 1)

/** The forms of iSCSI names, by how they begin. */
export const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
}

const initiatorProblems = (value: string, field: string): Problem[] => {
  const form = initiators[value.slice(0, 3)]
  if (!form) return [invalid(field, value, 'must be valid format starting with iqn, eui, or naa')]
  return form.test(value) ? [] : [invalid(field, value, 'must be valid format')]
}

const iscsi: Source = (value, field) => {
  const iqn = stringAt(value, 'iqn')
  const initiator = textAt(value, 'initiatorName')
  const isSecret = value.chapAuthDiscovery === true || value.chapAuthSession === true
  return [
    ...needed(value, field, 'targetPortal', 'iqn'),
    ...(iqn === '' ? [] : initiatorProblems(iqn, `${field}.iqn`)),
    ...between(numberAt(value, 'lun'), `${field}.lun`, 0, MAX_BYTE),
    ...(isSecret && !isObject(value.secretRef) ? [required(`${field}.secretRef`)] : []),
    ...(initiator === undefined ? [] : initiatorProblems(initiator, `${field}.initiatorname`)),
  ]
}

const fc: Source = (value, field) => {
  const names = listAt(value, 'targetWWNs')
  const ids = listAt(value, 'wwids')
  const lun = numberAt(value, 'lun')
  const at = `${field}.targetWWNs`
  return [
    ...(names.length === 0 && ids.length === 0
      ? [required(at, 'must specify either targetWWNs or wwids, but not both')]
      : []),
    ...(names.length > 0 && ids.length > 0
      ? [invalid(at, names, 'targetWWNs and wwids can not be specified simultaneously')]
      : []),
    ...(names.length > 0 && lun === undefined
      ? [required(`${field}.lun`, 'lun is required if targetWWNs is specified')]
      : []),
    ...(names.length > 0 ? between(lun, `${field}.lun`, 0, MAX_BYTE) : []),
  ]
}

const flocker: Source = (value, field) => {
  const name = stringAt(value, 'datasetName')
  const id = stringAt(value, 'datasetUUID')
  return [
    ...(name === '' && id === '' ? [required(field, 'one of datasetName and datasetUUID is required')] : []),
    ...(name !== '' && id !== ''
      ? [invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')]
      : []),
    ...(name.includes('/') ? [invalid(`${field}.datasetName`, name, "must not contain '/'")] : []),
  ]
}

const flexVolume: Source = (value, field) => [
  ...needed(value, field, 'driver'),
  ...Object.keys(objectAt(value, 'options'))
    .filter((key) => /\.(kubernetes|k8s)\.io$/.test(`.${(key.split('/')[0] ?? '').toLowerCase()}`))
    .map((key) =>
      invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'),
    ),
]

const MAX_TENANT = 64

const quobyte: Source = (value, field) => {
  const registry = stringAt(value, 'registry')
  const pairs = 'must be a host:port pair or multiple pairs separated by commas'
  const volume = needed(value, field, 'volume')
  if (registry === '') return [required(`${field}.registry`, pairs), ...volume]
  if (stringAt(value, 'tenant').length > MAX_TENANT)
    return [
      required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'),
      ...volume,
    ]
  const wrong = registry.split(',').filter((pair) => !/^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair))
  return [...wrong.map(() => invalid(`${field}.registry`, registry, pairs)), ...volume]
}

const diskKinds = ['Dedicated', 'Managed', 'Shared']
const managedUri =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobUri = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

const azureDisk: Source = (value, field) => {
  const kind = textAt(value, 'kind')
  const uri = stringAt(value, 'diskURI')
  const isManaged = kind === 'Managed'
  const fits = kind === undefined || uri.startsWith(isManaged ? '/subscriptions/' : 'https://')
  return [
    ...needed(value, field, 'diskName', 'diskURI'),
    ...oneOf(textAt(value, 'cachingMode'), `${field}.cachingMode`, ['None', 'ReadOnly', 'ReadWrite']),
    ...oneOf(kind, `${field}.kind`, diskKinds),
    ...(fits ? [] : [notSupported(`${field}.diskURI`, uri, [isManaged ? managedUri : blobUri])]),
  ]
}

const storageos: Source = (value, field) => [
  ...neededInForm(stringAt(value, 'volumeName'), `${field}.volumeName`, labelProblems),
  ...formedIfAny(stringAt(value, 'volumeNamespace'), `${field}.volumeNamespace`, labelProblems),
  ...namedSecret(value, field),
]

const nfs: Source = (value, field) => {
  const path = stringAt(value, 'path')
  return [
    ...needed(value, field, 'server', 'path'),
    ...(path.startsWith('/') ? [] : [invalid(`${field}.path`, path, 'must be an absolute path')]),
  ]
}

/** What is wrong with each of the sources. */
export const networkSources: Readonly<Record<string, Source>> = {
  nfs,
  iscsi,
  fc,
  flocker,
  flexVolume,
  quobyte,
  azureDisk,
  storageos,
  gcePersistentDisk: (value, field) => [...needed(value, field, 'pdName'), ...partition(value, field)],
  awsElasticBlockStore: (value, field) => [...needed(value, field, 'volumeID'), ...partition(value, field)],
  glusterfs: needs('endpoints', 'path'),
  rbd: (value, field) => [...neededList(value, field, 'monitors'), ...needed(value, field, 'image')],
  cephfs: (value, field) => neededList(value, field, 'monitors'),
  cinder: (value, field) => [...needed(value, field, 'volumeID'), ...namedSecret(value, field)],
  azureFile: needs('secretName', 'shareName'),
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  scaleIO: needs('gateway', 'system', 'volumeName'),
}
