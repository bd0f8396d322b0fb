/**
 * Validation of CustomResourceDefinitions.
 */

import type { JsonObject, Problem } from '../resource.ts'

/** Everything that the real server refuses in a CRD. */
export const definitionProblems = (_crd: JsonObject, _before: JsonObject | undefined): Problem[] => []

/** What it accepts with a warning. */
export const definitionWarnings = (_crd: JsonObject): string[] => []
