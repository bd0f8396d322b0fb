/**
 * Takes the JSON paths of printer columns and scale subresources, with the failures of the original: an index beyond a
 * list, or a step into what is none, makes the whole path find nothing.
 */
import { parsePath, type Step } from './jsonpathParse.ts'
import type { Json } from './resource.ts'
import { isObject } from './schema/equal.ts'

/** Everything that the path finds, in order; nothing when it does not parse or fails on the way. */
export function jsonPath(value: Json, path: string): Json[] {
  const steps = parsePath(path)
  return steps === undefined ? [] : (walk([value], steps) ?? [])
}

/** Undefined: the path failed. */
type Found = Json[] | undefined

function walk(values: Json[], steps: readonly Step[]): Found {
  let found: Found = values
  for (const step of steps) {
    found = take(found, step)
    if (found === undefined) return undefined
  }
  return found
}

function take(values: Json[], step: Step): Found {
  switch (step.type) {
    case 'field':
      return values.flatMap((value) =>
        isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name] as Json] : [],
      )
    case 'all':
      return values.flatMap((value) => membersOf(value))
    case 'recursive':
      return values.flatMap(containersIn)
    case 'value':
      return values.map(() => step.value)
    case 'unknown':
      return undefined
    case 'union':
      return joined(step.parts.map((part) => walk(values, part)))
    case 'slice':
      return joined(values.filter((value) => value !== null).map((value) => slice(value, step)))
    case 'filter':
      return joined(values.map((value) => filter(value, step)))
  }
}

const joined = (parts: readonly Found[]): Found =>
  parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? [])

const membersOf = (value: Json): Json[] => {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}

/** Everything that has members, the value itself included. */
const containersIn = (value: Json): Json[] => {
  const members = membersOf(value)
  return members.length === 0 ? [] : [value, ...members.flatMap(containersIn)]
}

function slice(value: Json, given: Extract<Step, { type: 'slice' }>): Found {
  if (!Array.isArray(value)) return undefined
  const { length } = value
  const from = given.from === undefined ? 0 : given.from < 0 ? given.from + length : given.from
  let to = given.to ?? length
  // The end of an index is derived from its beginning: -1 ends at 0, which is the length.
  if (to < 0 || (to === 0 && given.isIndex)) to += length
  if (from === to) return []
  if (from < 0 || from >= length || to < 0 || to > length || from > to) return undefined
  const step = given.step ?? 1
  return step <= 0 ? undefined : value.slice(from, to).filter((_, index) => index % step === 0)
}

function filter(value: Json, { left, operator, right }: Extract<Step, { type: 'filter' }>): Found {
  if (!Array.isArray(value)) return undefined
  const kept: Json[] = []
  for (const item of value) {
    const lefts = walk([item], left)
    if (operator === 'exists') {
      if (lefts !== undefined && lefts.length > 0) kept.push(item)
      continue
    }
    const rights = walk([item], right)
    if (lefts === undefined || rights === undefined || lefts.length > 1 || rights.length > 1) return undefined
    const [one] = lefts
    const [other] = rights
    if (one === undefined || other === undefined) continue
    const passes = compare(one, operator, other)
    if (passes === undefined) return undefined
    if (passes) kept.push(item)
  }
  return kept
}

/** Undefined where the two cannot be compared: other types, or an integer with a fraction. */
function compare(left: Json, operator: string, right: Json): boolean | undefined {
  if (left === null || right === null || typeof left === 'object' || typeof right !== typeof left)
    return undefined
  if (typeof left === 'number' && Number.isInteger(left) !== Number.isInteger(right)) return undefined
  if (operator === '==') return left === right
  if (operator === '!=') return left !== right
  if (typeof left === 'boolean' || typeof right === 'boolean') return undefined
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    default:
      return undefined
  }
}
