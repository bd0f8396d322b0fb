import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { regexpError } from '../../lib/apiserver/crd/regexp.ts'

describe('patterns, as Go reads them', () => {
  for (const pattern of [
    '^[a-z]+([-.][a-z0-9]+)*$',
    '(?i)abc',
    '(?P<year>\\d{4})',
    '(?<year>\\d{4})',
    '(?:a|b)*?',
    '[[:alpha:]_-]',
    '\\p{Greek}\\pL',
    '\\x{10FFFF}\\Q(\\E',
    'a{,5}',
    '[]a]',
    '^$',
  ])
    it(`takes ${pattern}`, () => assert.equal(regexpError(pattern), undefined))

  // The texts are those of a kube-apiserver v1.36.
  const refused: [pattern: string, text: string][] = [
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['x[a', 'missing closing ]: `[a`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?!a)', 'invalid or unsupported Perl syntax: `(?!`'],
    ['\\y', 'invalid escape sequence: `\\y`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
    ['\\p{Foo}', 'invalid character class range: `\\p{Foo}`'],
    ['(?i', 'invalid or unsupported Perl syntax: `(?i`'],
    ['[a-\\d]', 'invalid escape sequence: `\\d`'],
    ['(?P<n', 'invalid named capture: `(?P<n`'],
  ]
  for (const [pattern, text] of refused)
    it(`refuses ${pattern}`, () => assert.equal(regexpError(pattern), `error parsing regexp: ${text}`))
})
