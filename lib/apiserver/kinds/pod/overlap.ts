/**
 * Files of a volume that would lie in each other's place.
 */

import type { Json, JsonObject } from '../../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../../schema/equal.ts'

interface Source {
  readonly path: string
  /** What the file comes from; empty where the volume has one source. */
  readonly from: string
}

/** What to warn of; these texts name volumes by name. */
export const overlapWarnings = (spec: JsonObject): string[] =>
  listAt(spec, 'volumes')
    .filter(isObject)
    .flatMap((volume) => {
      const name = JSON.stringify(stringAt(volume, 'name'))
      const single = singleSource(volume)
      if (single !== undefined)
        return overlaps(single.files).map(
          (text) => `volume ${name} (${single.described}): overlapping paths: ${text}`,
        )
      const projected = volume.projected
      return isObject(projected) ? projectedWarnings(projected, name) : []
    })

const files = (items: Json[], from: string): Source[] =>
  items.map((item) => ({ path: stringAt(item, 'path'), from }))

const singleSource = (volume: JsonObject): { described: string; files: Source[] } | undefined => {
  const { configMap, secret, downwardAPI } = volume
  if (isObject(configMap))
    return {
      described: `ConfigMap ${JSON.stringify(stringAt(configMap, 'name'))}`,
      files: files(listAt(configMap, 'items'), ''),
    }
  if (isObject(secret))
    return {
      described: `Secret ${JSON.stringify(stringAt(secret, 'secretName'))}`,
      files: files(listAt(secret, 'items'), ''),
    }
  if (!isObject(downwardAPI)) return undefined
  return { described: 'DownwardAPI', files: files(listAt(downwardAPI, 'items'), '') }
}

const projectedWarnings = (projected: JsonObject, name: string): string[] => {
  const sources = listAt(projected, 'sources').filter(isObject)
  const empty = sources.filter((source) => Object.keys(source).length === 0)
  return [
    ...empty.map(() => `volume ${name} (Projected) has no sources provided`),
    ...overlaps(sources.flatMap(partFiles)).map(
      (text) => `volume ${name} (Projected): overlapping paths: ${text}`,
    ),
  ]
}

const partFiles = (source: JsonObject): Source[] => {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  if (isObject(configMap))
    return files(listAt(configMap, 'items'), `ConfigMap ${JSON.stringify(stringAt(configMap, 'name'))}`)
  if (isObject(secret))
    return files(listAt(secret, 'items'), `Secret ${JSON.stringify(stringAt(secret, 'name'))}`)
  if (isObject(downwardAPI)) return files(listAt(downwardAPI, 'items'), 'DownwardAPI')
  if (!isObject(serviceAccountToken)) return []
  return [{ path: stringAt(objectAt(source, 'serviceAccountToken'), 'path'), from: 'ServiceAccountToken' }]
}

const overlaps = (given: Source[]): string[] => {
  const trimmed = given.map(({ path, from }) => ({ path: path.replace(/\/+$/, ''), from }))
  return trimmed.flatMap((one, index) =>
    trimmed
      .slice(0, index)
      .filter((other) => one.path !== '' && other.path !== '' && isWithin(one.path, other.path))
      .map((other) => `${shown(one)} with ${shown(other)}`),
  )
}

const isWithin = (one: string, other: string): boolean =>
  `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`)

const shown = ({ path, from }: Source): string =>
  from === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${from})`
