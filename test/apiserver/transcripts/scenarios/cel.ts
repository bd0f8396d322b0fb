/** CEL rules of custom resources: what they say when they fail, transitions, libraries. */
import { int, str } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'

export const rule = (r: string, more: string | object = {}) => ({
  rule: r,
  ...(typeof more === 'string' ? { message: more } : more),
})
export const obj = (properties: object, rules?: readonly object[], more: object = {}) => ({
  type: 'object',
  properties,
  ...(rules ? { 'x-kubernetes-validations': rules } : {}),
  ...more,
})
export const arr = (items: object, more: object = {}) => ({ type: 'array', items, maxItems: 10, ...more })

export const scenarios: readonly Source[] = [
  [
    'basics',
    'Rules on objects, scalars, lists and maps; messages, reasons and field paths.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: obj(
          {
            spec: obj(
              {
                min: int,
                max: int,
                name: {
                  type: 'string',
                  maxLength: 20,
                  'x-kubernetes-validations': [rule("self.startsWith('w-')", 'must start with w-')],
                },
                tags: arr(
                  { type: 'string', maxLength: 10 },
                  {
                    'x-kubernetes-validations': [
                      rule("self.all(x, x != 'bad')"),
                      rule('self.size() < 4', {
                        messageExpression: "self.size() > 3 ? 'at most 3, not with ' + self[3] : 'at most 3'",
                      }),
                    ],
                  },
                ),
                limits: {
                  type: 'object',
                  maxProperties: 5,
                  additionalProperties: int,
                  'x-kubernetes-validations': [
                    rule('self.all(k, self[k] > 0)', {
                      reason: 'FieldValueForbidden',
                      message: 'limits are positive',
                    }),
                  ],
                },
                mode: { type: 'string', maxLength: 20 },
                secret: str,
              },
              [
                rule('!has(self.min) || !has(self.max) || self.min <= self.max', 'min must not exceed max'),
                rule("!has(self.mode) || self.mode != 'private' || has(self.secret)", {
                  message: 'private needs a secret',
                  reason: 'FieldValueRequired',
                  fieldPath: '.secret',
                }),
                rule("!has(self.mode) || self.mode in ['private', 'public']", {
                  fieldPath: '.mode',
                  reason: 'FieldValueInvalid',
                  messageExpression: "'unknown mode ' + self.mode",
                }),
              ],
            ),
          },
          [
            rule('!has(self.metadata.name) || self.metadata.name.size() < 10', 'the name is too long'),
            rule('has(self.spec)', { reason: 'FieldValueDuplicate' }),
          ],
        ),
      })
      for (const [name, spec] of [
        ['ok', { min: 1, max: 2, name: 'w-1', tags: ['a'], limits: { a: 1 }, mode: 'public' }],
        ['b1', { min: 3, max: 2 }],
        ['b2', { name: 'x' }],
        ['b3', { tags: ['bad'] }],
        ['b4', { tags: ['a', 'b', 'c', 'd'] }],
        ['b5', { limits: { a: 0 } }],
        ['b6', { mode: 'private' }],
        ['b7', { mode: 'odd' }],
        ['averylongname', {}],
        ['b8', undefined],
        ['b9', { min: 3, max: 2, name: 'x', tags: ['bad'] }],
        ['b10', { min: 'text' }],
      ] as const)
        await t.post(w.path, w.obj(name, spec))
      await t.merge(`${w.path}/ok`, { spec: { min: 9 } })
      await t.merge(`${w.path}/ok`, { spec: { mode: 'private', secret: 's' } })
      await t.apply(`${w.path}/ok`, w.obj('ok', { name: 'z' }), { force: true })
    },
  ],
  [
    'transitions',
    'oldSelf, optionalOldSelf, and rules inside keyed lists.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        subresources: { status: {} },
        schema: obj({
          spec: obj(
            {
              fixed: {
                type: 'string',
                'x-kubernetes-validations': [rule('self == oldSelf', 'is immutable')],
              },
              up: {
                type: 'integer',
                'x-kubernetes-validations': [
                  rule('self >= oldSelf', {
                    messageExpression: "self < 0 ? 'is negative' : 'may not shrink'",
                  }),
                ],
              },
              once: {
                type: 'string',
                'x-kubernetes-validations': [
                  rule("oldSelf.hasValue() || self != 'late'", {
                    optionalOldSelf: true,
                    message: 'cannot begin late',
                  }),
                  rule('!oldSelf.hasValue() || oldSelf.value() != "final" || self == "final"', {
                    optionalOldSelf: true,
                    message: 'final is final',
                  }),
                ],
              },
              items: arr(
                obj(
                  {
                    name: { type: 'string', maxLength: 10 },
                    v: { type: 'integer', 'x-kubernetes-validations': [rule('self >= oldSelf')] },
                  },
                  undefined,
                  { required: ['name'] },
                ),
                { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
              ),
            },
            [rule('has(oldSelf.fixed) == has(self.fixed)', 'fixed cannot come or go')],
          ),
          status: obj({
            n: {
              type: 'integer',
              'x-kubernetes-validations': [rule('self == 0 || self != oldSelf', 'status must move')],
            },
          }),
        }),
      })
      const p = `${w.path}/w`
      await t.post(w.path, w.obj('w', { fixed: 'a', up: 1, once: 'late' }))
      await t.post(
        w.path,
        w.obj('w', {
          fixed: 'a',
          up: 1,
          once: 'early',
          items: [
            { name: 'x', v: 1 },
            { name: 'y', v: 5 },
          ],
        }),
      )
      await t.merge(p, { spec: { fixed: 'b' } })
      await t.merge(p, { spec: { fixed: null } })
      await t.merge(p, { spec: { up: 0 } })
      await t.merge(p, { spec: { up: 2 } })
      await t.merge(p, { spec: { once: 'late' } })
      await t.merge(p, { spec: { once: 'final' } })
      await t.merge(p, { spec: { once: 'again' } })
      await t.merge(p, {
        spec: {
          items: [
            { name: 'y', v: 4 },
            { name: 'x', v: 1 },
          ],
        },
      })
      await t.merge(p, {
        spec: {
          items: [
            { name: 'y', v: 6 },
            { name: 'z', v: 0 },
          ],
        },
      })
      await t.merge(`${p}/status`, { status: { n: 1 } })
      await t.merge(`${p}/status`, { status: { n: 2 } })
      await t.merge(`${p}/status`, { metadata: { labels: { a: 'b' } } })
      await t.merge(p, { metadata: { labels: { a: 'c' } } })
    },
  ],
  [
    'libraries',
    'Kubernetes and standard CEL libraries in rules.',
    async (t) => {
      await t.ns()
      const f = (name: string, r: string, more: object = {}) => [
        name,
        { type: 'string', maxLength: 64, 'x-kubernetes-validations': [rule(r)], ...more },
      ]
      const w = await t.crd({
        kind: 'Widget',
        schema: obj({
          spec: obj(
            Object.fromEntries([
              f('quantity', "isQuantity(self) && quantity(self).isGreaterThan(quantity('100Mi'))"),
              f('ip', 'isIP(self) && ip(self).family() == 4 && !ip(self).isLoopback()'),
              f('cidr', "isCIDR(self) && cidr(self).containsIP(ip('10.1.2.3'))"),
              f(
                'url',
                "isURL(self) && url(self).getScheme() == 'https' && url(self).getHostname().endsWith('.example.com')",
              ),
              f('format', '!format.dns1123Label().validate(self).hasValue()'),
              f('regex', "self.matches('^[a-z]+[0-9]*$')"),
              f('find', "self.find('[0-9]+') == '42'"),
              f('split', "self.split(',').size() == 3"),
              f('lower', 'self.lowerAscii() == self'),
              f('time', "timestamp(self) > timestamp('2020-01-01T00:00:00Z')"),
              f('dur', "duration(self) <= duration('1h')"),
              f('semver', "isSemver(self) && semver(self).compareTo(semver('1.2.0')) >= 0"),
              f('trim', "self.trim().replace('a', 'b').indexOf('b') == 0"),
            ]),
          ),
        }),
      })
      for (const [name, good, bad] of [
        ['quantity', '1Gi', '10Mi'],
        ['ip', '10.0.0.1', '127.0.0.1'],
        ['ip', '192.168.1.1', 'nonsense'],
        ['cidr', '10.0.0.0/8', '192.168.0.0/16'],
        ['url', 'https://a.example.com/x', 'http://a.example.com'],
        ['format', 'a-label', 'Not A Label'],
        ['regex', 'abc1', 'ABC'],
        ['find', 'x42y', 'x43y'],
        ['split', 'a,b,c', 'a,b'],
        ['lower', 'abc', 'Abc'],
        ['time', '2024-01-01T00:00:00Z', '2019-01-01T00:00:00Z'],
        ['time', '2021-01-01T00:00:00+02:00', 'no time'],
        ['dur', '30m', '2h'],
        ['semver', '1.10.0', '1.1.9'],
        ['trim', ' abc', 'cab'],
      ] as const)
        for (const v of [good, bad])
          await t.post(`${w.path}?dryRun=All`, w.obj('x', { [name]: v }), { note: `${name}: ${v}` })
    },
  ],
]
