/** JSON values, compared. */

export type Plain = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equality of JSON: the order of keys does not count, and a key that is undefined is none. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left))
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isSame(item, right[index]))
    )
  if (!isObject(left) || !isObject(right)) return false
  const names = Object.keys(left).filter((name) => left[name] !== undefined)
  const others = Object.keys(right).filter((name) => right[name] !== undefined)
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]))
  )
}
