/**
 * What the containers of a pod ask for together.
 */

import type { JsonObject } from '../../resource.ts'
import { isObject, listAt, objectAt } from '../../schema/equal.ts'
import { amountOf, canonical } from '../quantity.ts'

/**
 * The sum as a quantity: those that run at the same time added up, each init container on its own, next to the sidecars that
 * began before it.
 */
export const totalOf = (spec: JsonObject, list: string, name: string): string => {
  const given = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')]
    .map((one) => objectAt(one, 'resources', list)[name])
    .find((one) => one !== undefined)
  const isBinary = typeof given === 'string' && given.endsWith('i')
  const total = totalAmount(spec, list, name)
  return String(canonical(isBinary ? `${total / 1024}Ki` : String(total)))
}

/** The same as a number. */
export const totalAmount = (spec: JsonObject, list: string, name: string): number => {
  const amount = (container: JsonObject): number =>
    amountOf(objectAt(container, 'resources', list)[name]) ?? 0
  const main = listAt(spec, 'containers')
    .filter(isObject)
    .reduce((total, one) => total + amount(one), 0)
  let sidecars = 0
  let most = 0
  for (const container of listAt(spec, 'initContainers').filter(isObject)) {
    if (container.restartPolicy === 'Always') sidecars += amount(container)
    most = Math.max(most, container.restartPolicy === 'Always' ? sidecars : sidecars + amount(container))
  }
  return Math.max(main + sidecars, most)
}
