/**
 * Objects as Go prints them in texts: the structs that the real server works with have no JSON names, so every field is there
 * under its Go name, in the order of the struct, empty or not.
 *
 * A struct is written as words, one per field: `Name` (a text), `Name#` (a number), `Name!` (a bool), `Name~` (a quantity),
 * `Name?` (a pointer), `Name[]`, `Name{}`; `=json` follows the name where the API calls the field otherwise, `:Struct` says
 * of what the field is, and `+Struct` is a struct whose fields are the struct's own.
 */

import type { Json, JsonObject } from '../../resource.ts'
import { isObject, objectAt } from '../../schema/equal.ts'
import { persistentStructs } from './gopersistent.ts'
import { podStructs } from './gopod.ts'
import { volumeStructs } from './govolume.ts'
import { workloadStructs } from './goworkload.ts'

const structs: Readonly<Record<string, string>> = {
  ...podStructs,
  ...volumeStructs,
  ...persistentStructs,
  ...workloadStructs,
}

/** Types that are the API's own also inside of the server: JSON names, and nothing that is empty. */
const apiStructs: Readonly<Record<string, readonly string[]>> = {
  LabelSelector: ['matchLabels', 'matchExpressions'],
  LabelSelectorRequirement: ['key', 'operator', 'values'],
  ObjectMeta: [
    'name',
    'generateName',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'labels',
    'annotations',
    'ownerReferences',
    'finalizers',
  ],
}

const zeros: Readonly<Record<string, Json>> = { '': '', '#': 0, '!': false, '~': '0' }

const word = /^(\w+?)(?:=(\w+))?([#!~?]|\[\]|\{\})?(?::(\w+))?$/

/** A struct as JSON on one line. Throws on a struct that is not described. */
export const goText = (struct: string, value: Json): string => escaped(JSON.stringify(goValue(struct, value)))

/** The same over several lines, a space for each level. */
export const goLines = (struct: string, value: Json): string =>
  escaped(JSON.stringify(goValue(struct, value), null, 1))

const escaped = (text: string): string =>
  text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

const goValue = (struct: string, given: Json): Json => {
  const value = isObject(given) ? viewOf(struct, given) : {}
  const names = apiStructs[struct]
  if (names) return apiValue(value, names)
  const written = structs[struct]
  if (written === undefined) throw new Error(`kinds: the Go struct ${struct} is not described`)
  const result: JsonObject = {}
  for (const one of written.trim().split(/\s+/)) {
    if (one.startsWith('+'))
      Object.assign(result, goValue(one.slice(1), ownPart(one.slice(1), struct, value)))
    else Object.assign(result, goField(one, value))
  }
  return result
}

/** The metadata of a template is a member in the API and a part of the struct in Go. */
const ownPart = (part: string, struct: string, value: JsonObject): Json =>
  part === 'ObjectMeta' && struct !== 'ObjectMeta' ? objectAt(value, 'metadata') : value

const goField = (one: string, value: JsonObject): JsonObject => {
  const [, name = '', json, kind = '', of] = word.exec(one) ?? []
  const found = value[json ?? `${name[0]?.toLowerCase()}${name.slice(1)}`]
  return { [name]: goMember(found, kind, of) }
}

const goMember = (found: Json | undefined, kind: string, of: string | undefined): Json => {
  const isEmpty = found === undefined || found === null
  if (kind === '{}') return isObject(found) ? sortedMap(found) : null
  if (kind === '[]') {
    if (!Array.isArray(found)) return null
    return of === undefined ? found : found.map((item) => goValue(of, item))
  }
  if (kind === '?') return isEmpty ? null : of === undefined ? found : goValue(of, found)
  if (of !== undefined) return goValue(of, found ?? {})
  return isEmpty ? (zeros[kind] ?? null) : found
}

const sortedMap = (map: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.keys(map)
      .sort()
      .map((key) => [key, map[key] ?? null]),
  )

const apiValue = (value: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(
    names.flatMap((name) => {
      const found = value[name]
      if (found === undefined || found === null) return []
      if (name === 'matchExpressions' && Array.isArray(found))
        return [[name, found.map((item) => goValue('LabelSelectorRequirement', item))]]
      return [[name, isObject(found) ? sortedMap(found) : found]]
    }),
  )

/** Inside of the server the namespaces of the host stand in the security context of a pod. */
const viewOf = (struct: string, value: JsonObject): JsonObject => {
  if (struct !== 'PodSpec') return value
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = value
  const moved = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers }
  const given = Object.entries(moved).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]]))
  return {
    ...value,
    securityContext: { ...objectAt(value, 'securityContext'), ...Object.fromEntries(given) },
  }
}

/** A flat struct as `%+v` prints it. */
export const goFields = (struct: string, value: JsonObject): string => {
  const fields = goValue(struct, value)
  if (!isObject(fields)) return ''
  return `{${Object.entries(fields)
    .map(([name, one]) => `${name}:${String(one)}`)
    .join(' ')}}`
}
