/** What is wrong with an object, as Kubernetes says it: a reason, a field, and a text that shows the value and the rule. */
import type * as z from 'zod'
import type { Why } from './define.ts'

/** A cause of an Invalid Status (meta/v1 StatusCause). */
export interface Cause {
  readonly reason: string
  readonly field: string
  readonly message: string
}

/** How many causes one answer names: an object of thousands of wrong items must not make an answer of megabytes. */
const MOST_CAUSES = 50
const LONGEST_VALUE = 100
const LONGEST_FIELD = 500

/** Reasons as of `k8s.io/apimachinery` validation/field/errors.go, each with the words that begin its message. */
const WORDS: Readonly<Record<Why, readonly [reason: string, words: string]>> = {
  invalid: ['FieldValueInvalid', 'Invalid value'],
  required: ['FieldValueRequired', 'Required value'],
  forbidden: ['FieldValueForbidden', 'Forbidden'],
  duplicate: ['FieldValueDuplicate', 'Duplicate value'],
  notSupported: ['FieldValueNotSupported', 'Unsupported value'],
  tooLong: ['FieldValueTooLong', 'Too long'],
  tooMany: ['FieldValueTooMany', 'Too many'],
}

/** Reasons whose message shows no value: there is none, or it does not matter. */
const WITHOUT_VALUE: readonly Why[] = ['required', 'forbidden', 'tooLong', 'tooMany']

/** A cause for a field of an object. The value is looked up; objects and lists are not shown. */
export function causeOf(object: unknown, path: readonly PropertyKey[], rule: string, why: Why): Cause {
  const [reason, words] = WORDS[why]
  const value = WITHOUT_VALUE.includes(why) ? '' : `: ${shownValue(valueAt(object, path))}`
  return { reason, field: fieldText(path), message: `${words}${value}${rule === '' ? '' : `: ${rule}`}` }
}

/** The problems that a zod schema finds in an object, below `root` of it. */
export const causesOf = (object: unknown, root: string, issues: readonly z.core.$ZodIssue[]): Cause[] =>
  issues
    .slice(0, MOST_CAUSES)
    .flatMap((issue) => toCauses(issue, [root], (object as Record<string, unknown> | undefined)?.[root]))
    .map(({ path, rule, why }) => causeOf(object, path, rule, why))
    .slice(0, MOST_CAUSES)

interface Found {
  readonly path: readonly PropertyKey[]
  readonly rule: string
  readonly why: Why
}

function toCauses(issue: z.core.$ZodIssue, root: readonly PropertyKey[], value: unknown): Found[] {
  const path = [...root, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], rule: 'unknown field', why: 'invalid' }))
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return [nearest(issue, root, value)]
  return [{ path, ...ruleOf(issue, valueAt(value, issue.path)) }]
}

/** Of the members of a union the one that fits best speaks for it: the one with the fewest problems, deepest in. */
function nearest(issue: z.core.$ZodIssueInvalidUnion, root: readonly PropertyKey[], value: unknown): Found {
  const path = [...root, ...issue.path]
  const here = valueAt(value, issue.path)
  const members = issue.errors.map((issues) => issues.flatMap((one) => toCauses(one, path, here)))
  const fitting = members.filter((found) => found.some((one) => one.path.length > path.length))
  const [best] = fitting.sort((a, b) => a.length - b.length)
  return (
    best?.[0] ?? {
      path,
      rule: issue.message === 'Invalid input' ? 'has no form that is allowed' : issue.message,
      why: 'invalid',
    }
  )
}

function ruleOf(issue: z.core.$ZodIssue, value: unknown): Omit<Found, 'path'> {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return { rule: '', why: 'required' }
      return {
        rule: `must be of type ${issue.expected === 'int' ? 'integer' : issue.expected}`,
        why: 'invalid',
      }
    case 'too_big':
      return bound(issue, issue.maximum, { words: 'less than', most: 'at most' })
    case 'too_small':
      return bound(issue, issue.minimum, { words: 'greater than', most: 'at least' })
    case 'not_multiple_of':
      return { rule: `must be a multiple of ${issue.divisor}`, why: 'invalid' }
    case 'invalid_value':
      if (value === undefined) return { rule: '', why: 'required' }
      return {
        rule: `supported values: ${issue.values.map((one) => JSON.stringify(one) ?? String(one)).join(', ')}`,
        why: 'notSupported',
      }
    case 'invalid_format':
      return { rule: formatRule(issue), why: 'invalid' }
    default:
      return { rule: issue.message, why: 'invalid' }
  }
}

const formatRule = ({ format, pattern, message }: z.core.$ZodIssueInvalidStringFormat): string => {
  if (!message.startsWith('Invalid ')) return message
  return format === 'regex' ? `must match ${pattern}` : `must be a valid ${format.replaceAll('_', ' ')}`
}

function bound(
  { origin, inclusive }: { readonly origin: string; readonly inclusive?: boolean },
  limit: number | bigint,
  { words, most }: { readonly words: string; readonly most: string },
): Omit<Found, 'path'> {
  const isUpper = most === 'at most'
  if (origin === 'string')
    return isUpper
      ? { rule: `may not be more than ${limit} characters`, why: 'tooLong' }
      : { rule: `must have at least ${limit} character${limit === 1 ? '' : 's'}`, why: 'invalid' }
  if (origin === 'array' || origin === 'set' || origin === 'map')
    return { rule: `must have ${most} ${limit} items`, why: isUpper ? 'tooMany' : 'invalid' }
  return { rule: `must be ${words}${inclusive ? ' or equal to' : ''} ${limit}`, why: 'invalid' }
}

/** `spec.containers[0].image`, `metadata.annotations[example.com/size]` */
export const fieldText = (path: readonly PropertyKey[]): string => cut(pathText(path), LONGEST_FIELD)

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number' || !/^[A-Za-z_$][\w$-]*$/.test(String(part)))
      return `${text}[${String(part)}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')

/** The parts of a field as an author writes it: `spec.containers[0].image`. */
export const pathOf = (field: string): (string | number)[] =>
  [...field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([all, key]) => {
    if (key === undefined) return all
    return /^\d+$/.test(key) ? Number(key) : key
  })

export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  )

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'object') return Array.isArray(value) ? '"array"' : '"object"'
  const text = JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}..."` : text
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}...` : text
