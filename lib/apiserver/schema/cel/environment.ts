/**
 * The CEL of the real server: the standard functions of the package and what Kubernetes adds. The one file that imports it.
 */

import { createRequire } from 'node:module'
import type * as Cel from '@marcbachmann/cel-js'
import type { Environment, TypeCheckResult } from '@marcbachmann/cel-js'
import { listFunctions } from './lists.ts'
import { networkFunctions, networkTypes } from './network.ts'
import { quantityFunctions, quantityTypes } from './quantities.ts'
import { stringFunctions, stringTypes } from './strings.ts'
import type { CelFunction, CelType } from './declare.ts'

const load = createRequire(import.meta.url)

/** Read when it is first needed: that takes longer than a whole start of the server. */
const cel = (): typeof Cel => load('@marcbachmann/cel-js')

/** CEL's optional of a value, and the one of none. */
export const optionalOf = (value: unknown) =>
  value === undefined ? cel().Optional.none() : cel().Optional.of(value)

/** An environment that may be extended with variables and types of its own. */
export const createEnvironment = (): Environment => {
  const { Environment, Optional } = cel()
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  for (const type of [...quantityTypes, ...networkTypes, ...stringTypes]) addType(environment, type)
  const functions = [
    ...stringFunctions(Optional.none(), Optional.of),
    ...listFunctions,
    ...quantityFunctions,
    ...networkFunctions,
  ]
  for (const one of functions) addFunction(environment, one)
  return environment
}

const addType = (environment: Environment, { name, constructor: create, constant }: CelType): void => {
  environment.registerType(name, create)
  if (constant !== undefined) environment.registerConstant(constant, name, new create())
}

const addFunction = (environment: Environment, { name, on, takes, gives, run }: CelFunction): void => {
  environment.registerFunction({
    name,
    ...(on === undefined ? {} : { receiverType: on }),
    returnType: gives,
    params: takes.map((type, index) => ({ name: `argument${index}`, type })),
    handler: run,
  })
}

export type { Environment, TypeCheckResult }
