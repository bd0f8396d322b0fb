/** Bundles of functions: whose operator is in them. What they weigh: test/functions/bundle.test.ts. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bundle } from '../../infra/aws/bundle.ts'
import { scratchFolder } from '../scratch.ts'

describe('the bundle of a function', () => {
  it('has the operator of functions/operator.ts, or that of another module instead', async () => {
    const folder = scratchFolder()
    const other = join(folder, 'other.ts')
    writeFileSync(other, 'export const operator = { name: "other", reviews: [], conversions: [] }')
    const inputsOf = async (operator?: string) =>
      Object.keys((await bundle('functions/review/lambda.ts', join(folder, 'out'), operator)).metafile.inputs)
    assert.ok((await inputsOf()).includes('functions/operator.ts'))
    const inputs = await inputsOf(other)
    assert.ok(!inputs.includes('functions/operator.ts') && inputs.some((path) => path.endsWith('other.ts')))
  })
})
