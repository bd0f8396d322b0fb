/** Fields of custom kinds that lists and watches may be limited by (`selectableFields`). */
import type { JsonObject, Problem, Schema } from '../resource.ts'
import { declared } from '../schema/declared.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { duplicate, invalid, required, tooMany } from '../schema/problem.ts'
import { placesOf, versionsOf } from './internal.ts'

/** What is wrong with them: eight at most, each of a scalar that the schema declares. */
export const selectableProblems = (crd: JsonObject): Problem[] =>
  placesOf(crd, 'selectableFields').flatMap(({ path, value }, index) => {
    const schema: Schema = objectAt(versionsOf(crd)[index], 'schema', 'openAPIV3Schema')
    const seen = new Set<string>()
    const problems = listAt(value).flatMap((one, place) =>
      selectableProblem(schema, stringAt(one, 'jsonPath'), `${path}[${place}].jsonPath`, seen),
    )
    return seen.size > maxSelectable ? [...problems, tooMany(path, seen.size, maxSelectable)] : problems
  })

const maxSelectable = 8

const selectableTypes = ['string', 'boolean', 'integer']

const selectableProblem = (schema: Schema, path: string, field: string, seen: Set<string>): Problem[] => {
  if (path === '') return [required(field)]
  const found = fieldAt(schema, path)
  if (typeof found === 'string') return [invalid(field, path, `is an invalid path: ${found}`)]
  const problems = path.startsWith('.metadata')
    ? [invalid(field, path, 'must not point to fields in metadata')]
    : []
  const text =
    'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
  if (!selectableTypes.includes(found.type ?? '')) problems.push(invalid(field, path, text))
  if (seen.has(path)) problems.push(duplicate(field, path))
  seen.add(path)
  return problems
}

/** The schema of a field, or why there is none. */
const fieldAt = (schema: Schema, path: string): Schema | string => {
  let found: Schema | undefined = schema
  for (const step of path.match(/[.[\]]|[^.[\]]+/g) ?? []) {
    if (step === '[') return 'array notation is not allowed'
    if (step === '.') continue
    const additional: Schema | boolean | undefined = found.additionalProperties
    found = declared(found, step) ?? (typeof additional === 'object' ? additional : undefined)
    if (found === undefined) return 'does not refer to a valid field'
  }
  return path.startsWith('.') ? found : `expected [ or . but got: ${path.replace(/[.[\]].*/, '')}`
}
