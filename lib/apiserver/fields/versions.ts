/**
 * Field tracking across versions. Who owns fields of another version is compared in that version; where nothing but the
 * apiVersion differs between versions that is the comparison at hand, where a webhook converts it is made for each.
 */
import { apiVersionOf } from '../../kube.ts'
import type { JsonObject } from '../resource.ts'
import { problemOf } from './check.ts'
import { type Comparison, compare, excluding } from './compare.ts'
import type { FieldSet } from './set.ts'
import { type MergedType, objectSchema } from './shape.ts'

/** Other versions of a type. */
export interface Versions {
  /** Undefined: there is no such version any more. */
  typeOf(apiVersion: string): MergedType | undefined
  /** Throws {@link Unconvertible}; may throw anything else to be called again later. */
  convert(object: JsonObject, apiVersion: string): JsonObject
}

/** An object cannot be had in another version, or is not right there. */
export class Unconvertible extends Error {}

/** Objects without managedFields, and what differs between them in their own version. */
export interface Compared {
  readonly type: MergedType
  readonly old: JsonObject
  readonly next: JsonObject
  readonly changes: Comparison
  readonly hidden: FieldSet
}

/** What differs in the version of a manager; undefined when that version is gone, and with it what it owned. */
export type ChangesIn = (apiVersion: string) => Comparison | undefined

/** Throws what `versions.convert` throws. */
export function changesIn(compared: Compared, versions: Versions | undefined): ChangesIn {
  const { type, changes } = compared
  if (versions === undefined) return () => changes
  const own = apiVersionOf(type)
  const made = new Map<string, Comparison | undefined>([[own, changes]])
  return (apiVersion) => {
    if (!made.has(apiVersion)) made.set(apiVersion, compareIn(compared, versions, apiVersion))
    return made.get(apiVersion)
  }
}

function compareIn(compared: Compared, versions: Versions, apiVersion: string): Comparison | undefined {
  const type = versions.typeOf(apiVersion)
  if (type === undefined) return undefined
  const schema = objectSchema(type)
  const [old, next] = [compared.old, compared.next].map((object) => {
    const converted = versions.convert(object, apiVersion)
    const problem = problemOf(converted, schema)
    if (problem !== undefined) throw new Unconvertible(problem)
    return converted
  })
  return excluding(compare(old, next, schema), compared.hidden)
}
