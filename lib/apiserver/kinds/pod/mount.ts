/**
 * How containers reach volumes: as files, and as block devices.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../../schema/equal.ts'
import { forbidden, invalid, required } from '../../schema/problem.ts'
import { each, notFound, oneOf, textAt } from '../rules.ts'
import { descending, withoutBacksteps } from './paths.ts'

/** The volumes of a pod that are in order, by name. */
export type Volumes = ReadonlyMap<string, JsonObject>

/** What is wrong with `volumeMounts` and `volumeDevices` of a container. */
export const mountsProblems = (container: JsonObject, field: string, volumes: Volumes): Problem[] => {
  const mounts = listAt(container, 'volumeMounts').filter(isObject)
  const devices = listAt(container, 'volumeDevices').filter(isObject)
  return [
    ...mountProblems(container, `${field}.volumeMounts`, volumes, devices),
    ...deviceProblems(devices, `${field}.volumeDevices`, volumes, mounts),
  ]
}

const mountProblems = (
  container: JsonObject,
  field: string,
  volumes: Volumes,
  devices: JsonObject[],
): Problem[] => {
  const paths = new Set<string>()
  return each(listAt(container, 'volumeMounts'), field, (mount, at) => {
    const name = stringAt(mount, 'name')
    const path = stringAt(mount, 'mountPath')
    const say = (holds: boolean, member: string, value: string, text: string): Problem[] =>
      holds ? [invalid(`${at}.${member}`, value, text)] : []
    const problems = [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(volumes.has(name) ? [] : [notFound(`${at}.name`, name)]),
      ...(path === '' ? [required(`${at}.mountPath`)] : []),
      ...say(paths.has(path), 'mountPath', path, 'must be unique'),
      ...say(named(devices, name), 'name', name, 'must not already exist in volumeDevices'),
      ...say(
        devices.some((one) => stringAt(one, 'devicePath') === path),
        'mountPath',
        path,
        'must not already exist as a path in volumeDevices',
      ),
      ...subPathProblems(mount, at, field),
      ...propagationProblems(mount, container, `${field}.mountPropagation`),
      ...recursiveProblems(mount, `${field}.recursiveReadOnly`),
    ]
    paths.add(path)
    return problems
  })
}

const named = (list: JsonObject[], name: string): boolean =>
  list.some((one) => stringAt(one, 'name') === name)

/** The real server names the list here, not the mount. */
const subPathProblems = (mount: JsonObject, at: string, list: string): Problem[] => {
  const path = stringAt(mount, 'subPath')
  const expression = stringAt(mount, 'subPathExpr')
  return [
    ...descending(path, `${list}.subPath`),
    ...(path !== '' && expression !== ''
      ? [invalid(`${at}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive')]
      : []),
    ...descending(expression, `${list}.subPathExpr`),
  ]
}

const propagationProblems = (mount: JsonObject, container: JsonObject, field: string): Problem[] => {
  const mode = textAt(mount, 'mountPropagation')
  const isPrivileged = objectAt(container, 'securityContext').privileged === true
  const text = 'Bidirectional mount propagation is available only to privileged containers'
  return [
    ...oneOf(mode, field, ['Bidirectional', 'HostToContainer', 'None']),
    ...(mode === 'Bidirectional' && !isPrivileged ? [forbidden(field, text)] : []),
  ]
}

const recursiveProblems = (mount: JsonObject, field: string): Problem[] => {
  const mode = textAt(mount, 'recursiveReadOnly')
  if (mode === undefined || mode === 'Disabled') return []
  if (mode !== 'Enabled' && mode !== 'IfPossible')
    return oneOf(mode, field, ['Disabled', 'Enabled', 'IfPossible'])
  const propagation = textAt(mount, 'mountPropagation') ?? 'None'
  return [
    ...(mount.readOnly === true ? [] : [forbidden(field, 'may only be specified when readOnly is true')]),
    ...(propagation === 'None'
      ? []
      : [forbidden(field, 'may only be specified when mountPropagation is None or not specified')]),
  ]
}

const deviceProblems = (
  devices: JsonObject[],
  field: string,
  volumes: Volumes,
  mounts: JsonObject[],
): Problem[] => {
  const paths = new Set<string>()
  const names = new Set<string>()
  return each(devices, field, (device, at) => {
    const name = stringAt(device, 'name')
    const path = stringAt(device, 'devicePath')
    const climbs = withoutBacksteps(path, at).length > 0
    const say = (holds: boolean, member: string, value: string, text: string): Problem[] =>
      holds ? [invalid(`${at}.${member}`, value, text)] : []
    const problems = [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...say(names.has(name), 'name', name, 'must be unique'),
      ...sourceProblems(volumes.get(name), name, `${at}.name`),
      ...(path === '' ? [required(`${at}.devicePath`)] : []),
      ...say(paths.has(path), 'devicePath', path, 'must be unique'),
      ...say(climbs, 'devicePath', path, "can not contain backsteps ('..')"),
      ...say(named(mounts, name), 'name', name, 'must not already exist in volumeMounts'),
      ...say(
        mounts.some((one) => stringAt(one, 'mountPath') === path),
        'devicePath',
        path,
        'must not already exist as a path in volumeMounts',
      ),
    ]
    if (!climbs) paths.add(path)
    if (name !== '') names.add(name)
    return problems
  })
}

const sourceProblems = (volume: JsonObject | undefined, name: string, field: string): Problem[] => {
  if (volume === undefined) return [notFound(field, name)]
  if ('persistentVolumeClaim' in volume || 'ephemeral' in volume) return []
  const text = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
  return [invalid(field, name, text)]
}
