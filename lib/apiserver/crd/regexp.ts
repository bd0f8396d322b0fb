/**
 * Mistakes in patterns, in the words of Go's regexp.
 */

import { toRegExp } from '../schema/regexp.ts'

/** What is wrong with a pattern, or undefined. */
export const regexpError = (pattern: string): string | undefined => {
  try {
    toRegExp(pattern)
    return undefined
  } catch (error) {
    return `error parsing regexp: ${wordsFor(error instanceof Error ? error.message : '', pattern)}`
  }
}

const words: readonly (readonly [RegExp, string])[] = [
  [/Unterminated group/, 'missing closing )'],
  [/Unmatched '\)'/, 'unexpected )'],
  [/Unterminated character class/, 'missing closing ]'],
  [/Nothing to repeat/, 'missing argument to repetition operator'],
  [/\\ at end of pattern/, 'trailing backslash at end of expression'],
  [/Range out of order/, 'invalid character class range'],
  [/Invalid (group|escape|capture)/, 'invalid escape sequence'],
]

const wordsFor = (message: string, pattern: string): string => {
  const found = words.find(([test]) => test.test(message))
  return `${found?.[1] ?? 'invalid syntax'}: \`${pattern}\``
}
