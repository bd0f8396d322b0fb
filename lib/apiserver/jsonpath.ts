/**
 * The JSON paths of printer columns and scale subresources: `.a.b`, `.a['b.c']`, `.a[0]`, `.a[*]`, `.a[?(@.type=="Ready")].b`.
 * A path that does not parse finds nothing.
 */
import type { Json } from './resource.ts'

type Step =
  | { type: 'field'; name: string }
  | { type: 'index'; at: number }
  | { type: 'all' }
  | { type: 'filter'; path: Step[]; operator: string; value: Json }

/** Everything that the path finds, in order. */
export function jsonPath(value: Json, path: string): Json[] {
  const steps = parsePath(path)
  return steps === undefined ? [] : walk([value], steps)
}

function walk(values: Json[], steps: readonly Step[]): Json[] {
  let found = values
  for (const step of steps) found = found.flatMap((value) => take(value, step))
  return found
}

function take(value: Json, step: Step): Json[] {
  if (value === null || typeof value !== 'object') return []
  if (step.type === 'field') {
    if (Array.isArray(value) || !Object.hasOwn(value, step.name)) return []
    return [value[step.name] as Json]
  }
  const items = Array.isArray(value) ? value : Object.values(value)
  if (step.type === 'all') return items
  if (!Array.isArray(value)) return []
  if (step.type === 'filter') return value.filter((item) => matches(item, step))
  const item = value.at(step.at)
  return item === undefined ? [] : [item]
}

function matches(item: Json, { path, operator, value }: Extract<Step, { type: 'filter' }>): boolean {
  const found = walk([item], path)
  if (operator === '') return found.length > 0
  const [left] = found
  if (left === undefined) return false
  switch (operator) {
    case '==':
      return left === value
    case '!=':
      return left !== value
    default:
      return typeof left === 'number' && typeof value === 'number' && compare(left, operator, value)
  }
}

function compare(left: number, operator: string, right: number): boolean {
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  return operator === '>' ? left > right : left >= right
}

const FIELD = /^\.?((?:[^.[\\]|\\.)+)/
const INDEX = /^\[(-?\d+)\]/
const NAME = /^\[(?:'([^']*)'|"([^"]*)")\]/
const FILTER =
  /^\[\?\(\s*@([^=!<>]*?)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?[\d.]+|true|false))?\s*\)\]/

function parsePath(text: string): Step[] | undefined {
  const steps: Step[] = []
  let rest = text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '')
  if (rest === '.') return steps
  while (rest !== '') {
    const step = parseStep(rest)
    if (step === undefined) return undefined
    steps.push(step.step)
    rest = rest.slice(step.length)
  }
  return steps
}

function parseStep(rest: string): { step: Step; length: number } | undefined {
  const all = /^(\[\*\]|\.\*)/.exec(rest)
  if (all !== null) return { step: { type: 'all' }, length: all[0].length }
  const index = INDEX.exec(rest)
  if (index !== null) return { step: { type: 'index', at: Number(index[1]) }, length: index[0].length }
  const name = NAME.exec(rest)
  if (name !== null)
    return { step: { type: 'field', name: name[1] ?? name[2] ?? '' }, length: name[0].length }
  const filter = FILTER.exec(rest)
  if (filter !== null) return parseFilter(filter)
  const field = FIELD.exec(rest)
  if (field === null) return undefined
  const plain = (field[1] ?? '').replaceAll(/\\(.)/g, '$1')
  return { step: { type: 'field', name: plain }, length: field[0].length }
}

function parseFilter(match: RegExpExecArray): { step: Step; length: number } | undefined {
  const path = parsePath(match[1] ?? '')
  if (path === undefined) return undefined
  const literal = match[3] ?? ''
  const value = /^["']/.test(literal) ? literal.slice(1, -1) : literal === '' ? null : JSON.parse(literal)
  return { step: { type: 'filter', path, operator: match[2] ?? '', value }, length: match[0].length }
}
