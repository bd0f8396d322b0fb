/**
 * Quantities: `100m`, `1Gi`, `1e3`.
 */

import type { Json } from '../resource.ts'

const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/

/** Is this a quantity? */
export const isQuantity = (text: string): boolean => pattern.test(text)

const suffixed = /^[+-]?(\d+\.?\d*|\.\d+)[eEinumkKMGTP]*[-+]?\d*$/

/** Why a value is no quantity, in the words of the decoder; undefined where it is one. */
export const quantityProblem = (value: Json): string | undefined => {
  const text = typeof value === 'string' ? value.trim() : JSON.stringify(value)
  if (isQuantity(text)) return undefined
  return suffixed.test(text)
    ? "unable to parse quantity's suffix"
    : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
}

const thousand = 1000
const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']

/** The amount as a number, as exact as a double is; `undefined` when it is no quantity. */
export const amountOf = (given: Json | undefined): number | undefined => {
  const found = pattern.exec(
    typeof given === 'number' ? String(given) : typeof given === 'string' ? given : '',
  )
  if (!found) return undefined
  const [, sign, digits = '', suffix = ''] = found
  const amount = Number(digits) * (sign === '-' ? -1 : 1) * factorOf(suffix)
  return amount
}

/** A quantity with what is below a thousandth rounded up, as resources are counted. */
export const roundedUp = (given: Json): Json => {
  const amount = amountOf(given)
  if (amount === undefined || Number.isInteger(Number((amount * thousand).toPrecision(15)))) return given
  return `${Math.ceil(amount * thousand)}m`
}

const factorOf = (suffix: string): number => {
  if (/^[eE]./.test(suffix)) return 10 ** Number(suffix.slice(1))
  const power = binary.indexOf(suffix)
  if (power >= 0) return 1024 ** (power + 1)
  return thousand ** (decimal.indexOf(suffix) - decimal.indexOf(''))
}

const maxFraction = 3

/**
 * The form in which the real server writes a quantity: the largest suffix of its family that leaves no fraction.
 * What it does not understand is returned as it is.
 */
export const canonical = (given: Json): Json => {
  if (typeof given !== 'string' && typeof given !== 'number') return given
  const amount = amountOf(given)
  if (amount === undefined || amount === 0) return amount === 0 ? '0' : given
  const suffix = pattern.exec(String(given))?.[3] ?? ''
  if (suffix.endsWith('i')) return binaryText(amount)
  return decimalText(amount, suffix)
}

const binaryText = (amount: number): string => {
  for (let power = binary.length; power > 0; power--)
    if (Number.isInteger(amount / 1024 ** power)) return `${amount / 1024 ** power}${binary[power - 1]}`
  return Number.isInteger(amount) ? String(amount) : decimalText(amount, '')
}

const decimalText = (amount: number, suffix: string): string => {
  const exponent = /^[eE]/.test(suffix)
  for (let power = 6; power >= -maxFraction; power--) {
    const scaled = Number((amount / thousand ** power).toPrecision(15))
    if (!Number.isInteger(scaled)) continue
    if (exponent) return power === 0 ? String(scaled) : `${scaled}e${power * maxFraction}`
    return `${scaled}${decimal[power + maxFraction] ?? ''}`
  }
  return `${Math.ceil(amount * thousand ** maxFraction)}n`
}
