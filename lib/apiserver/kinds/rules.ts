/**
 * The notation in which built-in kinds say what their fields must hold: required texts, choices, ranges, names, lists. Each
 * rule takes a value and the field it stands in and answers what is wrong, in the words of the real server.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isObject, numberAt, stringAt } from '../schema/equal.ts'
import { subdomainProblems } from '../schema/names.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../schema/problem.ts'

/** What a rule over a list says of one item. */
export type Look = (item: JsonObject, field: string, index: number) => Problem[]

/** A rule for each object of a list that stands at `field`. */
export const each = (list: readonly Json[], field: string, look: Look): Problem[] =>
  list.flatMap((item, index) => (isObject(item) ? look(item, `${field}[${index}]`, index) : []))

/** A rule for an object that need not be there. */
export const whenGiven = (value: Json | undefined, look: (value: JsonObject) => Problem[]): Problem[] =>
  isObject(value) ? look(value) : []

/** Texts below `of` that may not be empty. */
export const needed = (of: JsonObject, field: string, ...names: string[]): Problem[] =>
  names.filter((name) => stringAt(of, name) === '').map((name) => required(`${field}.${name}`))

/** A text in a form (`schema/names.ts` has the forms); `undefined` passes. */
export const formed = (
  value: string | undefined,
  field: string,
  form: (value: string) => string[],
): Problem[] => (value === undefined ? [] : form(value).map((text) => invalid(field, value, text)))

/** A text that must be there and be in a form. */
export const neededInForm = (value: string, field: string, form: (value: string) => string[]): Problem[] =>
  value === '' ? [required(field)] : formed(value, field, form)

/** A text in a form where there is one. */
export const formedIfAny = (value: string, field: string, form: (value: string) => string[]): Problem[] =>
  value === '' ? [] : formed(value, field, form)

/** The name of another object, which is there but not empty. */
export const neededName = (value: string, field: string): Problem[] =>
  neededInForm(value, field, subdomainProblems)

/** One of some words; texts list them in the order given. `undefined` passes. */
export const oneOf = (value: string | undefined, field: string, words: readonly string[]): Problem[] =>
  value === undefined || words.includes(value) ? [] : [notSupported(field, value, words)]

/** One of some words, and not nothing. */
export const neededOneOf = (value: string, field: string, words: readonly string[]): Problem[] =>
  value === '' ? [required(field)] : oneOf(value, field, words)

/** The text at a name, or nothing where there is none: for fields whose empty text is not the same as none. */
export const textAt = (of: JsonObject, name: string): string | undefined => {
  const value = of[name]
  return typeof value === 'string' ? value : undefined
}

const NEGATIVE = 'must be greater than or equal to 0'

/** A number that is not below zero; `undefined` passes. */
export const notNegative = (value: number | undefined, field: string): Problem[] =>
  value === undefined || value >= 0 ? [] : [invalid(field, value, NEGATIVE)]

/** Numbers below `of` that are not below zero. */
export const noneNegative = (of: JsonObject, field: string, ...names: string[]): Problem[] =>
  names.flatMap((name) => notNegative(numberAt(of, name), `${field}.${name}`))

/** A number above zero; `undefined` passes. */
export const positive = (value: number | undefined, field: string): Problem[] =>
  value === undefined || value > 0 ? [] : [invalid(field, value, 'must be greater than zero')]

/** A number within bounds; `undefined` passes. */
export const between = (
  value: number | undefined,
  field: string,
  low: number,
  high: number,
  saidLow = low,
): Problem[] =>
  value === undefined || (value >= low && value <= high)
    ? []
    : [invalid(field, value, `must be between ${saidLow} and ${high}, inclusive`)]

/** Members of which exactly one may be given: the first is looked at, the others are too many. */
export const onlyOne = (
  of: JsonObject,
  field: string,
  what: string,
  looks: Readonly<Record<string, (value: JsonObject, field: string) => Problem[]>>,
): Problem[] => {
  const given = Object.keys(looks).filter((name) => isObject(of[name]))
  const [first, ...others] = given
  if (first === undefined) return [required(field, `must specify a ${what} type`)]
  const value = of[first]
  return [
    ...(isObject(value) ? (looks[first]?.(value, `${field}.${first}`) ?? []) : []),
    ...others.map((name) => forbidden(`${field}.${name}`, `may not specify more than 1 ${what} type`)),
  ]
}

/** Says of each value that came before that it is there twice. */
export const noneTwice = (): ((value: string, field: string) => Problem[]) => {
  const seen = new Set<string>()
  return (value, field) => {
    if (seen.has(value)) return [duplicate(field, value)]
    seen.add(value)
    return []
  }
}

/** Something that a name elsewhere in the object should lead to. */
export const notFound = (field: string, value: string, detail = ''): Problem => ({
  reason: 'FieldValueNotFound',
  field,
  message: `Not found: ${JSON.stringify(value)}${detail === '' ? '' : `: ${detail}`}`,
})
