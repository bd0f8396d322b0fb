/**
 * CEL rules of a CRD.
 */

import type { Problem, Schema } from '../resource.ts'

export const ruleProblems = (_schema: Schema, _path: string): Problem[] => []
