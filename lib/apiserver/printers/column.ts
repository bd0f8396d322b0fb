/**
 * What the columns of built-in kinds are made of. A cell is computed from the object as it is stored, and takes what is
 * absent for the zero value of its Go type: bookmarks of a watch are printed too, and they hold nothing but a version.
 */
import { column, wide } from '../kinds/columns.ts'
import type { Column, Json, JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, stringAt } from '../schema/equal.ts'

/** What a cell shows of an object; `now` is in milliseconds. */
export type Cell = (object: JsonObject, now: number) => Json

/** A column of text. */
export const text = (name: string, description: string, value: Cell): Column =>
  column(name, 'string', value, { description })

/** A column of whole numbers. */
export const whole = (name: string, description: string, value: Cell): Column =>
  column(name, 'integer', value, { description })

/** A column of yes and no. */
export const flag = (name: string, description: string, value: Cell): Column =>
  column(name, 'boolean', value, { description })

/** A column of text that `kubectl get -o wide` adds. */
export const wideText = (name: string, description: string, value: Cell): Column =>
  wide(text(name, description, value))

/** The text at a path; `otherwise` where there is none. */
export const textAt =
  (path: string, otherwise = ''): Cell =>
  (object) =>
    stringAt(object, ...path.split('.')) || otherwise

/** The number at a path, 0 where there is none. */
export const numberIn =
  (path: string): Cell =>
  (object) =>
    numberAt(object, ...path.split('.')) ?? 0

/** How many items a list has. */
export const sizeOf =
  (path: string): Cell =>
  (object) =>
    listAt(object, ...path.split('.')).length

/** The objects in a list. */
export const objectsAt = (object: JsonObject | undefined, path: string): JsonObject[] =>
  listAt(object, ...path.split('.')).filter(isObject)

/** Has the deletion of the object begun? */
export const isDeleting = (object: JsonObject): boolean =>
  stringAt(object, 'metadata', 'deletionTimestamp') !== ''

/** The first few of a list and how many there are beyond them. */
export const firstOf = (all: readonly string[], shown: number, separator = ','): string => {
  const more = all.length > shown ? ` + ${all.length - shown} more...` : ''
  return all.slice(0, shown).join(separator) + more
}
