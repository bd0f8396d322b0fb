/**
 * allOf, anyOf, oneOf and not. Where no alternative fits, the real server also reports what the best one lacked.
 */

import type { Json, Problem, Schema } from '../resource.ts'
import { invalid } from './problem.ts'

/** A value on its way through the schema; `before` is undefined where nothing corresponds to it. */
export interface Checked {
  readonly value: Json
  readonly before: Json | undefined
  readonly schema: Schema
  readonly path: string
}

/** The problems that one schema has with a value. */
type Check = (checked: Checked) => Problem[]

/** The problems that the junctors of a value's schema have with it; `check` tries one alternative. */
export const junctorProblems = (checked: Checked, check: Check): Problem[] => {
  const { schema } = checked
  if (!schema.allOf && !schema.anyOf && !schema.oneOf && !schema.not) return []
  const attempt = (one: Schema): Problem[] => check({ ...checked, before: undefined, schema: one })
  return [
    ...anyOfProblems(checked, attempt),
    ...oneOfProblems(checked, attempt),
    ...allOfProblems(checked, attempt),
    ...notProblems(checked, attempt),
  ]
}

type Attempt = (schema: Schema) => Problem[]

const general = (text: string): Problem => invalid('<nil>', '', text)

/** The first of those with the fewest problems stands for the best match. */
const bestOf = (attempts: Problem[][]): Problem[] =>
  attempts.reduce((best, attempt) => (attempt.length < best.length ? attempt : best), attempts[0] ?? [])

const anyOfProblems = (checked: Checked, attempt: Attempt): Problem[] => {
  const attempts = checked.schema.anyOf?.map(attempt) ?? []
  if (attempts.length === 0 || attempts.some((one) => one.length === 0)) return []
  return [general(`"${checked.path}" must validate at least one schema (anyOf)`), ...bestOf(attempts)]
}

const oneOfProblems = (checked: Checked, attempt: Attempt): Problem[] => {
  const attempts = checked.schema.oneOf?.map(attempt) ?? []
  const fitting = attempts.filter((one) => one.length === 0).length
  if (attempts.length === 0 || fitting === 1) return []
  const text = `"${checked.path}" must validate one and only one schema (oneOf).`
  if (fitting > 1) return [general(`${text} Found ${fitting} valid alternatives`)]
  return [general(`${text} Found none valid`), ...bestOf(attempts)]
}

const allOfProblems = (checked: Checked, attempt: Attempt): Problem[] => {
  const attempts = checked.schema.allOf?.map(attempt) ?? []
  const fitting = attempts.filter((one) => one.length === 0).length
  if (fitting === attempts.length) return []
  const none = fitting === 0 ? '. None validated' : ''
  return [...attempts.flat(), general(`"${checked.path}" must validate all the schemas (allOf)${none}`)]
}

const notProblems = (checked: Checked, attempt: Attempt): Problem[] => {
  const { not } = checked.schema
  if (!not || attempt(not).length > 0) return []
  return [general(`"${checked.path}" must not validate the schema (not)`)]
}
