import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkSchema } from '../../lib/kind/check.ts'
import { toSchema } from '../../lib/kind/schema.ts'
import { accepted, refused } from './constructs.ts'

const translate = (schema: Parameters<typeof toSchema>[0]) => {
  const problems: string[] = []
  const structure = toSchema(schema, 'x', (path, problem) => problems.push(`${path}: ${problem}`))
  if (problems.length === 0)
    checkSchema(structure, 'x', (path, problem) => problems.push(`${path}: ${problem}`))
  return { structure, problems }
}

describe('zod becomes a structural schema', () => {
  for (const [title, schema, structure] of accepted)
    it(title, () => assert.deepEqual(translate(schema), { structure, problems: [] }))
})

describe('zod is refused with the place, the rule and the way out', () => {
  for (const [title, schema, problem] of refused)
    it(title, () => assert.deepEqual(translate(schema).problems, [problem]))
})
