/**
 * CEL rules.
 */

import type { JsonObject, Problem, Schema } from '../resource.ts'

export const celProblems = (_object: JsonObject, _before: JsonObject | undefined, _schema: Schema): Problem[] => []
export const celTypeOf = (_expression: string, _variables: Readonly<Record<string, string>>): { name: string; error?: string } => ({ name: 'bool' })
