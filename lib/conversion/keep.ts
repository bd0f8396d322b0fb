/**
 * What a version cannot hold, kept beside the object: the differences that a round trip would make, each with the value that
 * the round trip yields, so that it is put back only where nobody has changed it since.
 */
import { isObject, isSame, type Plain } from '../json.ts'

/** A value that was lost at a path; `seen` is what a way back yields in its place. Absent means: no such field. */
export interface Lost {
  readonly path: readonly string[]
  readonly value?: unknown
  readonly seen?: unknown
}

/** What differs between an object and what comes back of it. Lists are kept whole: an index means nothing later. */
export function lostBetween(original: unknown, returned: unknown, path: readonly string[] = []): Lost[] {
  if (isSame(original, returned)) return []
  if (!isObject(original) || !isObject(returned))
    return [
      {
        path,
        ...(original !== undefined && { value: original }),
        ...(returned !== undefined && { seen: returned }),
      },
    ]
  const names = new Set([...Object.keys(original), ...Object.keys(returned)])
  return [...names].flatMap((name) =>
    lostBetween(fieldOf(original, name), fieldOf(returned, name), [...path, name]),
  )
}

const fieldOf = (object: Plain, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** Puts back what nobody has changed. The object is not touched. */
export const restored = (object: unknown, lost: readonly Lost[]): unknown =>
  lost.reduce((at, { path, value, seen }) => withField(at, path, value, seen), object)

function withField(object: unknown, path: readonly string[], value: unknown, seen: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return isSame(object, seen) ? value : object
  // What holds the field is gone: somebody has changed it.
  if (!isObject(object)) return object
  const current = fieldOf(object, name)
  const next = withField(current, rest, value, seen)
  if (next === current) return object
  const { [name]: _old, ...others } = object
  return next === undefined ? others : { ...others, [name]: next }
}
