/**
 * Whether a patch fits its schema as far as merging needs it: known fields, types of scalars, keys of list items. The texts
 * are the real server's, Go syntax included (sigs.k8s.io/structured-merge-diff, typed/validate.go).
 */
import type { Json, JsonObject, Schema } from '../resource.ts'
import { goSyntax, goText, goType } from './gosyntax.ts'
import { isObject, member } from './json.ts'
import { itemSchema, itemStep, kindOf, listKind, memberSchema } from './shape.ts'
import { fieldStep, indexStep, printStep } from './step.ts'

/** What is wrong with the patch, one text as the real server has it; undefined when nothing is. */
export function problemOf(patch: JsonObject, schema: Schema): string | undefined {
  const problems: string[] = []
  check(patch, schema, '', problems)
  return problems.length > 1 ? ['errors:', ...problems.map((line) => `  ${line}`)].join('\n') : problems[0]
}

function check(value: Json, schema: Schema, path: string, problems: string[]): void {
  const report = (message: string) => problems.push(path === '' ? message : `${path}: ${message}`)
  if (value === null) return
  switch (kindOf(schema, value)) {
    case 'scalar': {
      const problem = scalarProblem(value, schema)
      if (problem !== undefined) report(problem)
      return
    }
    case 'list':
      if (Array.isArray(value)) checkItems(value, schema, path, problems)
      else report(`expected list, got &{${goText(value)}}`)
      return
    default:
      if (isObject(value)) checkMembers(value, schema, path, problems)
      else report(`expected map, got &{${goText(value)}}`)
  }
}

function checkMembers(map: JsonObject, schema: Schema, path: string, problems: string[]): void {
  for (const name of Object.keys(map)) {
    const at = path + printStep(fieldStep(name))
    const inner = memberSchema(schema, name)
    if (inner === undefined) {
      problems.push(`${at}: field not declared in schema`)
      return
    }
    check(member(map, name) as Json, inner, at, problems)
  }
}

function checkItems(list: readonly Json[], schema: Schema, path: string, problems: string[]): void {
  const kind = listKind(schema)
  const seen = new Set<string>()
  for (const [at, item] of list.entries()) {
    let step = indexStep(at)
    if (kind !== 'atomic') {
      const found = itemStep(schema, kind, item)
      if ('problem' in found) {
        problems.push(`${path}: element ${at}: ${found.problem}`)
        return
      }
      step = found.step
      if (seen.has(step)) problems.push(`${path}: duplicate entries for key ${printStep(step)}`)
      seen.add(step)
    }
    check(item, itemSchema(schema), path + printStep(step), problems)
  }
}

function scalarProblem(value: Json, schema: Schema): string | undefined {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`
    case undefined:
      // Numbers and strings alike (int-or-string, unknown fields).
      return undefined
    default:
      // Strings with a format are not checked: a quantity may be a number, a time has its own syntax.
      if (schema.format === undefined || schema.format === 'byte')
        return typeof value === 'string'
          ? undefined
          : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
      return typeof value === 'object' ? `expected any scalar, got &{${goText(value)}}` : undefined
  }
}
