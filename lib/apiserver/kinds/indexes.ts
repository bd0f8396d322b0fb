/**
 * Sets of indexes of Jobs as text: `0,2-4`.
 */

interface Interval {
  readonly from: number
  readonly to: number
}

/** How many indexes a text names; a text of its own where it cannot be read. `completions` is how many there are. */
export const countIndexes = (text: string, completions: number): number | string => {
  let total = 0
  let last: number | undefined
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = intervalOf(part, completions)
    if (typeof interval === 'string') return interval
    if (last !== undefined && last >= interval.from)
      return `non-increasing order, previous: ${last}, current: ${interval.from}`
    total += interval.to - interval.from + 1
    last = interval.to
  }
  return total
}

/** The first index that both texts name, where there is one. */
export const overlapAt = (one: string, other: string, completions: number): number | undefined => {
  const [left, right] = [one, other].map((text) =>
    text.split(',').flatMap((part) => {
      const interval = intervalOf(part, completions)
      return typeof interval === 'string' ? [] : [interval]
    }),
  )
  for (const a of left ?? [])
    for (const b of right ?? []) if (a.from <= b.to && b.from <= a.to) return Math.max(a.from, b.from)
  return undefined
}

const intervalOf = (part: string, completions: number): Interval | string => {
  const limits = part.split('-')
  if (limits.length > 2)
    return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`
  const [from, to] = limits.map((text) => indexOf(text, completions))
  if (from === undefined || typeof from === 'string') return from ?? ''
  if (to === undefined) return { from, to: from }
  if (typeof to === 'string') return to
  return from >= to ? `non-increasing order, previous: ${from}, current: ${to}` : { from, to }
}

const indexOf = (text: string, completions: number): number | string => {
  if (!/^[+-]?\d+$/.test(text)) return `cannot convert string to integer for index: ${JSON.stringify(text)}`
  return Number(text) >= completions ? `too large index: ${JSON.stringify(text)}` : Number(text)
}
