/**
 * The quantity and semver libraries of Kubernetes' CEL.
 */

import { amountOf } from '../../kinds/quantity.ts'
import type { CelFunction, CelType } from './declare.ts'

const QUANTITY = 'kubernetes.Quantity'
const SEMVER = 'kubernetes.Semver'

// CEL tells types by their constructor, so that values of libraries must be instances of classes.
class Quantity {
  amount = 0
}
class Semver {
  parts: readonly number[] = []
  pre = ''
}

/** Types of this library. */
export const quantityTypes: readonly CelType[] = [
  { name: QUANTITY, constructor: Quantity },
  { name: SEMVER, constructor: Semver },
]

const quantityOf = (amount: number): Quantity => Object.assign(new Quantity(), { amount })

const toQuantity = (text: string): Quantity => {
  const amount = amountOf(text)
  if (amount === undefined)
    throw new Error(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    )
  return quantityOf(amount)
}

const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

const toSemver = (text: string): Semver => {
  const found = semver.exec(text)
  if (!found) throw new Error(`semver parse error: ${text}`)
  return Object.assign(new Semver(), { parts: found.slice(1, 4).map(Number), pre: found[4] ?? '' })
}

const compareSemver = (one: Semver, other: Semver): bigint => {
  for (const [index, part] of one.parts.entries()) {
    const difference = part - (other.parts[index] ?? 0)
    if (difference !== 0) return BigInt(Math.sign(difference))
  }
  if (one.pre === other.pre) return 0n
  if (one.pre === '' || other.pre === '') return one.pre === '' ? 1n : -1n
  return BigInt(comparePre(one.pre.split('.'), other.pre.split('.')))
}

/** Numbers before words, numbers by value, and the longer of two that begin alike comes later (semver 2.0.0, 11). */
const comparePre = (one: string[], other: string[]): number => {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const [a, b] = [one[index], other[index]]
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1
    if (a === b) continue
    const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
    if (isNumberA !== isNumberB) return isNumberA ? -1 : 1
    return isNumberA ? Math.sign(Number(a) - Number(b)) : a < b ? -1 : 1
  }
  return 0
}

const compare = (one: Quantity, other: Quantity): bigint => BigInt(Math.sign(one.amount - other.amount))

const on = (
  type: string,
  name: string,
  takes: string[],
  gives: string,
  run: CelFunction['run'],
): CelFunction => ({
  name,
  on: type,
  takes,
  gives,
  run,
})

/** Functions of this library. */
export const quantityFunctions: readonly CelFunction[] = [
  { name: 'quantity', takes: ['string'], gives: QUANTITY, run: toQuantity },
  {
    name: 'isQuantity',
    takes: ['string'],
    gives: 'bool',
    run: (text: string) => amountOf(text) !== undefined,
  },
  on(
    QUANTITY,
    'isGreaterThan',
    [QUANTITY],
    'bool',
    (one: Quantity, other: Quantity) => one.amount > other.amount,
  ),
  on(
    QUANTITY,
    'isLessThan',
    [QUANTITY],
    'bool',
    (one: Quantity, other: Quantity) => one.amount < other.amount,
  ),
  on(QUANTITY, 'compareTo', [QUANTITY], 'int', compare),
  on(QUANTITY, 'sign', [], 'int', (one: Quantity) => BigInt(Math.sign(one.amount))),
  on(QUANTITY, 'isInteger', [], 'bool', (one: Quantity) => Number.isInteger(one.amount)),
  on(QUANTITY, 'asInteger', [], 'int', (one: Quantity) => BigInt(one.amount)),
  on(QUANTITY, 'asApproximateFloat', [], 'double', (one: Quantity) => one.amount),
  on(QUANTITY, 'add', [QUANTITY], QUANTITY, (one: Quantity, other: Quantity) =>
    quantityOf(one.amount + other.amount),
  ),
  on(QUANTITY, 'sub', [QUANTITY], QUANTITY, (one: Quantity, other: Quantity) =>
    quantityOf(one.amount - other.amount),
  ),
  on(QUANTITY, 'add', ['int'], QUANTITY, (one: Quantity, other: bigint) =>
    quantityOf(one.amount + Number(other)),
  ),
  on(QUANTITY, 'sub', ['int'], QUANTITY, (one: Quantity, other: bigint) =>
    quantityOf(one.amount - Number(other)),
  ),
  { name: 'semver', takes: ['string'], gives: SEMVER, run: toSemver },
  { name: 'isSemver', takes: ['string'], gives: 'bool', run: (text: string) => semver.test(text) },
  on(SEMVER, 'compareTo', [SEMVER], 'int', compareSemver),
  on(
    SEMVER,
    'isGreaterThan',
    [SEMVER],
    'bool',
    (one: Semver, other: Semver) => compareSemver(one, other) > 0n,
  ),
  on(SEMVER, 'isLessThan', [SEMVER], 'bool', (one: Semver, other: Semver) => compareSemver(one, other) < 0n),
  on(SEMVER, 'major', [], 'int', (one: Semver) => BigInt(one.parts[0] ?? 0)),
  on(SEMVER, 'minor', [], 'int', (one: Semver) => BigInt(one.parts[1] ?? 0)),
  on(SEMVER, 'patch', [], 'int', (one: Semver) => BigInt(one.parts[2] ?? 0)),
]
