/** Custom resources against their schema: the validation of values. */
import { arr, int, obj, str } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'

export const scenarios: readonly Source[] = [
  [
    'numbers-and-strings',
    'minimum, maximum, multipleOf, lengths, patterns, enums, formats.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: obj({
          spec: obj({
            n: { type: 'integer', minimum: 1, maximum: 10 },
            x: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
            m: { type: 'integer', multipleOf: 5 },
            s: { type: 'string', minLength: 2, maxLength: 4 },
            p: { type: 'string', pattern: '^[a-z]+$' },
            e: { type: 'string', enum: ['one', 'two'] },
            en: { type: 'integer', enum: [1, 2] },
            ios: { 'x-kubernetes-int-or-string': true },
            i32: { type: 'integer', format: 'int32' },
            i64: { type: 'integer', format: 'int64' },
            b: { type: 'boolean' },
          }),
        }),
      })
      const ok = {
        n: 5,
        x: 0.5,
        m: 10,
        s: 'abc',
        p: 'abc',
        e: 'one',
        en: 2,
        ios: 1,
        i32: 2147483647,
        i64: 1,
        b: true,
      }
      await t.post(w.path, w.obj('ok', ok))
      const bad = [
        { n: 0 },
        { n: 11 },
        { n: 1.5 },
        { n: '5' },
        { n: 5.0 },
        { x: 0 },
        { x: 1 },
        { x: 'a' },
        { m: 7 },
        { s: 'a' },
        { s: 'abcde' },
        { s: 'ééé' },
        { p: 'ABC' },
        { e: 'three' },
        { e: 1 },
        { en: 3 },
        { ios: '50%' },
        { ios: true },
        { ios: 1.5 },
        { i32: 2147483648 },
        { b: 'true' },
        { n: null },
        { n: 0, s: 'a', e: 'x' },
      ]
      for (const [i, b] of bad.entries())
        await t.post(`${w.path}?dryRun=All`, w.obj(`b${i}`, b), { note: JSON.stringify(b) })
      await t.merge(`${w.path}/ok`, { spec: { n: 50 } })
      await t.post(w.path, { ...w.obj('x'), spec: 'text' })
      await t.post(w.path, { ...w.obj('x'), spec: [] })
      await t.post(w.path, { ...w.obj('x'), spec: null })
    },
  ],
  [
    'formats',
    'String formats that are checked, and one that is not known.',
    async (t) => {
      await t.ns()
      const fs = [
        'date',
        'date-time',
        'duration',
        'email',
        'ipv4',
        'ipv6',
        'cidr',
        'mac',
        'uuid',
        'uri',
        'hostname',
        'byte',
        'password',
        'unheardof',
      ]
      const w = await t.crd({
        kind: 'Widget',
        schema: obj({ spec: obj(Object.fromEntries(fs.map((f) => [f, { type: 'string', format: f }]))) }),
      })
      await t.post(
        w.path,
        w.obj('ok', {
          date: '2024-02-29',
          'date-time': '2024-02-29T12:00:00Z',
          duration: '1h30m',
          email: 'a@example.com',
          ipv4: '10.0.0.1',
          ipv6: '::1',
          cidr: '10.0.0.0/8',
          mac: '01:23:45:67:89:ab',
          uuid: '88888888-8888-4888-8888-888888888888',
          uri: 'https://example.com/x',
          hostname: 'a.example.com',
          byte: 'YWJj',
          password: 'x',
          unheardof: 'y',
        }),
      )
      for (const [k, v] of Object.entries({
        date: '2024-02-30',
        'date-time': '2024-02-29 12:00',
        duration: '1 fortnight',
        email: 'nobody',
        ipv4: '300.1.1.1',
        ipv6: '10.0.0.1',
        cidr: '10.0.0.0',
        mac: 'zz',
        uuid: '123',
        uri: 'not a uri',
        hostname: '-bad-',
        byte: '***',
      }))
        await t.post(`${w.path}?dryRun=All`, w.obj('bad', { [k]: v }), { note: `${k}: ${v}` })
      await t.get(`${w.path}/ok`)
    },
  ],
  [
    'arrays-and-objects',
    'minItems, maxItems, sets and keyed lists, required, min/maxProperties, junctors.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: obj({
          spec: obj({
            l: arr(int, { minItems: 1, maxItems: 3 }),
            set: arr(str, { 'x-kubernetes-list-type': 'set' }),
            keyed: arr(obj({ a: str, b: { type: 'integer', default: 1 } }, { required: ['a'] }), {
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['a', 'b'],
            }),
            mp: { type: 'object', additionalProperties: int, minProperties: 1, maxProperties: 2 },
            req: obj({ x: str, y: obj({ z: str }, { required: ['z'] }) }, { required: ['x', 'y'] }),
            one: obj({ p: str, q: str }, { oneOf: [{ required: ['p'] }, { required: ['q'] }] }),
            any: obj({ p: int, q: int }, { anyOf: [{ required: ['p'] }, { required: ['q'] }] }),
            not: { type: 'string', not: { enum: ['never'] } },
          }),
        }),
      })
      for (const [i, spec] of [
        {
          l: [1],
          set: ['a', 'b'],
          keyed: [{ a: 'x' }, { a: 'x', b: 2 }],
          mp: { a: 1 },
          req: { x: '', y: { z: '' } },
          one: { p: '' },
          any: { p: 1, q: 1 },
          not: 'ever',
        },
        { l: [] },
        { l: [1, 2, 3, 4] },
        { l: [1, 'x', 2.5] },
        { l: 'x' },
        { set: ['a', 'a'] },
        { keyed: [{ a: 'x' }, { a: 'x', b: 1 }] },
        { keyed: [{ b: 1 }] },
        { mp: {} },
        { mp: { a: 1, b: 2, c: 3 } },
        { mp: { a: 'x' } },
        { req: {} },
        { req: { x: '', y: {} } },
        { one: {} },
        { one: { p: '', q: '' } },
        { any: {} },
        { not: 'never' },
      ].entries())
        await t.post(w.path, w.obj(`o${i}`, spec), { note: JSON.stringify(spec) })
    },
  ],
]
