/** Values of a structural schema, for fast-check: small ones, so that what fails is readable. */
import * as fc from 'fast-check'
import type { Convertible } from '../convert.ts'
import type { KindVersion } from '../kind.ts'

type Schema = KindVersion['declaration']['versions'][number]['schema']

/** How many items beyond the fewest, and how long a text, is worth a try. */
const MORE = 3
const LONG = 12

/** Arbitrary values that the schema describes; rules that are code are not known here. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const plain = alternativesOf(schema)
  return schema.nullable ? fc.option(plain, { nil: null, freq: 5 }) : plain
}

function alternativesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema['x-kubernetes-int-or-string'])
    return fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.string({ maxLength: LONG }))
  const branches = schema.oneOf ?? schema.anyOf
  if (branches !== undefined && branches.length > 0)
    return fc.oneof(...branches.map((branch) => ofType(joined(schema, branch))))
  return ofType((schema.allOf ?? []).reduce(joined, schema))
}

/** A branch says more about what stands there already. */
function joined(base: Schema, more: Schema): Schema {
  const { anyOf: _any, oneOf: _one, allOf: _all, ...rest } = base
  const properties = { ...rest.properties }
  for (const [name, field] of Object.entries(more.properties ?? {}))
    properties[name] = { ...properties[name], ...field }
  const required = [...new Set([...(rest.required ?? []), ...(more.required ?? [])])]
  return { ...rest, ...more, ...(Object.keys(properties).length > 0 && { properties, required }) }
}

function ofType(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'string':
      return textsOf(schema)
    case 'integer':
      return integersOf(schema)
    case 'number':
      return numbersOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'array':
      return listsOf(schema)
    case 'object':
      return objectsOf(schema)
    default:
      return fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null)
  }
}

const FORMATS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'date-time': fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
    .map((date) => date.toISOString()),
  date: fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
    .map((date) => date.toISOString().slice(0, 10)),
  uuid: fc.uuid(),
  email: fc.emailAddress(),
  uri: fc.webUrl(),
  ipv4: fc.ipV4(),
  ipv6: fc.ipV6(),
  hostname: fc.domain(),
}

function textsOf({ format = '', pattern, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  const known = FORMATS[format]
  if (known !== undefined) return known
  if (pattern !== undefined)
    return fc
      .stringMatching(new RegExp(pattern))
      .filter(({ length }) => length >= minLength && length <= (maxLength ?? length))
  return fc.string({ minLength, maxLength: Math.min(maxLength ?? minLength + LONG, minLength + LONG) })
}

function integersOf(schema: Schema): fc.Arbitrary<number> {
  const { minimum = -1000, exclusiveMinimum, exclusiveMaximum, multipleOf = 1 } = schema
  const maximum = schema.maximum ?? Math.max(minimum, 0) + 100_000
  const least = Math.ceil((exclusiveMinimum ? minimum + 1 : minimum) / multipleOf)
  const most = Math.floor((exclusiveMaximum ? maximum - 1 : maximum) / multipleOf)
  return fc.integer({ min: least, max: most }).map((times) => times * multipleOf)
}

const numbersOf = ({ minimum = -1000, maximum = 100_000 }: Schema): fc.Arbitrary<number> =>
  // JSON knows no -0.
  fc.double({ min: minimum, max: maximum, noNaN: true }).map((value) => (value === 0 ? 0 : value))

function listsOf(schema: Schema): fc.Arbitrary<unknown[]> {
  const { items = {}, minItems = 0, maxItems = minItems + MORE } = schema
  const bounds = { minLength: minItems, maxLength: Math.min(maxItems, minItems + MORE) }
  const keys = schema['x-kubernetes-list-map-keys']
  if (keys === undefined && schema['x-kubernetes-list-type'] !== 'set')
    return fc.array(valuesOf(items), bounds)
  const selector = (item: unknown): string =>
    JSON.stringify(keys === undefined ? item : keys.map((key) => (item as Record<string, unknown>)[key]))
  return fc.uniqueArray(valuesOf(items), { ...bounds, selector })
}

function objectsOf(schema: Schema): fc.Arbitrary<object> {
  const { properties = {}, additionalProperties, required = [] } = schema
  if (additionalProperties !== undefined)
    return fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), valuesOf(additionalProperties), {
      minKeys: schema.minProperties ?? 0,
      maxKeys: Math.min(schema.maxProperties ?? MORE, MORE),
      noNullPrototype: true,
    })
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, valuesOf(field)]),
  )
  return fc.record(fields, { requiredKeys: required.filter((name) => name in fields), noNullPrototype: true })
}

/** Objects of a version of a kind, as somebody may have sent them: valid by its schemas, refinements included. */
export function objectsIn(kind: KindVersion, version: string): fc.Arbitrary<Convertible> {
  const declared = kind.declaration.versions.find(({ name }) => name === version)
  const { spec = {}, status } = declared?.schema.properties ?? {}
  const isValid = (value: unknown) => declared?.spec.safeParse(value).success ?? false
  const parts = {
    spec: valuesOf(spec).filter(isValid),
    ...(status !== undefined && { status: alternativesOf(status) }),
  }
  return fc.record(parts, { requiredKeys: ['spec'], noNullPrototype: true }).map((body) => ({
    apiVersion: `${kind.group}/${version}`,
    kind: kind.kind,
    metadata: { name: 'it', namespace: 'default', labels: { app: 'it' } },
    ...body,
  }))
}
