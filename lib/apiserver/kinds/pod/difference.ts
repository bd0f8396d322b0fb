/**
 * What differs between two texts, line by line, as a unified diff: the matching of Python's difflib, which the real server's
 * texts are made with.
 */

/** Runs of equal lines: where they begin in both texts, and how long they are. */
interface Match {
  readonly a: number
  readonly b: number
  readonly size: number
}

interface Hunk {
  /** First and behind the last line in both texts. */
  readonly a: [number, number]
  readonly b: [number, number]
  readonly isEqual: boolean
}

/** Beyond so many lines, those that are more than a hundredth of a text say little and are not matched by. */
const POPULAR_FROM = 200
const POPULAR_SHARE = 100
const CONTEXT = 3

/** Empty where nothing differs. Each line ends in a newline. */
export const unifiedDiff = (before: string, after: string): string => {
  const a = before.split('\n').map((line) => `${line}\n`)
  const b = after.split('\n').map((line) => `${line}\n`)
  return groups(hunks(a, b))
    .map((group) => groupText(group, a, b))
    .join('')
}

const groupText = (group: Hunk[], a: string[], b: string[]): string => {
  const first = group[0]
  const last = group.at(-1)
  if (!first || !last) return ''
  const body = group.flatMap((hunk) =>
    hunk.isEqual
      ? a.slice(...hunk.a).map((line) => ` ${line}`)
      : [...a.slice(...hunk.a).map((line) => `-${line}`), ...b.slice(...hunk.b).map((line) => `+${line}`)],
  )
  const head = `@@ -${range(first.a[0], last.a[1])} +${range(first.b[0], last.b[1])} @@\n`
  return head + body.join('')
}

const range = (from: number, to: number): string => {
  const length = to - from
  if (length === 1) return `${from + 1}`
  return `${length === 0 ? from : from + 1},${length}`
}

/** Changes with some lines around them; those that are near each other stand together. */
const groups = (all: Hunk[]): Hunk[][] => {
  if (!all.some((hunk) => !hunk.isEqual)) return []
  const result: Hunk[][] = []
  let group: Hunk[] = []
  for (const [index, hunk] of all.entries()) {
    const length = hunk.a[1] - hunk.a[0]
    const isEdge = index === 0 || index === all.length - 1
    if (!hunk.isEqual || (!isEdge && length <= CONTEXT * 2)) {
      group.push(hunk)
      continue
    }
    if (index > 0) {
      group.push(head(hunk))
      result.push(group)
    }
    group = index === all.length - 1 ? [] : [tail(hunk)]
  }
  return group.some((hunk) => !hunk.isEqual) ? [...result, group] : result
}

const head = ({ a, b }: Hunk): Hunk => {
  const size = Math.min(CONTEXT, a[1] - a[0])
  return { a: [a[0], a[0] + size], b: [b[0], b[0] + size], isEqual: true }
}

const tail = ({ a, b }: Hunk): Hunk => {
  const size = Math.min(CONTEXT, a[1] - a[0])
  return { a: [a[1] - size, a[1]], b: [b[1] - size, b[1]], isEqual: true }
}

const hunks = (a: string[], b: string[]): Hunk[] => {
  const result: Hunk[] = []
  let atA = 0
  let atB = 0
  for (const match of [...matches(a, b), { a: a.length, b: b.length, size: 0 }]) {
    if (atA < match.a || atB < match.b) result.push({ a: [atA, match.a], b: [atB, match.b], isEqual: false })
    atA = match.a + match.size
    atB = match.b + match.size
    if (match.size > 0) result.push({ a: [match.a, atA], b: [match.b, atB], isEqual: true })
  }
  return result
}

/** The longest common run first, then the same on both sides of it; neighbours become one. */
const matches = (a: string[], b: string[]): Match[] => {
  const places = placesOf(b)
  const found: Match[] = []
  const rest: [number, number, number, number][] = [[0, a.length, 0, b.length]]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [lowA, highA, lowB, highB] = next
    const match = longest(a, b, places, next)
    if (match.size === 0) continue
    found.push(match)
    if (lowA < match.a && lowB < match.b) rest.push([lowA, match.a, lowB, match.b])
    if (match.a + match.size < highA && match.b + match.size < highB)
      rest.push([match.a + match.size, highA, match.b + match.size, highB])
  }
  return joined(found.sort((one, other) => one.a - other.a))
}

const joined = (sorted: Match[]): Match[] => {
  const result: Match[] = []
  for (const match of sorted) {
    const last = result.at(-1)
    if (last && last.a + last.size === match.a && last.b + last.size === match.b)
      result[result.length - 1] = { ...last, size: last.size + match.size }
    else result.push(match)
  }
  return result
}

const placesOf = (lines: string[]): Map<string, number[]> => {
  const places = new Map<string, number[]>()
  for (const [index, line] of lines.entries()) {
    const known = places.get(line)
    if (known) known.push(index)
    else places.set(line, [index])
  }
  if (lines.length < POPULAR_FROM) return places
  const most = Math.floor(lines.length / POPULAR_SHARE) + 1
  for (const [line, at] of places) if (at.length > most) places.delete(line)
  return places
}

const longest = (
  a: string[],
  b: string[],
  places: Map<string, number[]>,
  [lowA, highA, lowB, highB]: [number, number, number, number],
): Match => {
  let best: Match = { a: lowA, b: lowB, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = lowA; i < highA; i++) {
    const next = new Map<number, number>()
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < lowB) continue
      if (j >= highB) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  return widened(best, a, b, [lowA, highA, lowB, highB])
}

/** Lines that were too popular to match by belong to the run that they stand next to. */
const widened = (
  match: Match,
  a: string[],
  b: string[],
  [lowA, highA, lowB, highB]: [number, number, number, number],
): Match => {
  let { a: fromA, b: fromB, size } = match
  while (fromA > lowA && fromB > lowB && a[fromA - 1] === b[fromB - 1]) {
    fromA--
    fromB--
    size++
  }
  while (fromA + size < highA && fromB + size < highB && a[fromA + size] === b[fromB + size]) size++
  return { a: fromA, b: fromB, size }
}
