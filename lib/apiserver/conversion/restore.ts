/**
 * What a conversion may change: labels, annotations and everything outside of the metadata. The rest of the metadata stays
 * as it was; another kind, name, namespace or uid is refused (apiextensions, conversion/webhook_converter.go).
 */
import { metadataOf } from '../metadata.ts'
import type { Json, JsonObject } from '../resource.ts'
import { isObject } from '../schema/equal.ts'
import { annotationsProblems, labelsProblems } from '../schema/metadata.ts'
import { WebhookFailure } from '../webhook/failure.ts'
import { jsonKind } from '../decodeProblem.ts'

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** Throws {@link WebhookFailure} when the two are not one object. */
export function checkIdentity(original: JsonObject, converted: JsonObject): void {
  const before = metadataOf(original)
  const after = metadataOf(converted)
  for (const [field, word] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const [was, is] = [textOf(before[field]), textOf(after[field])]
    if (was !== is) throw new WebhookFailure(`must have the same ${word}: ${was} != ${is}`)
  }
}

/** The converted object with the original's metadata but for labels and annotations. Throws {@link WebhookFailure}. */
export function restoreMetadata(original: JsonObject, converted: JsonObject): JsonObject {
  const given = converted.metadata
  if (given === undefined) throw new WebhookFailure('missing metadata in converted object')
  if (!isObject(given))
    throw new WebhookFailure(`invalid metadata of type ${goType(given)} in converted object`)
  const before = metadataOf(original)
  const metadata: JsonObject = { ...before }
  for (const field of ['labels', 'annotations'] as const) {
    const texts = textsOf(field, given[field] ?? null, before[field] ?? null)
    if (texts === undefined) delete metadata[field]
    else metadata[field] = texts
  }
  return { ...converted, metadata }
}

function textsOf(field: 'labels' | 'annotations', given: Json, before: Json): JsonObject | undefined {
  if (given === null) return undefined
  if (!isObject(given))
    throw new WebhookFailure(`invalid metadata.${field} of type ${goType(given)} in converted object`)
  const old = isObject(before) ? before : {}
  for (const [key, value] of Object.entries(given))
    if (typeof value !== 'string')
      throw new WebhookFailure(
        `metadata.${field}[${key}] must be a string, but is ${goType(value)} in converted object`,
      )
  const isSame =
    Object.keys(given).length === Object.keys(old).length &&
    Object.entries(given).every(([key, value]) => old[key] === value)
  const problems = isSame
    ? []
    : field === 'labels'
      ? labelsProblems(given, 'metadata.labels')
      : annotationsProblems(given, 'metadata.annotation')
  if (problems.length === 0) return given
  const texts = problems.map((problem) => `${problem.field}: ${problem.message}`)
  throw new WebhookFailure(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`)
}

const GO: Readonly<Record<string, string>> = {
  array: '[]interface {}',
  object: 'map[string]interface {}',
  bool: 'bool',
  string: 'string',
}

function goType(value: Json): string {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return GO[jsonKind(value)] ?? 'unknown'
}
