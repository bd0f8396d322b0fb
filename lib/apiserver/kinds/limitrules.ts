/**
 * What a LimitRange may say: of each type once, of resources that the type has, amounts that do not contradict each other.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { qualifiedProblems } from '../schema/names.ts'
import { forbidden, invalid, required } from '../schema/problem.ts'
import { containerNameProblems, isHugePages, isNative, nameProblems } from './pod/resources.ts'
import { amountOf, canonical } from './quantity.ts'
import { each, formed, noneTwice } from './rules.ts'

/** What is wrong with a LimitRange. */
export const limitProblems = (object: JsonObject): Problem[] => {
  const twice = noneTwice()
  return each(listAt(object, 'spec', 'limits'), 'spec.limits', (limit, field) => {
    const type = stringAt(limit, 'type')
    const names = ['max', 'min', ...defaultsOf(type), 'maxLimitRequestRatio']
    const keys = new Set(names.flatMap((name) => Object.keys(objectAt(limit, name))))
    return [
      ...typeProblems(type, `${field}.type`),
      ...twice(type, `${field}.type`),
      ...namesProblems(limit, field, ['max', 'min']),
      ...(type === 'Pod' ? podProblems(limit, field) : namesProblems(limit, field, defaultsOf(type))),
      ...(type === 'PersistentVolumeClaim' ? claimProblems(limit, field) : []),
      ...namesProblems(limit, field, ['maxLimitRequestRatio']),
      ...[...keys].flatMap((key) => amountsProblems(limit, field, key)),
    ]
  })
}

/** Pods as a whole get no defaults. */
const defaultsOf = (type: string): string[] => (type === 'Pod' ? [] : ['default', 'defaultRequest'])

const types = ['Pod', 'Container', 'PersistentVolumeClaim']

const typeProblems = (type: string, field: string): Problem[] => {
  const problems = formed(type, field, qualifiedProblems)
  if (problems.length > 0 || type.includes('/') || types.includes(type)) return problems
  return [invalid(field, type, 'must be a standard limit type or fully qualified')]
}

const namesProblems = (limit: JsonObject, field: string, lists: readonly string[]): Problem[] => {
  const isPodded = limit.type === 'Pod' || limit.type === 'Container'
  const look = isPodded ? containerNameProblems : nameProblems
  return lists.flatMap((list) =>
    Object.keys(objectAt(limit, list)).flatMap((name) => look(name, `${field}.${list}[${name}]`)),
  )
}

const podProblems = (limit: JsonObject, field: string): Problem[] =>
  ['default', 'defaultRequest']
    .filter((name) => Object.keys(objectAt(limit, name)).length > 0)
    .map((name) => forbidden(`${field}.${name}`, "may not be specified when `type` is 'Pod'"))

const claimProblems = (limit: JsonObject, field: string): Problem[] => {
  if (['min', 'max'].some((name) => objectAt(limit, name).storage !== undefined)) return []
  const text = 'either minimum or maximum storage value is required, but neither was provided'
  return [required(`${field}.limits`, text)]
}

/** Amounts of which the first may not be more, how texts call them, which is at fault, and which is shown. */
interface Order {
  readonly less: readonly [name: string, called: string]
  readonly more: readonly [name: string, called: string]
  readonly at: string
  readonly shown?: string
}

const least = ['min', 'min value'] as const
const most = ['max', 'max value'] as const
const usual = ['default', 'default value'] as const
const request = ['defaultRequest', 'default request value'] as const

/** In the order of the real server, which shows what a default is compared with, and requests themselves. */
const orders: readonly Order[] = [
  { less: least, more: most, at: 'min' },
  { less: least, more: request, at: 'defaultRequest' },
  { less: request, more: most, at: 'defaultRequest' },
  { less: request, more: ['default', 'default limit value'], at: 'defaultRequest' },
  { less: least, more: usual, at: 'default', shown: 'min' },
  { less: usual, more: most, at: 'default', shown: 'max' },
]

const shownAmount = (amount: Json | undefined): string => String(canonical(amount ?? '0'))

const amountsProblems = (limit: JsonObject, field: string, key: string): Problem[] => {
  const looked = new Set(['min', 'max', ...defaultsOf(stringAt(limit, 'type'))])
  const given = (name: string): Json | undefined =>
    looked.has(name) ? objectAt(limit, name)[key] : undefined
  const isWrong = ({ less, more }: Order): boolean =>
    (amountOf(given(less[0])) ?? Number.NaN) > (amountOf(given(more[0])) ?? Number.NaN)
  return [
    ...orders.filter(isWrong).map(({ less, more, at, shown = at }) => {
      const text = `${less[1]} ${shownAmount(given(less[0]))} is greater than ${more[1]} ${shownAmount(given(more[0]))}`
      return invalid(`${field}.${at}[${key}]`, shownAmount(given(shown)), text)
    }),
    ...ratioProblems(limit, `${field}.maxLimitRequestRatio[${key}]`, key),
    ...overcommitProblems(given('default'), given('defaultRequest'), field, key),
  ]
}

const DIGITS = 6

/** How much more than the least the most may be. */
const ratioProblems = (limit: JsonObject, field: string, key: string): Problem[] => {
  const given = objectAt(limit, 'maxLimitRequestRatio')[key]
  const ratio = amountOf(given)
  if (ratio === undefined) return []
  const shown = shownAmount(given)
  const low = amountOf(objectAt(limit, 'min')[key]) ?? Number.NaN
  const widest = (amountOf(objectAt(limit, 'max')[key]) ?? Number.NaN) / low
  return [
    ...(ratio < 1 ? [invalid(field, shown, `ratio ${shown} is less than 1`)] : []),
    ...(ratio > widest
      ? [invalid(field, shown, `ratio ${shown} is greater than max/min = ${widest.toFixed(DIGITS)}`)]
      : []),
  ]
}

/** What cannot be promised twice is requested as it is limited. */
const overcommitProblems = (
  limit: Json | undefined,
  asked: Json | undefined,
  field: string,
  key: string,
): Problem[] => {
  const mayDiffer = isNative(key) && !isHugePages(key)
  if (mayDiffer || limit === undefined || asked === undefined) return []
  if (amountOf(limit) === amountOf(asked)) return []
  const text = `default value ${shownAmount(limit)} must equal to defaultRequest value ${shownAmount(asked)} in ${key}`
  return [invalid(`${field}.defaultRequest[${key}]`, shownAmount(asked), text)]
}
