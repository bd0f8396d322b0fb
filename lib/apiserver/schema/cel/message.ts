/**
 * Errors of CEL in the words of cel-go, with the place that its compiler marks.
 */

import type { Environment, TypeCheckResult } from './environment.ts'

/** What the compiler of the real server says about an expression; undefined when it compiles. */
export const compileError = (environment: Environment, expression: string): string | undefined => {
  const result = environment.check(expression)
  if (result.valid) return missingField(environment, expression)
  return result.error ? wordsFor(result.error, expression) : marked('invalid expression', expression, 0)
}

/** `text` with the line of the expression and a caret below the place. */
const marked = (text: string, expression: string, position: number): string => {
  const before = expression.slice(0, position).split('\n')
  const line = expression.split('\n')[before.length - 1] ?? ''
  const column = before.at(-1)?.length ?? 0
  return `ERROR: <input>:${before.length}:${column + 1}: ${text}\n | ${line}\n | ${'.'.repeat(column)}^`
}

type CelError = NonNullable<TypeCheckResult['error']>

const endOfInput =
  "Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

const wordsFor = (error: CelError, expression: string): string => {
  const start = error.range?.start ?? 0
  const { summary } = error
  switch (error.code) {
    case 'no_such_key': {
      const name = summary.replace('No such key: ', '')
      // cel-go marks the dot before the field, and the package the field.
      return marked(`undefined field '${name}'`, expression, expression.lastIndexOf('.', start))
    }
    case 'unknown_variable':
      return marked(
        `undeclared reference to '${summary.replace('Unknown variable: ', '')}' (in container '')`,
        expression,
        start,
      )
    case 'no_such_overload':
      return overloadWords(error, expression)
    case 'no_matching_overload':
      return callWords(error, expression)
    case 'unexpected_token':
      return summary.endsWith('EOF')
        ? marked(endOfInput, expression, start)
        : marked(`Syntax error: ${summary}`, expression, start)
    default:
      return marked(summary, expression, start)
  }
}

const overloadWords = (error: CelError, expression: string): string => {
  const found = /^no such overload: (.+) (\S+) (.+)$/.exec(error.summary)
  const start = error.range?.start ?? 0
  if (!found) return marked(error.summary, expression, start)
  const [, left, operator = '', right] = found
  const end = leftEnd(error, start)
  const position = Math.max(expression.indexOf(operator, end), start)
  return marked(
    `found no matching overload for '_${operator}_' applied to '(${left}, ${right})'`,
    expression,
    position,
  )
}

/** Where the left operand ends; the operator stands behind it. */
const leftEnd = (error: CelError, fallback: number): number => {
  const args: unknown = error.node?.args
  const [left]: unknown[] = Array.isArray(args) ? args : []
  if (typeof left !== 'object' || left === null || !('end' in left)) return fallback
  return typeof left.end === 'number' ? left.end : fallback
}

const callWords = (error: CelError, expression: string): string => {
  const start = error.range?.start ?? 0
  const found = /'(?:(.+?)\.)?([A-Za-z_]\w*)\((.*)\)'$/.exec(error.summary)
  const [, receiver, name = '', given = ''] = found ?? []
  const at = expression.indexOf(`${name}(`, start)
  const position = at < 0 ? start : at + name.length
  if (receiver === undefined && !isFunction.has(name))
    return marked(`undeclared reference to '${name}' (in container '')`, expression, position)
  const applied = receiver === undefined ? `(${given})` : `${receiver}.(${given})`
  return marked(`found no matching overload for '${name}' applied to '${applied}'`, expression, position)
}

/** Functions that exist, so that a wrong call is one of overloads. */
const isFunction = new Set(
  'size string int uint double bool bytes timestamp duration type dyn has quantity isQuantity ip isIP cidr isCIDR url isURL semver isSemver'.split(
    ' ',
  ),
)

/** The package lets `has()` ask for fields that no value can have; cel-go does not. */
const missingField = (environment: Environment, expression: string): string | undefined => {
  for (const found of expression.matchAll(/\bhas\(\s*([A-Za-z_][\w.]*)\s*\)/g)) {
    const { error } = environment.check(found[1] ?? '')
    if (error?.code !== 'no_such_key') continue
    const name = error.summary.replace('No such key: ', '')
    return marked(`undefined field '${name}'`, expression, found.index + 'has'.length)
  }
  return undefined
}

/** What went wrong at run time, as cel-go says it. */
export const runError = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  const summary = 'summary' in error ? String(error.summary) : error.message
  switch (code) {
    case 'invalid_timestamp':
      return "type conversion error from 'string' to 'google.protobuf.Timestamp'"
    case 'invalid_duration':
      return "type conversion error from 'string' to 'google.protobuf.Duration'"
    case 'no_such_key':
      return summary.replace('No such key', 'no such key')
    case 'index_out_of_bounds':
      return summary.replace(/^.*index (\S+) .*$/, 'index out of bounds: $1')
    default:
      return summary
  }
}
