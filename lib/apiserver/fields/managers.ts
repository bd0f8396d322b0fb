/**
 * `metadata.managedFields` as something to work with: a map from a manager's identity to what it owns, read and written in
 * the API's form. An identity is manager, operation and subresource, for updates also the version, so one name may be in it
 * several times (k8s.io/apimachinery/pkg/util/managedfields).
 */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, member, objectAt } from './json.ts'
import type { FieldSet } from './set.ts'
import { fromFields, toFields, unionOf } from './set.ts'

export type Operation = 'Apply' | 'Update'

/** One manager and what it owns. */
export interface Manager {
  readonly manager: string
  readonly operation: Operation
  readonly apiVersion: string
  readonly subresource: string
  /** When it last changed something; absent for one that only ever agreed with what was there. */
  readonly time: string | undefined
  readonly set: FieldSet
}

/** By identity (see `identityOf`). */
export type Managers = Map<string, Manager>

/** Update managers beyond this many are merged, the oldest first (DefaultMaxUpdateManagers). */
const MAX_UPDATE_MANAGERS = 10

/** The key of a manager, in the spelling by which the real server sorts conflicts: JSON without what is empty. */
export function identityOf({
  manager,
  operation,
  apiVersion,
  subresource,
}: Omit<Manager, 'time' | 'set'>): string {
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  })
}

/** The entries of an object. Throws SyntaxError with the real server's text when one is not valid. */
export function readManagers(object: JsonObject | undefined): Managers {
  const managers: Managers = new Map()
  const entries = object === undefined ? undefined : entriesOf(object)
  if (entries === undefined || entries === null) return managers
  if (!Array.isArray(entries)) throw new SyntaxError('managedFields must be a list')
  for (const [at, entry] of entries.entries()) {
    const manager = readManager(isObject(entry) ? entry : {}, at)
    managers.set(identityOf(manager), manager)
  }
  return managers
}

/** `metadata.managedFields` as it stands. */
export const entriesOf = (object: JsonObject): Json | undefined =>
  member(objectAt(object, 'metadata') ?? {}, 'managedFields')

function readManager(entry: JsonObject, at: number): Manager {
  const operation = text(entry, 'operation')
  if (operation !== 'Apply' && operation !== 'Update')
    throw new SyntaxError('operation must be `Apply` or `Update`')
  const apiVersion = text(entry, 'apiVersion')
  if (apiVersion === '') throw new SyntaxError('apiVersion must not be empty')
  const fieldsType = text(entry, 'fieldsType')
  if (fieldsType === '') throw new SyntaxError(`missing fieldsType in managed fields entry ${at}`)
  if (fieldsType !== 'FieldsV1')
    throw new SyntaxError(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${at}`)
  return {
    manager: text(entry, 'manager'),
    operation,
    apiVersion,
    subresource: text(entry, 'subresource'),
    time: text(entry, 'time') || undefined,
    set: fromFields(objectAt(entry, 'fieldsV1') ?? {}),
  }
}

function text(entry: JsonObject, key: string): string {
  const value = member(entry, key)
  return typeof value === 'string' ? value : ''
}

/** The object with these managers as its `metadata.managedFields`; without the list when there are none. */
export function withManagers(object: JsonObject, managers: Managers): JsonObject {
  const metadata = { ...objectAt(object, 'metadata') }
  if (managers.size > 0) metadata.managedFields = [...managers.values()].sort(inOrder).map(write)
  else delete metadata.managedFields
  return { ...object, metadata }
}

/** The object as field tracking looks at it. */
export function withoutManagers(object: JsonObject): JsonObject {
  if (entriesOf(object) === undefined) return object
  const { managedFields: _, ...metadata } = objectAt(object, 'metadata') ?? {}
  return { ...object, metadata }
}

const write = ({ manager, operation, apiVersion, subresource, time, set }: Manager): JsonObject => ({
  ...(manager === '' ? {} : { manager }),
  operation,
  apiVersion,
  ...(time === undefined ? {} : { time }),
  fieldsType: 'FieldsV1',
  fieldsV1: toFields(set),
  ...(subresource === '' ? {} : { subresource }),
})

/** Appliers first, then by second, then by name. */
const inOrder = (a: Manager, b: Manager): number =>
  byText(a.operation, b.operation) ||
  secondsOf(a) - secondsOf(b) ||
  byText(a.manager, b.manager) ||
  byText(a.apiVersion, b.apiVersion) ||
  byText(a.subresource, b.subresource)

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

const secondsOf = ({ time }: Manager): number =>
  time === undefined ? 0 : Math.floor(Date.parse(time) / 1000)

/**
 * Merges the oldest update managers of each version into one called `ancient-changes` until there are few enough; the merged
 * entry has the time of the youngest in it.
 */
export function capManagers(managers: Managers): void {
  const updates = [...managers].filter(([, { operation }]) => operation === 'Update')
  let count = updates.length
  if (count <= MAX_UPDATE_MANAGERS) return
  updates.sort(([a, x], [b, y]) => secondsOf(x) - secondsOf(y) || byText(a, b))
  const first = new Map<string, string>()
  const buckets = new Map<string, { manager: Manager; sets: FieldSet[] }>()
  for (const [identity, entry] of updates) {
    if (count <= MAX_UPDATE_MANAGERS) break
    const older = first.get(entry.apiVersion)
    if (older === undefined) {
      first.set(entry.apiVersion, identity)
      continue
    }
    const manager: Manager = { ...entry, manager: 'ancient-changes', subresource: '' }
    const key = identityOf(manager)
    const merged = managers.get(key) ?? managers.get(older)
    if (!managers.has(key)) managers.delete(older)
    managers.delete(identity)
    managers.set(key, manager)
    const sets = buckets.get(key)?.sets ?? (merged === undefined ? [] : [merged.set])
    sets.push(entry.set)
    buckets.set(key, { manager, sets })
    count--
  }
  for (const [key, { manager, sets }] of buckets) managers.set(key, { ...manager, set: unionOf(sets) })
}
