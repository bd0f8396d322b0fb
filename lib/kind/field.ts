/** Fields that authors write often: CEL rules, keyed lists, sets, int-or-string, quantities, unchecked parts. */
import * as z from 'zod'
// The typing of `.meta()` comes with it.
import type {} from './meta.ts'
import type { Rule } from './structure.ts'

/** A CEL rule for `.meta({ 'x-kubernetes-validations': [...] })` and for `rules` of a version. */
export const rule = (
  expression: string,
  message?: string,
  more: Omit<Rule, 'rule' | 'message'> = {},
): Rule => ({
  rule: expression,
  ...(message !== undefined && { message }),
  ...more,
})

/** Adds CEL rules to a schema: `withRules(z.string(), rule('self == oldSelf', 'is immutable'))`. */
export const withRules = <S extends z.ZodType>(schema: S, ...rules: readonly Rule[]): S =>
  schema.meta({ 'x-kubernetes-validations': rules })

/** A list that is merged by one key field of its items: several appliers may own different items. */
export const listMap = <S extends z.ZodObject>(key: keyof S['shape'] & string, item: S): z.ZodArray<S> =>
  z.array(item).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] })

/** A list without duplicates, whose items several appliers may own. Items are scalars. */
export const listSet = <S extends z.ZodType<string | number | boolean>>(item: S): z.ZodArray<S> =>
  z.array(item).meta({ 'x-kubernetes-list-type': 'set' })

/** A number or a text, as in the target port of a Service. */
export const intOrString = () => z.union([z.int(), z.string()])

/** The notation of resource.Quantity (apimachinery): `1`, `500m`, `1.5Gi`, `1e3`. */
const QUANTITY = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/

/** An amount of cpu, memory, storage or money. */
export const quantity = () => z.union([z.int(), z.string().regex(QUANTITY)])

/** Any JSON, typed `T` by trust: a pod template, values of somebody else's format. The API server checks nothing inside. */
export const unchecked = <T>() => z.custom<T>().meta({ 'x-kubernetes-preserve-unknown-fields': true })
