/** zod and the API server agree: random schemas, random values, one verdict. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import * as z from 'zod'
import type { Json, Schema } from '../../lib/apiserver/resource.ts'
import { applyDefaults } from '../../lib/apiserver/schema/default.ts'
import { validateSchema } from '../../lib/apiserver/schema/validate.ts'
import { checkSchema } from '../../lib/kind/check.ts'
import { toSchema } from '../../lib/kind/schema.ts'

/** A schema and the values to try on it: most of them are valid. */
interface Trial {
  readonly schema: z.ZodType
  readonly values: fc.Arbitrary<unknown>
}

const trial = (schema: z.ZodType, values: fc.Arbitrary<unknown>): Trial => ({ schema, values })
const word = fc.string({ unit: fc.constantFrom(...'ab1.-:@/'), maxLength: 6 })
const leaf: fc.Arbitrary<Trial> = fc.oneof(
  fc.tuple(fc.nat(3), fc.nat(4)).map(([min, more]) =>
    trial(
      z
        .string()
        .min(min)
        .max(min + more),
      word,
    ),
  ),
  fc.constant(
    trial(
      z
        .string()
        .regex(/^[ab]+$/)
        .includes('b'),
      word,
    ),
  ),
  fc.tuple(fc.integer(), fc.nat(100)).map(([low, more]) =>
    trial(
      z
        .int()
        .min(low)
        .lt(low + more + 1),
      fc.integer({ min: low - 2, max: low + more + 2 }),
    ),
  ),
  fc.constant(trial(z.number().gt(0).multipleOf(3), fc.constantFrom(0, 0.5, 3, -3, 6.5))),
  fc.constant(trial(z.int32(), fc.constantFrom(0, 2 ** 31, -(2 ** 31), 1.5))),
  fc.constant(trial(z.boolean(), fc.boolean())),
  fc.constant(trial(z.enum(['a', 'b']), word)),
  fc.constant(trial(z.enum(['a', 'b']).nullable(), fc.constantFrom('a', 'c', null))),
  fc.constant(trial(z.union([z.int().min(1), z.string().regex(/^\d+%$/)]), fc.constantFrom(0, 5, '5%', 'x'))),
  fc.constant(
    trial(z.union([z.literal('auto'), z.string().min(5)]), fc.constantFrom('auto', 'no', 'long enough')),
  ),
  fc.constant(trial(z.email(), fc.oneof(fc.emailAddress(), word))),
  fc.constant(
    trial(z.iso.datetime(), fc.constantFrom('2026-02-28T01:02:03Z', '2026-02-30T01:02:03Z', 'now')),
  ),
  fc.constant(trial(z.iso.date(), fc.constantFrom('2024-02-29', '2023-02-29'))),
  fc.constant(trial(z.ipv4(), fc.oneof(fc.ipV4(), word))),
  fc.constant(trial(z.base64(), fc.oneof(fc.base64String(), word))),
)

const { schema: trials } = fc.letrec<{ schema: Trial }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie('schema').map(({ schema, values }) => trial(schema.nullable(), fc.option(values, { freq: 5 }))),
    fc
      .tuple(tie('schema'), fc.nat(3))
      .map(([{ schema, values }, max]) =>
        trial(z.array(schema).max(max), fc.array(values, { maxLength: 4 })),
      ),
    tie('schema').map(({ schema, values }) =>
      trial(z.record(z.string(), schema), fc.dictionary(word, values)),
    ),
    fc
      .tuple(tie('schema'), tie('schema'), fc.boolean())
      .map(([a, b, isOptional]) =>
        trial(
          z.object({ a: a.schema, b: isOptional ? b.schema.optional() : b.schema }),
          fc.record({ a: a.values, b: b.values }, { requiredKeys: [] }),
        ),
      ),
    fc
      .tuple(tie('schema'), tie('schema'))
      .map(([a, b]) =>
        trial(
          z.discriminatedUnion('is', [
            z.object({ is: z.literal('a'), a: a.schema }),
            z.object({ is: z.literal('b'), b: b.schema }),
          ]),
          fc.oneof(
            fc.record({ is: fc.constantFrom('a', 'c'), a: a.values }, { requiredKeys: [] }),
            fc.record({ is: fc.constantFrom('b', 'c'), b: b.values }, { requiredKeys: [] }),
          ),
        ),
      ),
  ),
}))

const structureOf = (schema: z.ZodType): Schema => {
  const problems: string[] = []
  const refuse = (path: string, problem: string) => problems.push(`${path}: ${problem}`)
  const structure = toSchema(schema, '', refuse)
  checkSchema(structure, '', refuse)
  assert.deepEqual(problems, [])
  return JSON.parse(JSON.stringify(structure)) as Schema
}

const copy = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

describe('the generated schema', () => {
  it('accepts what zod accepts and refuses what zod refuses', () => {
    const cases = trials.chain(({ schema, values }) => fc.tuple(fc.constant(schema), values))
    fc.assert(
      fc.property(cases, ([schema, value]) => {
        const problems = validateSchema(copy(value), undefined, structureOf(schema), 'x')
        assert.equal(
          problems.length === 0,
          schema.safeParse(value).success,
          JSON.stringify({ value, problems }),
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('fills the defaults that zod fills', () => {
    const schema = z.object({
      image: z.string(),
      replicas: z.int().default(1),
      resources: z.object({ cpu: z.string().default('100m'), memory: z.string().optional() }).prefault({}),
      ports: z
        .array(z.object({ port: z.int(), protocol: z.enum(['TCP', 'UDP']).default('TCP') }))
        .default([]),
    })
    const structure = structureOf(schema)
    const values = fc.record(
      {
        image: fc.string(),
        replicas: fc.nat(),
        resources: fc.record({ cpu: fc.string(), memory: fc.string() }, { requiredKeys: [] }),
        ports: fc.array(
          fc.record({ port: fc.nat(), protocol: fc.constantFrom('TCP', 'UDP') }, { requiredKeys: ['port'] }),
        ),
      },
      { requiredKeys: ['image'] },
    )
    fc.assert(
      fc.property(values, (value) => {
        const filled = copy(value)
        applyDefaults(filled, structure)
        assert.deepEqual(filled, copy(schema.parse(value)))
      }),
    )
  })
})
