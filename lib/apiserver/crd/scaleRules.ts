/**
 * What the scale subresource of a custom resource asks of every write: replicas are int32 and not negative, the selector is a
 * text (apiextensions, customResourceValidator). Problems name fields by the paths of the subresource.
 */
import { goText, goType } from '../fields/gosyntax.ts'
import { isObject, member } from '../fields/json.ts'
import type { Json, JsonObject, Problem, ResourceType } from '../resource.ts'
import { invalid } from '../schema/problem.ts'

const MAX_INT32 = 2 ** 31 - 1

/** `subresource`: through `status` only the status is looked at. */
export function scaleProblems(
  object: JsonObject,
  scale: ResourceType['scale'],
  subresource: string,
): Problem[] {
  if (scale === undefined) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  return [
    ...(subresource === 'status' ? [] : replicasProblems(object, specReplicasPath)),
    ...replicasProblems(object, statusReplicasPath),
    ...(labelSelectorPath === undefined ? [] : selectorProblems(object, labelSelectorPath)),
  ]
}

function replicasProblems(object: JsonObject, path: string): Problem[] {
  const { value, problem } = found(object, path, 'int64')
  if (problem !== undefined) return [invalid(path, 0, problem)]
  if (typeof value !== 'number') return []
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')]
  return value > MAX_INT32 ? [invalid(path, value, `should be less than or equal to ${MAX_INT32}`)] : []
}

function selectorProblems(object: JsonObject, path: string): Problem[] {
  const { problem } = found(object, path, 'string')
  return problem === undefined ? [] : [invalid(path, '', problem)]
}

/** What stands at a path, or why nothing of that type can, in the words of apimachinery's unstructured helpers. */
function found(
  object: JsonObject,
  path: string,
  type: 'int64' | 'string',
): { value?: Json | undefined; problem?: string } {
  const fields = path.replace(/^\./, '').split('.')
  let value: Json | undefined = object
  for (const [depth, field] of fields.entries()) {
    if (value === undefined || value === null) return {}
    if (!isObject(value))
      return { problem: accessorError(fields.slice(0, depth + 1), value, 'map[string]interface{}') }
    value = member(value, field)
  }
  if (value === undefined || goType(value) === type) return { value }
  return { problem: accessorError(fields, value, type) }
}

const accessorError = (fields: readonly string[], value: Json, type: string): string =>
  `.${fields.join('.')} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${type}`
