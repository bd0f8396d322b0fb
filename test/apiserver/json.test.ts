import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { duplicateFields, parseJson } from '../../lib/apiserver/json.ts'
import { syntaxError } from '../../lib/apiserver/jsonSyntax.ts'
import type { Json } from '../../lib/apiserver/resource.ts'

describe('JSON as Go reads it', () => {
  it('words syntax errors as encoding/json does', () => {
    const words: [string, string][] = [
      ['', 'unexpected end of JSON input'],
      ['{"a":', 'unexpected end of JSON input'],
      ['not json', "invalid character 'o' in literal null (expecting 'u')"],
      ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
      ['{"a" 1}', "invalid character '1' after object key"],
      ['[1 2]', "invalid character '2' after array element"],
      ['{} x', "invalid character 'x' after top-level value"],
      ['nul', "invalid character ' ' in literal null (expecting 'l')"],
      ['"a\nb"', "invalid character '\\n' in string literal"],
      ['"\\x"', "invalid character 'x' in string escape code"],
      ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
      ['1.', "invalid character ' ' after decimal point in numeric literal"],
      ['[1e]', "invalid character ']' in exponent of numeric literal"],
      ['{"a":01}', "invalid character '1' after object key:value pair"],
      ['{"a":1', 'unexpected end of JSON input'],
    ]
    for (const [text, expected] of words) assert.equal(syntaxError(text), expected, text)
  })

  it('names fields that occur twice, by path', () => {
    const text = '{"a":{"b":1,"b":2},"l":[{"c":1},{"c":1,"c":"x:{\\"y\\":1}"}],"a":{}}'
    assert.deepEqual(duplicateFields(text, JSON.parse(text) as Json), ['a.b', 'l[1].c', 'a'])
  })

  it('finds none in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        assert.deepEqual(duplicateFields(text, JSON.parse(text) as Json), [])
        assert.deepEqual(parseJson(text).error ?? parseJson(text), {
          value: JSON.parse(text),
          literals: new Map(),
        })
      }),
    )
  })
})
