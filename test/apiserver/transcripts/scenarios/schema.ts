/** Custom resources against their schema: pruning, defaults, nullability. */
import { arr, obj, str } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'

export const scenarios: readonly Source[] = [
  [
    'pruning',
    'Unknown fields are dropped at every level, except where they are preserved.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: obj({
          spec: obj({
            known: str,
            nested: obj({ a: str }),
            list: arr(obj({ a: str })),
            map: { type: 'object', additionalProperties: obj({ a: str }) },
            free: {
              type: 'object',
              'x-kubernetes-preserve-unknown-fields': true,
              properties: { closed: obj({ a: str }) },
            },
            any: { 'x-kubernetes-preserve-unknown-fields': true },
            plain: { type: 'object' },
          }),
        }),
      })
      await t.post(w.path, {
        ...w.obj('w', {
          known: 'k',
          x: 1,
          nested: { a: 'a', x: 1 },
          list: [{ a: 'a', x: 1 }, { x: 2 }],
          map: { m: { a: 'a', x: 1 } },
          free: { any: { thing: [1, { two: 3 }] }, closed: { a: 'a', x: 1 } },
          any: [1, 'two', { three: null }],
          plain: { gone: 1 },
        }),
        top: 'gone',
        status: { gone: true },
      })
      await t.get(`${w.path}/w`)
      await t.merge(`${w.path}/w`, { spec: { free: { more: { deep: [true] } }, known: 'k2', y: 2 } })
      await t.post(w.path, {
        ...w.obj('m'),
        metadata: { name: 'm', labels: { a: 'b' }, unknown: 'gone', clusterName: 'gone' },
      })
      const all = await t.crd({
        kind: 'Anything',
        schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      })
      await t.post(all.path, {
        ...all.obj('a', { any: 1 }),
        top: { kept: [1, 2.5, 'x', null, true] },
        status: 'text',
      })
      const none = await t.crd({ kind: 'Nothing', schema: { type: 'object' } })
      await t.post(none.path, { ...none.obj('n', { a: 1 }), data: 'x' })
    },
  ],
  [
    'defaults',
    'Defaults: scalars, nested, in arrays and maps, null handling, on read of old objects.',
    async (t) => {
      await t.ns()
      const schema = obj({
        spec: obj({
          a: { type: 'string', default: 'A' },
          n: { type: 'integer', default: 7 },
          o: obj({ x: { type: 'string', default: 'X' }, y: str }),
          od: obj({ x: { type: 'string', default: 'X' } }, { default: {} }),
          list: arr(obj({ k: str, v: { type: 'integer', default: 1 } })),
          map: { type: 'object', additionalProperties: obj({ v: { type: 'string', default: 'V' } }) },
          ld: arr(str, { default: ['p', 'q'] }),
          nul: { type: 'string', nullable: true, default: 'D' },
          nonul: { type: 'string', default: 'N' },
          plainnul: { type: 'string', nullable: true },
          b: { type: 'boolean', default: false },
        }),
      })
      const w = await t.crd({ kind: 'Widget', schema })
      const p = w.path
      await t.post(p, w.obj('none'))
      await t.post(p, w.obj('empty', {}))
      await t.post(
        p,
        w.obj('some', {
          a: 'mine',
          o: {},
          list: [{ k: '1' }, { k: '2', v: 5 }],
          map: { m: {}, n: { v: 'own' } },
          ld: [],
        }),
      )
      await t.post(p, w.obj('nulls', { a: null, nul: null, nonul: null, plainnul: null, o: null, od: null }))
      await t.get(`${p}/nulls`)
      await t.merge(`${p}/some`, { spec: { a: null, n: null, ld: null } })
      await t.merge(`${p}/some`, { spec: { list: [{ k: '3' }] } })
      await t.json(
        w.crd,
        [
          {
            op: 'add',
            path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/late',
            value: { type: 'string', default: 'L' },
          },
        ],
        { ignoreBody: 'long' },
      )
      await t.wait(`${p}/empty`, [{ pointer: '/spec/late', equals: 'L' }], {
        note: 'A new default appears on read of objects stored before.',
      })
      await t.get(p)
    },
  ],
  [
    'embedded-resource',
    'x-kubernetes-embedded-resource: type and metadata are demanded and pruned.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Holder',
        schema: obj({
          spec: obj({
            tpl: {
              type: 'object',
              'x-kubernetes-embedded-resource': true,
              'x-kubernetes-preserve-unknown-fields': true,
            },
            strict: obj({ spec: obj({ a: str }) }, { 'x-kubernetes-embedded-resource': true }),
          }),
        }),
      })
      const e = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'x', labels: { a: 'b' }, bogus: 1 },
        data: { k: 'v' },
      }
      await t.post(
        w.path,
        w.obj('ok', {
          tpl: e,
          strict: {
            apiVersion: 'x/v1',
            kind: 'X',
            metadata: { name: 'n' },
            spec: { a: '1', b: '2' },
            extra: 1,
          },
        }),
      )
      for (const tpl of [
        { kind: 'X', metadata: {} },
        { apiVersion: 'v1' },
        { apiVersion: 'a/b/c', kind: 'X' },
        { apiVersion: 'v1', kind: 'bad kind' },
        { ...e, metadata: { name: 'Bad_Name' } },
        { ...e, metadata: { labels: { l: 1 } } },
        {},
        null,
        'text',
      ])
        await t.post(`${w.path}?dryRun=All`, w.obj('bad', { tpl }), { note: JSON.stringify(tpl) })
    },
  ],
  [
    'update-ratcheting',
    'An update may keep a value that a tightened schema would refuse.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: obj({
          spec: obj({
            old: str,
            list: arr(obj({ k: str, v: str }, { required: ['k'] }), {
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['k'],
            }),
            other: str,
          }),
        }),
      })
      const p = `${w.path}/w`
      await t.post(w.path, w.obj('w', { old: 'way-too-long', list: [{ k: 'a', v: 'loooong' }], other: '1' }))
      const base = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties'
      await t.json(
        w.crd,
        [
          { op: 'add', path: `${base}/old/maxLength`, value: 3 },
          { op: 'add', path: `${base}/list/items/properties/v/maxLength`, value: 3 },
        ],
        { ignoreBody: 'long' },
      )
      await t.wait(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${w.group}`,
        [{ pointer: `${base}/old/maxLength`, equals: 3 }],
        { pick: ['/kind'] },
      )
      await t.pause(1, 'The new schema takes a moment.')
      await t.merge(p, { spec: { other: '2' } })
      await t.merge(p, { spec: { old: 'also-too-long' } })
      await t.merge(p, {
        spec: {
          list: [
            { k: 'a', v: 'loooong' },
            { k: 'b', v: 'ok' },
          ],
        },
      })
      await t.merge(p, { spec: { list: [{ k: 'a', v: 'different' }] } })
      await t.post(w.path, w.obj('new', { old: 'way-too-long' }))
    },
  ],
]
