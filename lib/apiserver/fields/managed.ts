/**
 * Tracks a create or an update (PUT and all patches but apply) in `metadata.managedFields`: the fields that it adds or changes
 * become its manager's, those that it removes become nobody's. An object whose managers were reset stays untracked until the
 * first apply. What goes out is the new object; it is not stored here.
 */
import { apiVersionOf } from '../../kube.ts'
import type { Json, JsonObject, Schema } from '../resource.ts'
import { compare, excluding } from './compare.ts'
import { fitManagers } from './fit.ts'
import { isEqual, isObject } from './json.ts'
import type { Manager, Managers } from './managers.ts'
import {
  capManagers,
  entriesOf,
  identityOf,
  readManagers,
  withManagers,
  withoutManagers,
} from './managers.ts'
import { difference, union } from './set.ts'
import type { MergedType } from './shape.ts'
import { blank, objectSchema } from './shape.ts'
import { contested, outOfReach, takeOver, UNOWNED } from './takeover.ts'
import { changesIn, Unconvertible, type Versions } from './versions.ts'

/** An update to track. */
export interface Update {
  /** The stored object in this version; undefined for a create. */
  readonly before: JsonObject | undefined
  /** The object as the request leaves it, before anything that the server itself adds. */
  readonly after: JsonObject
  readonly type: MergedType
  readonly manager: string
  readonly subresource?: string | undefined
  /** RFC 3339 in whole seconds. */
  readonly now: string
  /** Where versions differ in more than their name. */
  readonly versions?: Versions | undefined
}

/**
 * The new object with its managedFields brought up to date. Valid managedFields in `after` are taken as they are (a client
 * may edit them), `[]` and `[{}]` clear them, anything else leaves those of `before`; through a subresource they always stay.
 * Changes nothing in its arguments; throws nothing but what `versions.convert` throws.
 */
export function trackUpdate(update: Update): JsonObject {
  const managers = startingManagers(update)
  fitManagers(managers, update.type, update.versions)
  const after = withoutManagers(update.after)
  if (managers.size === 0 && update.before !== undefined) return after
  try {
    recordUpdate(managers, update)
  } catch (error) {
    if (!(error instanceof Unconvertible)) throw error
    // The real server gives up the record rather than the write (FieldManager.UpdateNoErrors).
    return after
  }
  return withManagers(after, managers)
}

/**
 * `after`, or `before` when nothing but times in managedFields differs: such a write is not one.
 * (k8s.io/apiserver, fieldmanager.IgnoreManagedFieldsTimestampsTransformer.)
 */
export function ignoreTimes(before: JsonObject, after: JsonObject): JsonObject {
  const isSame =
    isEqual(timeless(entriesOf(before)), timeless(entriesOf(after))) &&
    isEqual(withoutManagers(before), withoutManagers(after))
  return isSame ? before : after
}

function timeless(entries: Json | undefined): Json | undefined {
  if (!Array.isArray(entries)) return entries
  const rest = entries.map((entry) => (isObject(entry) ? { ...entry, time: null } : entry))
  // The order depends on times.
  return rest.sort((a, b) => (identityText(a) < identityText(b) ? -1 : 1))
}

const identityText = (entry: Json): string =>
  isObject(entry) ? JSON.stringify([entry.manager, entry.operation, entry.apiVersion, entry.subresource]) : ''

function startingManagers({ before, after, subresource }: Update): Managers {
  if (subresource !== undefined && subresource !== '') return managersOf(before) ?? new Map()
  if (isReset(entriesOf(after))) return new Map()
  const given = managersOf(after)
  return given !== undefined && given.size > 0 ? given : (managersOf(before) ?? new Map())
}

/** Undefined when the entries are not valid. */
function managersOf(object: JsonObject | undefined): Managers | undefined {
  try {
    return readManagers(object)
  } catch (error) {
    // What a client wrote into managedFields must not make its update fail.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isReset = (entries: Json | undefined): boolean =>
  Array.isArray(entries) &&
  (entries.length === 0 ||
    (entries.length === 1 && isObject(entries[0]) && Object.keys(entries[0]).length === 0))

/** Gives what changed between `before` and `after` to the manager, in place. */
export function recordUpdate(managers: Managers, update: Update): void {
  const { type, before, after, manager, now } = update
  const subresource = update.subresource ?? ''
  const schema = objectSchema(type)
  const old = before === undefined ? fresh(type, schema) : withoutManagers(before)
  const hidden = outOfReach(type, subresource)
  const next = withoutManagers(after)
  const changes = excluding(compare(old, next, schema), hidden)
  const inVersion = changesIn({ type, old, next, changes, hidden }, update.versions)
  const self: Omit<Manager, 'time' | 'set'> = {
    manager: manager === '' ? 'unknown' : manager,
    operation: 'Update',
    apiVersion: apiVersionOf(type),
    subresource,
  }
  const identity = identityOf(self)
  takeOver(managers, contested(managers, inVersion, ''), inVersion, '')
  const gained = difference(union(changes.modified, changes.added), UNOWNED)
  if (gained.size > 0) {
    const previous = managers.get(identity)
    managers.set(identity, {
      ...self,
      // The real server moves scale's entries between two objects and loses their time on the way.
      time: subresource === 'scale' ? previous?.time : now,
      set: previous === undefined ? gained : union(gained, previous.set),
    })
  }
  capManagers(managers)
}

/** What a create starts from: custom kinds from nothing, built-in ones from the zero value of their Go type. */
const fresh = (type: MergedType, schema: Schema): JsonObject => (type.custom ? {} : blank(schema))
