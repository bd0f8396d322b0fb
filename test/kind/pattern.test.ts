// biome-ignore-all lint/complexity/useRegexLiterals: some of these are wrong on purpose, and others must reach the parser unchanged
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { toRe2 } from '../../lib/kind/pattern.ts'

describe('a regular expression in the syntax that JavaScript and RE2 share', () => {
  const same: readonly (readonly [string, RegExp, string])[] = [
    ['keeps plain syntax', /^(?:a|b)+?[^c-e]{2,3}$/, '^(?:a|b)+?[^c-e]{2,3}$'],
    ['keeps classes and anchors', /\d\D\w\W\s\S\b\B/, '\\d\\D\\w\\W\\s\\S\\b\\B'],
    ['drops names of groups', /^(?<year>\d{4})$/, '^(\\d{4})$'],
    ['escapes what only JavaScript takes literally', /a{b}]/, 'a\\{b\\}\\]'],
    ['escapes a bracket that RE2 would read as a POSIX class', /[[:alpha:]/, '[\\[:alpha:]'],
    ['drops escapes that the u flag refuses', new RegExp('\\@\\_\\-[\\-a]'), '@_-[\\-a]'],
    ['writes code points as themselves', /\u00e9\u{1F600}/u, 'é😀'],
    ['writes ASCII code points in hexadecimal', /\u0041\x2e\0/, '\\x41\\x2e\\x00'],
    ['keeps one- and two-letter properties', /\p{L}\P{Lu}/u, '\\p{L}\\P{Lu}'],
    ['ignores flags that do not change a test', /a/dg, 'a'],
  ]
  for (const [title, regex, pattern] of same)
    it(title, () => {
      assert.deepEqual(toRe2(regex), { pattern })
      assert.doesNotThrow(() => new RegExp(pattern, 'u'))
    })

  const lost: readonly (readonly [RegExp, string])[] = [
    [/(?=a)/, 'lookaround (?=...)'],
    [/(?<!a)/, 'lookaround (?<!...)'],
    [/(a)\1/, 'backreference \\1'],
    [/(?<a>a)\k<a>/, 'backreference \\k'],
    [/a{1001}/, 'repetition {1001} of more than 1000'],
    [new RegExp('[^]'), 'empty class [^]'],
    [/\cJ/, 'escape \\c'],
    [/\ud83d/, 'surrogate \\ud83d'],
    [/\p{Script=Greek}/u, 'property \\p{Script=Greek}'],
  ]
  for (const [regex, problem] of lost)
    it(`refuses ${problem}`, () =>
      assert.deepEqual(toRe2(regex), { problem: `${problem}: the API server's RE2 has no such thing` }))

  for (const flags of ['i', 's', 'm', 'y'])
    it(`refuses the flag ${flags}, which a schema would lose`, () =>
      assert.deepEqual(toRe2(new RegExp('a', flags)), {
        problem: `flag "${flags}" cannot be carried by a schema: write it into the pattern`,
      }))

  it('matches exactly what the original matches', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '[ab-]',
      '\\.',
      '(?:a|\\/)',
      '\\d',
      '{',
      '\\@',
      '[[]',
      '(?<n>b)',
      '^',
      '$',
      '.',
    )
    const repeat = fc.constantFrom('', '?', '{1,2}')
    const made = fc
      .array(fc.tuple(part, repeat), { maxLength: 5 })
      .map((parts) =>
        parts
          .map(([text, times]) => (text === '^' || text === '$' || text === '{' ? text : text + times))
          .join(''),
      )
    fc.assert(
      fc.property(made, fc.string({ unit: fc.constantFrom(...'ab-./{@1[') }), (source, text) => {
        // Two groups of one name are an error in JavaScript.
        fc.pre((source.match(/\(\?<n>/g) ?? []).length < 2)
        const regex = new RegExp(source)
        const translation = toRe2(regex)
        assert.ok('pattern' in translation)
        assert.equal(new RegExp(translation.pattern, 'u').test(text), regex.test(text))
      }),
      { numRuns: 500 },
    )
  })
})
