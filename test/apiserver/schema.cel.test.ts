import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResourceAccess } from '../../lib/apiserver/auth/access.ts'
import type { Json, Problem, Schema, ValidationRule } from '../../lib/apiserver/resource.ts'
import { blockedBy, rulesOf } from '../../lib/apiserver/schema/cel.ts'
import { type Authority, authorizerFor } from '../../lib/apiserver/schema/cel/authorizer.ts'
import { compileCondition, conditionTypeOf } from '../../lib/apiserver/schema/condition.ts'
import { typeInvalid } from '../../lib/apiserver/schema/problem.ts'

const texts = (problems: Problem[] = []): string[] =>
  problems.map(({ reason, field, message }) => `${reason} ${field}: ${message}`)

const string = (...rules: ValidationRule[]): Schema => ({ type: 'string', 'x-kubernetes-validations': rules })

const specOf = (properties: Record<string, Schema>, ...rules: ValidationRule[]): Schema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } },
})

const evaluate = (schema: Schema, spec: Json, before?: Json): string[] =>
  texts(rulesOf(schema)?.({ spec }, before === undefined ? undefined : { spec: before }))

describe('rulesOf', () => {
  it('has nothing to check where no schema has rules', () => {
    assert.equal(rulesOf(specOf({ a: { type: 'string' } })), undefined)
  })

  const basics = specOf(
    {
      min: { type: 'integer' },
      max: { type: 'integer' },
      name: string({ rule: "self.startsWith('w-')", message: 'must start with w-' }),
      tags: {
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-validations': [
          { rule: "self.all(x, x != 'bad')" },
          {
            rule: 'self.size() < 4',
            messageExpression: "self.size() > 3 ? 'at most 3, not with ' + self[3] : 'at most 3'",
          },
        ],
      },
      limits: {
        type: 'object',
        additionalProperties: { type: 'integer' },
        'x-kubernetes-validations': [
          { rule: 'self.all(k, self[k] > 0)', reason: 'FieldValueForbidden', message: 'limits are positive' },
        ],
      },
      secret: { type: 'string' },
    },
    { rule: '!has(self.min) || !has(self.max) || self.min <= self.max', message: 'min must not exceed max' },
    {
      rule: '!has(self.max) || self.max < 100 || has(self.secret)',
      message: 'private needs a secret',
      reason: 'FieldValueRequired',
      fieldPath: '.secret',
    },
  )
  const cases: [title: string, spec: Json, expected: string[]][] = [
    ['all rules hold', { min: 1, max: 2, name: 'w-1', tags: ['a'], limits: { a: 1 } }, []],
    [
      'a rule on an object shows no value',
      { min: 3, max: 2 },
      ['FieldValueInvalid spec: Invalid value: min must not exceed max'],
    ],
    [
      'a rule on a scalar shows it',
      { name: 'x' },
      ['FieldValueInvalid spec.name: Invalid value: "x": must start with w-'],
    ],
    [
      'no message',
      { tags: ['bad'] },
      ["FieldValueInvalid spec.tags: Invalid value: failed rule: self.all(x, x != 'bad')"],
    ],
    [
      'a message expression',
      { tags: ['a', 'b', 'c', 'd'] },
      ['FieldValueInvalid spec.tags: Invalid value: at most 3, not with d'],
    ],
    ['a reason', { limits: { a: 0 } }, ['FieldValueForbidden spec.limits: Forbidden: limits are positive']],
    [
      'a field path',
      { max: 100 },
      ['FieldValueRequired spec.secret: Required value: private needs a secret'],
    ],
  ]
  for (const [title, spec, expected] of cases)
    it(`says what the real server says: ${title}`, () => assert.deepEqual(evaluate(basics, spec), expected))

  it('tells what went wrong when a rule cannot be evaluated', () => {
    const schema = specOf({ time: string({ rule: "timestamp(self) > timestamp('2020-01-01T00:00:00Z')" }) })
    assert.deepEqual(evaluate(schema, { time: 'no time' }), [
      `FieldValueInvalid spec.time: Invalid value: "string": type conversion error from 'string' to 'google.protobuf.Timestamp' evaluating rule: timestamp(self) > timestamp('2020-01-01T00:00:00Z')`,
    ])
  })

  const types: [title: string, schema: Schema, good: Json, bad: Json][] = [
    [
      'int or string',
      {
        'x-kubernetes-int-or-string': true,
        'x-kubernetes-validations': [{ rule: "type(self) == int ? self > 0 : self.endsWith('%')" }],
      },
      1,
      0,
    ],
    [
      'a time',
      { ...string({ rule: 'self.getFullYear() == 2024' }), format: 'date-time' },
      '2024-05-05T00:00:00Z',
      '2023-05-05T00:00:00Z',
    ],
    ['a duration', { ...string({ rule: "self < duration('5m')" }), format: 'duration' }, '1m', '10m'],
    ['bytes', { ...string({ rule: 'size(self) == 3' }), format: 'byte' }, 'YWJj', 'YWI='],
    ['a number', { type: 'number', 'x-kubernetes-validations': [{ rule: 'self < 1.5' }] }, 1, 1.75],
    [
      'the quantity library',
      string({ rule: "isQuantity(self) && quantity(self).isGreaterThan(quantity('100Mi'))" }),
      '1Gi',
      '10Mi',
    ],
    [
      'the IP library',
      string({ rule: 'isIP(self) && ip(self).family() == 4 && !ip(self).isLoopback()' }),
      '10.0.0.1',
      '127.0.0.1',
    ],
    [
      'the CIDR library',
      string({ rule: "isCIDR(self) && cidr(self).containsIP(ip('10.1.2.3'))" }),
      '10.0.0.0/8',
      '192.168.0.0/16',
    ],
    [
      'the URL library',
      string({ rule: "isURL(self) && url(self).getScheme() == 'https'" }),
      'https://a.example.com/x',
      'http://a.example.com',
    ],
    [
      'the format library',
      string({ rule: '!format.dns1123Label().validate(self).hasValue()' }),
      'a-label',
      'Not A Label',
    ],
    ['the regex library', string({ rule: "self.find('[0-9]+') == '42'" }), 'x42y', 'x43y'],
    [
      'the strings library',
      string({ rule: "self.trim().replace('a', 'b').indexOf('b') == 0" }),
      ' abc',
      'cab',
    ],
    [
      'the semver library',
      string({ rule: "isSemver(self) && semver(self).compareTo(semver('1.2.0')) >= 0" }),
      '1.10.0',
      '1.1.9',
    ],
  ]
  for (const [title, schema, good, bad] of types)
    it(`evaluates rules about values as the real server does: ${title}`, () => {
      assert.deepEqual(evaluate(specOf({ v: schema }), { v: good }), [])
      assert.equal(evaluate(specOf({ v: schema }), { v: bad }).length, 1)
    })

  it('sees fields under their escaped names, and null as absent', () => {
    const schema = specOf(
      { 'x-y': { type: 'integer' }, namespace: { type: 'integer' }, nul: { type: 'string', nullable: true } },
      { rule: '!has(self.x__dash__y) || self.x__dash__y > 0', message: 'dash' },
      { rule: '!has(self.__namespace__) || self.__namespace__ > 0', message: 'keyword' },
      { rule: "!has(self.nul) || self.nul != 'x'", message: 'nul' },
    )
    assert.deepEqual(evaluate(schema, { 'x-y': 0, namespace: 0, nul: null }), [
      'FieldValueInvalid spec: Invalid value: dash',
      'FieldValueInvalid spec: Invalid value: keyword',
    ])
  })
})

describe('rulesOf on updates', () => {
  it('asks rules about a change only where something was before', () => {
    const schema = specOf({ fixed: string({ rule: 'self == oldSelf', message: 'is immutable' }) })
    assert.deepEqual(evaluate(schema, { fixed: 'a' }), [])
    assert.deepEqual(evaluate(schema, { fixed: 'b' }, {}), [])
    assert.deepEqual(evaluate(schema, { fixed: 'b' }, { fixed: 'a' }), [
      'FieldValueInvalid spec.fixed: Invalid value: "b": is immutable',
    ])
  })

  it('asks rules that want to know of nothing, too (optionalOldSelf)', () => {
    const rule = {
      rule: "oldSelf.hasValue() || self != 'late'",
      optionalOldSelf: true,
      message: 'cannot begin late',
    }
    const schema = specOf({ once: string(rule) })
    assert.deepEqual(evaluate(schema, { once: 'late' }), [
      'FieldValueInvalid spec.once: Invalid value: "late": cannot begin late',
    ])
    assert.deepEqual(evaluate(schema, { once: 'late' }, { once: 'early' }), [])
  })

  it('finds what an item of a keyed list was, wherever it stood', () => {
    const schema = specOf({
      items: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            v: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] },
          },
        },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
    })
    const before = {
      items: [
        { name: 'x', v: 1 },
        { name: 'y', v: 5 },
      ],
    }
    assert.deepEqual(
      evaluate(
        schema,
        {
          items: [
            { name: 'y', v: 4 },
            { name: 'z', v: 0 },
          ],
        },
        before,
      ),
      ['FieldValueInvalid spec.items[0].v: Invalid value: 4: failed rule: self >= oldSelf'],
    )
  })

  it('forgives what did not change, but not where the rule is about change', () => {
    const schema = specOf({
      plain: string({ rule: "self != 'x'" }),
      moving: {
        type: 'integer',
        'x-kubernetes-validations': [{ rule: 'self == 0 || self != oldSelf', message: 'must move' }],
      },
    })
    const spec = { plain: 'x', moving: 2 }
    assert.deepEqual(evaluate(schema, { ...spec, more: 1 }, spec), [
      'FieldValueInvalid spec.moving: Invalid value: 2: must move',
    ])
  })
})

describe('blockedBy', () => {
  it('says that rules were left out when the structure is wrong', () => {
    assert.deepEqual(texts(blockedBy([typeInvalid('spec.min', 'string', '')])), [
      'FieldValueInvalid <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ])
    assert.deepEqual(blockedBy([]), [])
  })
})

describe('conditions', () => {
  it('tells the type of an expression, or why it does not compile', () => {
    assert.deepEqual(conditionTypeOf('1'), { name: 'int' })
    assert.deepEqual(conditionTypeOf('object.a == 1'), { name: 'bool' })
    assert.match(
      conditionTypeOf('nothing').error ?? '',
      /^ERROR: <input>:1:1: undeclared reference to 'nothing'/,
    )
  })

  const request: ResourceAccess = {
    type: 'resource',
    verb: '',
    group: 'apps',
    resource: 'deployments',
    subresource: '',
    namespace: 'a',
    name: 'd',
  }

  /** Evaluates with an authority that tells what it was asked, and allows `get`; undefined when it holds. */
  function asked(expression: string) {
    const questions: Record<string, unknown>[] = []
    const authority = (who: string): Authority => ({
      check(access) {
        questions.push({ who, ...access })
        return { allowed: access.verb === 'get', reason: 'because' }
      },
      as: (namespace, name) => authority(`${namespace}/${name}`),
    })
    assert.deepEqual(conditionTypeOf(expression), { name: 'bool' })
    const result = compileCondition(expression)({}, authorizerFor(authority('user'), request))
    return { ...result, questions }
  }

  it('asks the authorizer about resources, in the words of the expression', () => {
    const parts = "subresource('log').namespace('n').name('p').fieldSelector('a=b').labelSelector('c')"
    const { holds, questions } = asked(
      `authorizer.group('').resource('pods').${parts}.check('get').allowed()`,
    )
    assert.equal(holds, true)
    const pod = { group: '', resource: 'pods', subresource: 'log', namespace: 'n', name: 'p' }
    assert.deepEqual(questions, [{ who: 'user', type: 'resource', verb: 'get', ...pod }])
    assert.equal(asked("authorizer.group('').resource('pods').check('list').allowed()").holds, false)
  })

  it('asks the authorizer about paths, about the request itself and for service accounts', () => {
    const path = asked(
      "authorizer.serviceAccount('n', 's').path('/metrics').check('get').reason() == 'because'",
    )
    assert.deepEqual(path, {
      holds: true,
      questions: [{ who: 'n/s', type: 'path', verb: 'get', path: '/metrics' }],
    })
    const own = asked("authorizer.requestResource.name('e').check('get').allowed()")
    assert.deepEqual(own.questions, [{ who: 'user', ...request, verb: 'get', name: 'e' }])
    assert.equal(asked("authorizer.requestResource.check('x').errored()").holds, false)
    assert.equal(asked("authorizer.requestResource.check('x').error() == ''").holds, true)
  })

  it('says what cannot be asked of the authorizer', () => {
    const check = "check('get').allowed()"
    assert.equal(asked(`authorizer.path(' ').${check}`).error, 'path must not be empty')
    assert.equal(asked(`authorizer.group('').resource('').${check}`).error, 'resource must not be empty')
    assert.equal(
      asked(`authorizer.serviceAccount('n', 'S').path('/').${check}`).error,
      'Invalid service account name',
    )
    assert.equal(
      asked(`authorizer.serviceAccount('N', 's').path('/').${check}`).error,
      'Invalid service account namespace',
    )
    assert.match(
      conditionTypeOf(`authorizer.group('').${check}`).error ?? '',
      /found no matching overload for 'check' applied to 'kubernetes.authorization.GroupCheck.\(string\)'/,
    )
  })
})
