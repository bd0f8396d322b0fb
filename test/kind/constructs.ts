/** Every construct of zod beside what becomes of it: the structural schema, or the text of the refusal. */
import * as z from 'zod'
import { intOrString, listMap, listSet, quantity, rule, unchecked, withRules } from '../../lib/kind/field.ts'
import type { Schema } from '../../lib/kind/structure.ts'

export type Accepted = readonly [title: string, schema: z.ZodType, structure: Schema]
export type Refused = readonly [title: string, schema: z.ZodType, problem: string]

const item = z.object({ name: z.string(), port: z.int().optional() })
const itemStructure: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, port: { type: 'integer' } },
  required: ['name'],
}
const OPEN = { 'x-kubernetes-preserve-unknown-fields': true } as const

export const accepted: readonly Accepted[] = [
  // Strings
  ['string', z.string(), { type: 'string' }],
  ['string().min().max()', z.string().min(1).max(9), { type: 'string', minLength: 1, maxLength: 9 }],
  ['string().length()', z.string().length(3), { type: 'string', minLength: 3, maxLength: 3 }],
  ['string().nonempty()', z.string().nonempty(), { type: 'string', minLength: 1 }],
  ['string().regex()', z.string().regex(/^[a-z]+$/), { type: 'string', pattern: '^[a-z]+$' }],
  [
    'two regexes',
    z.string().regex(/^a/).regex(/z$/),
    { type: 'string', pattern: '^a', allOf: [{ pattern: 'z$' }] },
  ],
  ['startsWith', z.string().startsWith('a.b'), { type: 'string', pattern: '^a\\.b.*' }],
  ['endsWith', z.string().endsWith('.io'), { type: 'string', pattern: '.*\\.io$' }],
  ['includes', z.string().includes('/'), { type: 'string', pattern: '\\/' }],
  ['lowercase', z.string().lowercase(), { type: 'string', pattern: '^[^A-Z]*$' }],
  ['uppercase', z.string().uppercase(), { type: 'string', pattern: '^[^a-z]*$' }],
  [
    'email',
    z.email(),
    {
      type: 'string',
      format: 'email',
      pattern:
        "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
    },
  ],
  ['uuid', z.uuidv4(), { type: 'string', format: 'uuid', pattern: source(z.regexes.uuid4) }],
  ['guid', z.guid(), { type: 'string', pattern: source(z.regexes.guid) }],
  ['ipv4', z.ipv4(), { type: 'string', format: 'ipv4', pattern: source(z.regexes.ipv4) }],
  ['ipv6', z.ipv6(), { type: 'string', format: 'ipv6', pattern: ':' }],
  ['cidrv4', z.cidrv4(), { type: 'string', format: 'cidr', pattern: source(z.regexes.cidrv4) }],
  ['cidrv6', z.cidrv6(), { type: 'string', format: 'cidr', pattern: ':' }],
  ['mac', z.mac(), { type: 'string', pattern: source(z.regexes.mac()) }],
  ['url', z.url(), { type: 'string', format: 'uri', pattern: '^[A-Za-z][A-Za-z0-9+.-]*:' }],
  ['base64', z.base64(), { type: 'string', pattern: source(z.regexes.base64) }],
  ['base64url', z.base64url(), { type: 'string', pattern: source(z.regexes.base64url) }],
  [
    'hostname',
    z.hostname(),
    {
      type: 'string',
      maxLength: 254,
      pattern:
        '^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\\.?$',
    },
  ],
  ['iso.date', z.iso.date(), { type: 'string', format: 'date', pattern: source(z.regexes.date) }],
  [
    'iso.datetime',
    z.iso.datetime({ offset: true }),
    { type: 'string', format: 'date-time', pattern: source(z.regexes.datetime({ offset: true })) },
  ],
  [
    'iso.datetime, local',
    z.iso.datetime({ local: true }),
    { type: 'string', pattern: source(z.regexes.datetime({ local: true })) },
  ],
  ['iso.time', z.iso.time(), { type: 'string', pattern: source(z.regexes.time({})) }],
  ['ulid', z.ulid(), { type: 'string', pattern: source(z.regexes.ulid) }],
  ['nanoid', z.nanoid(), { type: 'string', pattern: source(z.regexes.nanoid) }],
  ['e164', z.e164(), { type: 'string', pattern: source(z.regexes.e164) }],
  ['hex', z.hex(), { type: 'string', pattern: source(z.regexes.hex) }],
  ['hash', z.hash('sha256'), { type: 'string', pattern: source(z.regexes.sha256_hex) }],
  ['stringFormat with a regex', z.stringFormat('zip', /^\d{5}$/), { type: 'string', pattern: '^\\d{5}$' }],
  [
    'templateLiteral',
    z.templateLiteral(['v', z.int()]),
    { type: 'string', pattern: source(z.templateLiteral(['v', z.int()])._zod.pattern) },
  ],
  ['a format of the server', z.string().meta({ format: 'duration' }), { type: 'string', format: 'duration' }],
  // Numbers
  ['number', z.number(), { type: 'number' }],
  ['int', z.int(), { type: 'integer' }],
  ['number().int()', z.number().int(), { type: 'integer' }],
  ['int32', z.int32(), { type: 'integer', format: 'int32' }],
  ['uint32', z.uint32(), { type: 'integer', minimum: 0, maximum: 4294967295 }],
  ['float32', z.float32(), { type: 'number', format: 'float' }],
  ['float64', z.float64(), { type: 'number', format: 'double' }],
  ['min and max', z.int().min(0).max(50), { type: 'integer', minimum: 0, maximum: 50 }],
  [
    'gt and lt',
    z.number().gt(0).lt(1),
    { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
  ],
  ['the tighter bound', z.int().gt(0).min(5).min(3), { type: 'integer', minimum: 5 }],
  ['positive', z.int().positive(), { type: 'integer', minimum: 0, exclusiveMinimum: true }],
  ['multipleOf', z.number().multipleOf(5), { type: 'number', multipleOf: 5 }],
  ['int64 by meta', z.int().meta({ format: 'int64' }), { type: 'integer', format: 'int64' }],
  ['boolean', z.boolean(), { type: 'boolean' }],
  // Values
  ['enum', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
  ['enum of numbers', z.enum({ One: 1, Two: 2 }), { type: 'integer', enum: [1, 2] }],
  ['literal', z.literal('a'), { type: 'string', enum: ['a'] }],
  ['literals', z.literal([1, 2]), { type: 'integer', enum: [1, 2] }],
  ['literal true', z.literal(true), { type: 'boolean', enum: [true] }],
  // Wrappers
  ['optional', z.string().optional(), { type: 'string' }],
  ['nullable', z.string().nullable(), { type: 'string', nullable: true }],
  ['nullish', z.int().nullish(), { type: 'integer', nullable: true }],
  [
    'nullable enum, which a server never lets be null',
    z.enum(['a']).nullable(),
    { type: 'string', nullable: true, allOf: [{ enum: ['a'] }] },
  ],
  ['readonly', z.array(z.string()).readonly(), { type: 'array', items: { type: 'string' } }],
  ['brand', z.string().brand<'Image'>(), { type: 'string' }],
  ['default', z.int().default(1), { type: 'integer', default: 1 }],
  ['default of a function', z.int().default(() => 2), { type: 'integer', default: 2 }],
  [
    'default object',
    z.object({ a: z.int() }).default({ a: 1 }),
    { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], default: { a: 1 } },
  ],
  [
    'prefault',
    z.object({ a: z.int().default(1) }).prefault({}),
    { type: 'object', properties: { a: { type: 'integer', default: 1 } }, default: {} },
  ],
  ['nonoptional', z.nonoptional(z.string().optional()), { type: 'string' }],
  ['lazy', z.lazy(() => z.string()), { type: 'string' }],
  ['describe', z.string().describe('What.'), { type: 'string', description: 'What.' }],
  [
    'meta before checks',
    z.string().meta({ title: 'T' }).min(1),
    { type: 'string', minLength: 1, title: 'T' },
  ],
  [
    'meta id and other keys are for others',
    z.string().meta({ id: 'x1', examples: ['a'] }),
    { type: 'string' },
  ],
  // Composites
  ['object', item, itemStructure],
  ['empty object', z.object({}), { type: 'object' }],
  ['strictObject: the server prunes', z.strictObject({ a: z.int() }), objectWith('a')],
  ['looseObject', z.looseObject({ a: z.int() }), { ...objectWith('a'), ...OPEN }],
  ['catchall(unknown)', z.object({ a: z.int() }).catchall(z.unknown()), { ...objectWith('a'), ...OPEN }],
  ['partial', item.partial(), { type: 'object', properties: itemStructure.properties ?? {} }],
  ['intersection', z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() })), objectWith('a', 'b')],
  ['record', z.record(z.string(), z.int()), { type: 'object', additionalProperties: { type: 'integer' } }],
  ['record(enum)', z.record(z.enum(['a', 'b']), z.int()), objectWith('a', 'b')],
  [
    'partialRecord',
    z.partialRecord(z.enum(['a', 'b']), z.int()),
    { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } } },
  ],
  [
    'record with a rule for its keys',
    withRules(
      z.record(z.string().regex(/^a/), z.int()).meta({ maxProperties: 5 }),
      rule("self.all(k, k.startsWith('a'))"),
    ),
    {
      type: 'object',
      additionalProperties: { type: 'integer' },
      maxProperties: 5,
      'x-kubernetes-validations': [{ rule: "self.all(k, k.startsWith('a'))" }],
    },
  ],
  [
    'array',
    z.array(z.string()).min(1).max(3),
    { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 },
  ],
  [
    'array().length()',
    z.array(z.int()).length(2),
    { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2 },
  ],
  ['unknown', z.unknown(), OPEN],
  ['any', z.any(), OPEN],
  ['json', z.json(), OPEN],
  ['unchecked', unchecked<{ containers: unknown[] }>(), OPEN],
  [
    'embedded resource',
    z.looseObject({}).meta({ 'x-kubernetes-embedded-resource': true }),
    { type: 'object', ...OPEN, 'x-kubernetes-embedded-resource': true },
  ],
  [
    'listMap',
    listMap('name', item),
    {
      type: 'array',
      items: itemStructure,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
  ],
  [
    'listSet',
    listSet(z.string()),
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  ],
  [
    'map type',
    item.meta({ 'x-kubernetes-map-type': 'atomic' }),
    { ...itemStructure, 'x-kubernetes-map-type': 'atomic' },
  ],
  [
    'rule',
    withRules(z.string(), rule('self == oldSelf', 'is immutable', { reason: 'FieldValueForbidden' })),
    {
      type: 'string',
      'x-kubernetes-validations': [
        { rule: 'self == oldSelf', message: 'is immutable', reason: 'FieldValueForbidden' },
      ],
    },
  ],
  [
    'refine with a rule beside it',
    withRules(z.int(), rule('self % 2 == 0')).refine((value) => value % 2 === 0),
    { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self % 2 == 0' }] },
  ],
  // Unions
  ['union with null', z.union([z.string(), z.null()]), { type: 'string', nullable: true }],
  ['union of literals', z.union([z.literal('a'), z.literal('b')]), { type: 'string', enum: ['a', 'b'] }],
  [
    'union of strings',
    z.union([z.literal('auto'), z.string().regex(/^\d+$/)]),
    { type: 'string', anyOf: [{ enum: ['auto'] }, { pattern: '^\\d+$' }] },
  ],
  ['union that says nothing more', z.union([z.literal('a'), z.string()]), { type: 'string' }],
  ['union with unknown', z.union([z.string(), z.unknown()]), OPEN],
  ['int or string', intOrString(), { 'x-kubernetes-int-or-string': true }],
  [
    'int or word',
    z.union([z.int().min(1), z.literal('a.b')]),
    { 'x-kubernetes-int-or-string': true, pattern: '^(?:a\\.b)$', minimum: 1 },
  ],
  [
    'quantity',
    quantity(),
    {
      'x-kubernetes-int-or-string': true,
      pattern: '^[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$',
    },
  ],
  [
    'discriminatedUnion',
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('git'), url: z.string() }),
      z.object({ type: z.literal('image'), image: z.string(), url: z.string().optional() }),
    ]),
    {
      type: 'object',
      properties: {
        type: { type: 'string', enum: ['git', 'image'] },
        url: { type: 'string' },
        image: { type: 'string' },
      },
      required: ['type'],
      oneOf: [
        { properties: { type: { enum: ['git'] } }, required: ['url'] },
        { properties: { type: { enum: ['image'] } }, required: ['image'] },
      ],
    },
  ],
  [
    'union of objects',
    z.union([z.object({ a: z.int() }), z.object({ b: z.int() })]),
    {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
  ],
  [
    'xor',
    z.xor([z.object({ a: z.int() }), z.object({ b: z.int() })]),
    {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
  ],
  [
    'intersection with a union',
    z.object({ c: z.int() }).and(z.union([z.object({ a: z.int() }), z.object({ b: z.int() })])),
    {
      type: 'object',
      properties: { c: { type: 'integer' }, a: { type: 'integer' }, b: { type: 'integer' } },
      required: ['c'],
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
  ],
  [
    'one field with other bounds per branch',
    z.union([z.object({ n: z.int().max(3) }), z.object({ n: z.int().min(9) })]),
    {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      anyOf: [{ properties: { n: { maximum: 3 } } }, { properties: { n: { minimum: 9 } } }],
    },
  ],
]

interface Tree {
  readonly children: readonly Tree[]
}
const tree: z.ZodType<Tree> = z.object({
  get children() {
    return z.array(tree)
  },
})
let drawn = 0

export const refused: readonly Refused[] = [
  ['date', z.date(), 'x: z.date() is not JSON: use z.iso.datetime()'],
  [
    'set',
    z.set(z.string()),
    "x: z.set() is not JSON: use listSet(item), a z.array() with .meta({ 'x-kubernetes-list-type': 'set' })",
  ],
  ['map', z.map(z.string(), z.int()), 'x: z.map() is not JSON: use z.record(z.string(), ...)'],
  ['bigint', z.bigint(), "x: z.bigint() is not JSON: use z.int(), or z.int().meta({ format: 'int64' })"],
  ['int64', z.int64(), "x: z.bigint() is not JSON: use z.int(), or z.int().meta({ format: 'int64' })"],
  ['symbol', z.symbol(), 'x: z.symbol() is not JSON: remove it'],
  ['undefined', z.undefined(), 'x: z.undefined() is not JSON: use .optional()'],
  ['void', z.void(), 'x: z.void() is not JSON: use .optional()'],
  ['nan', z.nan(), 'x: z.nan() is not JSON: use z.number()'],
  ['file', z.file(), 'x: z.file() is not JSON: use z.base64()'],
  ['promise', z.promise(z.string()), 'x: z.promise() is not JSON: remove it'],
  ['null', z.null(), 'x: z.null() alone has no type: use .nullable() on the type that it may have otherwise'],
  [
    'never',
    z.never(),
    'x: z.never() has no counterpart in a schema: leave the field out, unknown fields are pruned',
  ],
  [
    'tuple',
    z.tuple([z.string()]),
    'x: z.tuple() has no counterpart in a schema: use an object with named fields, or z.array()',
  ],
  [
    'transform',
    z.string().transform(Number),
    'x: a pipe, transform, codec or preprocess is code, which the API server cannot call: declare what is stored and transform in reconcile',
  ],
  [
    'preprocess',
    z.preprocess(String, z.string()),
    'x: a pipe, transform, codec or preprocess is code, which the API server cannot call: declare what is stored and transform in reconcile',
  ],
  [
    'stringbool',
    z.stringbool(),
    'x: a pipe, transform, codec or preprocess is code, which the API server cannot call: declare what is stored and transform in reconcile',
  ],
  [
    'catch',
    z.string().catch('a'),
    'x: .catch() has no counterpart in a schema, which refuses instead: use .default()',
  ],
  ['coerce', z.coerce.number(), 'x: z.coerce.number() converts, the API server does not: use z.number()'],
  [
    'trim',
    z.string().trim(),
    'x: the API server stores what was sent: instead of trim(), toLowerCase() or overwrite() demand the form by a regex',
  ],
  [
    'refine',
    z.string().refine((text) => text !== 'x'),
    "x: a refinement is code, which the API server cannot call: say it in CEL beside it, .meta({ 'x-kubernetes-validations': [rule('self.size() > 1')] })",
  ],
  [
    'superRefine on an object',
    z.object({}).superRefine(() => {}),
    "x: a refinement is code, which the API server cannot call: say it in CEL beside it, .meta({ 'x-kubernetes-validations': [rule('self.size() > 1')] })",
  ],
  [
    'custom',
    z.custom<string>((value) => typeof value === 'string'),
    'x: z.custom() and z.instanceof() are code, which the API server cannot call: use unchecked<T>() for any JSON of that type',
  ],
  [
    'recursion',
    tree,
    'x.children[]: a recursive type has no counterpart in a schema: use z.unknown() where it would repeat, or references by name',
  ],
  [
    'regex with a flag',
    z.string().regex(/^a$/i),
    'x: the pattern has flag "i" cannot be carried by a schema: write it into the pattern',
  ],
  [
    'regex with lookahead',
    z.string().regex(/^(?!a)/),
    "x: the pattern has lookaround (?!...): the API server's RE2 has no such thing",
  ],
  [
    'regex with a backreference',
    z.string().regex(/^(a)\1$/),
    "x: the pattern has backreference \\1: the API server's RE2 has no such thing",
  ],
  [
    'iso.duration',
    z.iso.duration(),
    'x: the format "duration" has no counterpart in a schema: use z.string().meta({ format: \'duration\' }), which is Go\'s "1h30m"',
  ],
  ['jwt', z.jwt(), 'x: the format "jwt" has no counterpart in a schema: use z.string()'],
  [
    'stringFormat with a function',
    z.stringFormat('even', (text) => text.length % 2 === 0),
    'x: the format "even" is a function, which the API server cannot call: give a regex',
  ],
  [
    'url with options',
    z.httpUrl(),
    'x: options of z.url() have no counterpart in a schema: use z.string().regex(/^https:.../)',
  ],
  [
    'typed catchall',
    z.object({}).catchall(z.int()),
    'x: a typed catchall has no counterpart in a schema: put the open part into a z.record() of its own',
  ],
  [
    'record with a regex for keys',
    z.record(z.string().regex(/^a/), z.int()),
    "x: a schema cannot restrict the keys of a map: use z.string() for them and say it in CEL, .meta({ 'x-kubernetes-validations': [rule(\"self.all(key, key.matches('^[a-z]+$'))\")] })",
  ],
  [
    'record of numbers',
    z.record(z.int(), z.int()),
    'x: keys of type number have no counterpart in a schema: use z.record(z.string(), ...)',
  ],
  [
    'looseRecord',
    z.looseRecord(z.string(), z.int()),
    'x: z.looseRecord() has no counterpart in a schema: use z.record()',
  ],
  [
    'optional items',
    z.array(z.string().optional()),
    'x: items of a list cannot be optional or have a default: the API server has no absent items',
  ],
  [
    'a fractional multipleOf',
    z.number().multipleOf(0.5),
    'x: multipleOf(0.5): the API server takes whole factors only: use a CEL rule, or a smaller unit',
  ],
  [
    'mixed values',
    z.literal(['a', 1]),
    'x: the values of an enumeration must be of one type, all strings, all numbers or all booleans: split it',
  ],
  [
    'union of string and boolean',
    z.union([z.string(), z.boolean()]),
    'x: a union of string and boolean has no counterpart in a schema: use one type (z.int() with z.string() is the exception), or z.unknown()',
  ],
  [
    'number or string',
    z.union([z.number(), z.string()]),
    'x: a union of number and string has no counterpart in a schema: use one type (z.int() with z.string() is the exception), or z.unknown()',
  ],
  [
    'default in a branch',
    z.union([z.object({ a: z.int().default(1) }), z.object({ b: z.int() })]),
    'x: field "a": a default in one branch of a union would be set for the others too: make it optional',
  ],
  [
    'a field of two types in a union',
    z.union([z.object({ a: z.int() }), z.object({ a: z.string() })]),
    'x: field "a" has different types in the branches of a union: give it one type or another name',
  ],
  [
    'union of records',
    z.union([z.record(z.string(), z.int()), z.object({ a: z.int() })]),
    'x: a union of records has no counterpart in a schema: use objects',
  ],
  [
    'intersection of scalars',
    z.intersection(z.string(), z.string().min(1)),
    'x: only objects can be intersected in a schema: write one type',
  ],
  [
    'intersection that disagrees',
    z.intersection(z.object({ a: z.int() }), z.object({ a: z.string() })),
    'x: field "a" differs between the sides of an intersection: declare it once',
  ],
  [
    'default null',
    z.string().nullable().default(null),
    'x: the API server sets no null as a default: use .nullish()',
  ],
  [
    'default that changes',
    z.int().default(() => drawn++),
    'x: the default is different each time: set it in reconcile',
  ],
  [
    'default that is not valid',
    z.int().min(5).default(1),
    'x: the default 1 is not valid: Too small: expected number to be >=5',
  ],
  [
    'default with an unknown field',
    z.object({ a: z.int() }).default(Object.assign({ a: 1 }, { b: 2 })),
    'x: the default has the field "b", which the type does not have: remove it, or use z.looseObject()',
  ],
  [
    'meta with a keyword',
    z.string().meta({ pattern: '^a$' }),
    'x: .meta() must not carry "pattern": use zod\'s own method',
  ],
  [
    'meta with an unknown key',
    z.string().meta({ 'x-kubernetes-lists': 'map' }),
    'x: .meta() has "x-kubernetes-lists", which is no key of a schema: use one of x-kubernetes-validations, x-kubernetes-list-type, x-kubernetes-list-map-keys, x-kubernetes-map-type, x-kubernetes-preserve-unknown-fields, x-kubernetes-embedded-resource, x-kubernetes-int-or-string',
  ],
]

function source(regex: RegExp): string {
  return regex.source
}

function objectWith(...names: readonly string[]): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'integer' as const }])),
    required: names,
  }
}
