/** JSON as the text of a module. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { literalText } from '../../infra/aws/literal.ts'

/** What a module with this text exports. */
async function exportOf(text: string): Promise<unknown> {
  const { it } = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { it: unknown }
  return it
}

describe('a literal', () => {
  it('is the value that it was made of, whatever its keys and texts', async () => {
    // A list of the same twice: every part of it is shared.
    const values = fc.array(fc.jsonValue({ maxDepth: 4 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(values, async (some) => {
        const value = JSON.parse(JSON.stringify([...some, ...some])) as unknown
        assert.deepEqual(await exportOf(literalText('it', value)), value)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps a field by the name of the prototype', async () => {
    const value = JSON.parse('{"properties":{"__proto__":{"type":"string"},"constructor":1}}') as unknown
    assert.deepEqual(await exportOf(literalText('it', value)), value)
  })

  it('writes once what is there twice', () => {
    const part = { type: 'string', description: 'long enough to be worth a name of its own' }
    const text = literalText('it', { a: { part }, b: [part], c: { part } })
    assert.equal(text.split('worth a name').length, 2)
  })
})
