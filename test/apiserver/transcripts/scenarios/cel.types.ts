/** CEL rules of custom resources: those that do not compile, and types. */
import { CRDS, int, str } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
import { obj, rule } from './cel.ts'

export const scenarios: readonly Source[] = [
  [
    'compile-errors',
    'Rules that do not compile, and rules that cost too much.',
    async (t) => {
      const bad = (schema: object, note: string) =>
        t.post(`${CRDS}?dryRun=All`, t.crdObject({ kind: 'Widget', schema }), { note })
      await bad(obj({ spec: obj({ a: str }, [rule('self.b == 1')]) }), 'an unknown field')
      await bad(obj({ spec: obj({ a: str }, [rule('self.a == 1')]) }), 'types that do not fit')
      await bad(obj({ spec: obj({ a: str }, [rule('self.a ==')]) }), 'a syntax error')
      await bad(obj({ spec: obj({ a: str }, [rule('self.a')]) }), 'not a boolean')
      await bad(obj({ spec: obj({ a: str }, [rule('nofunc(self.a)')]) }), 'an unknown function')
      await bad(obj({ spec: obj({ a: str }, [rule('')]) }), 'an empty rule')
      await bad(
        obj({ spec: obj({ a: str }, [rule('has(self.a)', { messageExpression: '1 + 1' })]) }),
        'a message that is not a string',
      )
      await bad(
        obj({ spec: obj({ a: int }, [rule('has(self.a)', { messageExpression: 'string(self.a)' })]) }),
        'the text of a number counts as unbounded, so the message costs too much',
      )
      await bad(
        obj({ spec: obj({ a: str }, [rule('has(self.a)', { message: 'two\nlines' })]) }),
        'a message of two lines',
      )
      await bad(
        obj({ spec: obj({ a: str }, [rule('has(self.a)', { reason: 'Whatever' })]) }),
        'an unknown reason',
      )
      await bad(
        obj({ spec: obj({ a: str }, [rule('has(self.a)', { fieldPath: '.none' })]) }),
        'a field path that does not exist',
      )
      await bad(
        obj({ spec: obj({ a: str }, [rule('has(self.a)', { optionalOldSelf: true })]) }),
        'optionalOldSelf without oldSelf',
      )
      await bad(
        obj({
          spec: obj({
            l: {
              type: 'array',
              items: str,
              'x-kubernetes-validations': [rule('self.all(x, self.all(y, x == y || x != y))')],
            },
          }),
        }),
        'nested loops over unbounded lists',
      )
      await bad(
        obj({
          spec: obj({
            l: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  m: {
                    type: 'array',
                    items: {
                      type: 'string',
                      'x-kubernetes-validations': [rule("self.matches('^a+$') && self.contains('b')")],
                    },
                  },
                },
              },
            },
          }),
        }),
        'a cheap rule in unbounded nested lists',
      )
      await bad(
        obj({
          spec: obj({
            l: {
              type: 'array',
              items: obj({ v: { type: 'integer', 'x-kubernetes-validations': [rule('self == oldSelf')] } }),
            },
          }),
        }),
        'oldSelf in a list that cannot be correlated',
      )
      await bad(
        {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          'x-kubernetes-validations': [rule('has(self.spec)')],
        },
        'fields that the schema does not name',
      )
      await bad(
        obj({ metadata: { type: 'object' }, spec: obj({ a: str }) }, [
          rule("self.metadata.labels['x'] == 'y'"),
        ]),
        'only name and generateName of metadata',
      )
    },
  ],
  [
    'types',
    'int-or-string, nullable, dates, durations, bytes, maps, escaped names, optional fields.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: obj({
          spec: obj(
            {
              ios: {
                'x-kubernetes-int-or-string': true,
                'x-kubernetes-validations': [rule("type(self) == int ? self > 0 : self.endsWith('%')")],
              },
              when: {
                type: 'string',
                format: 'date-time',
                'x-kubernetes-validations': [rule('self.getFullYear() == 2024')],
              },
              dur: {
                type: 'string',
                format: 'duration',
                'x-kubernetes-validations': [rule("self < duration('5m')")],
              },
              bytes: {
                type: 'string',
                format: 'byte',
                'x-kubernetes-validations': [rule('size(self) == 3')],
              },
              num: { type: 'number', 'x-kubernetes-validations': [rule('self < 1.5')] },
              nul: { type: 'string', nullable: true },
              'x-y': int,
              namespace: int,
              __odd: int,
              enabled: { type: 'boolean' },
              port: { type: 'integer', default: 80 },
              m: {
                type: 'object',
                maxProperties: 5,
                additionalProperties: { type: 'string', maxLength: 10 },
              },
            },
            [
              rule('!has(self.x__dash__y) || self.x__dash__y > 0', 'dash'),
              rule('!has(self.__namespace__) || self.__namespace__ > 0', 'keyword'),
              rule('self.port != 22', 'no ssh'),
              rule("!has(self.m) || self.m.exists(k, k == 'a') || 'b' in self.m", 'a or b'),
              rule("!has(self.nul) || self.nul != 'x'", 'nul'),
              rule("self.?m['z'].orValue('') != 'never'", 'optional'),
            ],
          ),
        }),
      })
      for (const s of [
        { ios: 1 },
        { ios: '5%' },
        { ios: 0 },
        { ios: '5' },
        { when: '2024-05-05T00:00:00Z' },
        { when: '2023-05-05T00:00:00Z' },
        { dur: '1m' },
        { dur: '10m' },
        { bytes: 'YWJj' },
        { bytes: 'YWI=' },
        { num: 1 },
        { num: 1.75 },
        { nul: null },
        { nul: 'x' },
        { 'x-y': 0 },
        { namespace: 0 },
        { port: 22 },
        {},
        { m: { a: '' } },
        { m: { c: '' } },
        { m: { b: '', z: 'never' } },
      ])
        await t.post(`${w.path}?dryRun=All`, w.obj('x', s), { note: JSON.stringify(s) })
    },
  ],
]
