import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { duplicateFields, parseJson, syntaxError } from '../../lib/apiserver/json.ts'
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
