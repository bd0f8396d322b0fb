/** Server-side apply of custom resources: keyed lists, sets, atomic parts, status, versions. */
import { int, str } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
import type { ApplyOptions } from '../record/request.ts'

const kinds = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        scalar: str,
        replicas: int,
        flag: { type: 'boolean' },
        granular: {
          type: 'object',
          properties: { a: str, b: str, deep: { type: 'object', properties: { c: str, d: str } } },
        },
        atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: str, b: str } },
        labels: { type: 'object', additionalProperties: str },
        nested: { type: 'object', additionalProperties: { type: 'object', properties: { v: str, w: str } } },
        list: { type: 'array', items: str },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: str },
        items: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: str, value: str, more: { type: 'object', properties: { x: str } } },
          },
        },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port', 'protocol'],
          items: {
            type: 'object',
            required: ['port'],
            properties: { port: int, protocol: { type: 'string', default: 'TCP' }, name: str },
          },
        },
        nullable: { type: 'string', nullable: true },
      },
    },
    status: {
      type: 'object',
      properties: {
        phase: str,
        conditions: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          items: { type: 'object', required: ['type'], properties: { type: str, status: str } },
        },
      },
    },
  },
}

export const scenarios: readonly Source[] = [
  [
    'custom-lists',
    'List types and map types of a custom resource under apply.',
    async (t) => {
      await t.ns()
      const w = await t.crd({ kind: 'Widget', schema: kinds })
      const p = `${w.path}/w`
      const a = (spec?: object, fm = 'one', o: ApplyOptions = {}) =>
        t.apply(p, w.obj('w', spec), { fm, ...o })
      await a({
        scalar: 's',
        granular: { a: '1', deep: { c: '1' } },
        atomic: { a: '1' },
        labels: { k: '1' },
        nested: { n: { v: '1' } },
        list: ['a', 'b'],
        set: ['a', 'b'],
        items: [{ name: 'x', value: '1' }],
        ports: [{ port: 80 }],
      })
      await a(
        {
          granular: { b: '2', deep: { d: '2' } },
          labels: { l: '2' },
          nested: { n: { w: '2' }, m: { v: '2' } },
          set: ['c'],
          items: [
            { name: 'y', value: '2' },
            { name: 'x', more: { x: 'q' } },
          ],
          ports: [{ port: 80, protocol: 'UDP' }],
        },
        'two',
      )
      await a({ atomic: { b: '2' } }, 'two')
      await a({ list: ['c'] }, 'two')
      await a({ items: [{ name: 'x', value: '2' }] }, 'two')
      await a({ atomic: { b: '2' }, list: ['c'] }, 'two', { force: true })
      await a({
        scalar: 's',
        granular: { a: '1' },
        set: ['b', 'd'],
        items: [
          { name: 'z', value: '3' },
          { name: 'x', value: '1' },
        ],
        ports: [{ port: 80, name: 'http' }, { port: 81 }],
      })
      await a({ set: ['a', 'a'] }, 'three')
      await a({ items: [{ name: 'x' }, { name: 'x' }] }, 'three')
      await a({ items: [{ value: 'nameless' }] }, 'three')
      await a({ ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] }, 'three')
      await a({ nullable: null, scalar: null }, 'three')
      await a({ nested: { n: null } }, 'three')
      await a({ granular: {}, labels: {}, items: [], set: [] }, 'three')
      await a({ unknown: 1 }, 'three')
      await a({ replicas: 'x' }, 'three')
      await t.get(p)
      await a({}, 'two')
      await a({}, 'one')
    },
  ],
  [
    'status',
    'Apply on the status subresource of a custom resource: separate managers, reset fields.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: kinds,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
      })
      const p = `${w.path}/w`
      await t.apply(p, { ...w.obj('w', { scalar: 's', replicas: 1 }), status: { phase: 'ignored' } })
      await t.apply(`${p}/status`, {
        ...w.obj('w', { scalar: 'ignored' }),
        status: { phase: 'Ready', conditions: [{ type: 'A', status: 'True' }] },
      })
      await t.apply(
        `${p}/status`,
        { ...w.obj('w'), status: { conditions: [{ type: 'B', status: 'True' }] } },
        { fm: 'two' },
      )
      await t.apply(`${p}/status`, { ...w.obj('w'), status: { phase: 'Other' } }, { fm: 'two' })
      await t.apply(`${p}/status`, {
        ...w.obj('w'),
        status: { conditions: [{ type: 'A', status: 'False' }] },
      })
      await t.merge(`${p}/status?fieldManager=ctl`, { status: { phase: 'Done' } })
      await t.merge(`${p}/scale?fieldManager=hpa`, { spec: { replicas: 4 } })
      await t.apply(p, w.obj('w', { replicas: 1 }))
      await t.apply(`${w.path}/absent/status`, { ...w.obj('absent'), status: { phase: 'x' } })
      await t.get(p)
    },
  ],
  [
    'versions',
    'Appliers of two versions of one kind (conversion None).',
    async (t) => {
      await t.ns()
      const version = (name: string, storage: boolean) => ({
        name,
        served: true,
        storage,
        schema: { openAPIV3Schema: kinds },
      })
      const w = await t.crd({ kind: 'Widget', versions: [version('v1', true), version('v1beta1', false)] })
      const [p1, p2] = [`${w.pathOf('v1')}/w`, `${w.pathOf('v1beta1')}/w`]
      const o = (v: string, spec: object) => ({
        apiVersion: `${w.group}/${v}`,
        kind: 'Widget',
        metadata: { name: 'w' },
        spec,
      })
      await t.apply(p1, o('v1', { scalar: 'a', set: ['x'] }))
      await t.apply(p2, o('v1beta1', { scalar: 'a', set: ['y'] }), { fm: 'two' })
      await t.apply(p2, o('v1beta1', { scalar: 'b' }), { fm: 'two' })
      await t.apply(p2, o('v1beta1', { scalar: 'a', set: ['x'] }), {
        note: 'The same manager moves to the other version.',
      })
      await t.get(p1)
      await t.apply(p1, o('v1beta1', { scalar: 'a' }))
    },
  ],
]
