/** JSON and merge patches, and patches of custom resources. */
import { configMap } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'

const container = (name: string, more: object = {}) => ({ name, image: `${name}:1`, ...more })
const deployment = (name: string, pod: object = {}, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [container('main')], ...pod } },
    ...more,
  },
})

export const scenarios: readonly Source[] = [
  [
    'json',
    'JSON Patch: every operation, and how each can fail.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      await t.post(
        `${t.core}/configmaps`,
        configMap(
          'a',
          { one: '1', two: '2' },
          {
            labels: { l: 'x' },
            annotations: { 'example.com/ab': 'slash', other: 'x' },
            finalizers: ['example.com/1', 'example.com/2'],
          },
        ),
      )
      const ops = [
        [{ op: 'add', path: '/data/three', value: '3' }],
        [{ op: 'replace', path: '/data/one', value: 'uno' }],
        [{ op: 'remove', path: '/data/two' }],
        [{ op: 'move', from: '/data/three', path: '/data/four' }],
        [{ op: 'copy', from: '/data/one', path: '/data/five' }],
        [{ op: 'test', path: '/data/one', value: 'uno' }],
        [{ op: 'add', path: '/metadata/finalizers/-', value: 'example.com/3' }],
        [{ op: 'add', path: '/metadata/finalizers/0', value: 'example.com/0' }],
        [{ op: 'remove', path: '/metadata/finalizers/1' }],
        [{ op: 'replace', path: '/metadata/annotations/example.com~1ab', value: 'changed' }],
        [{ op: 'remove', path: '/metadata/annotations/c~0d' }],
        [{ op: 'add', path: '/metadata/annotations', value: { n: 'v' } }],
        [{ op: 'test', path: '/data/one', value: 'nope' }],
        [{ op: 'test', path: '/data/absent', value: null }],
        [{ op: 'test', path: '/data/absent', value: 'x' }],
        [{ op: 'remove', path: '/data/absent' }],
        [{ op: 'replace', path: '/data/absent', value: 'x' }],
        [{ op: 'add', path: '/no/such/place', value: 'x' }],
        [{ op: 'move', from: '/data/absent', path: '/data/x' }],
        [{ op: 'copy', from: '/data/absent', path: '/data/x' }],
        [{ op: 'add', path: '/metadata/finalizers/9', value: 'example.com/9' }],
        [{ op: 'remove', path: '/metadata/finalizers/9' }],
        [{ op: 'add', path: '/data/bad', value: 7 }],
        [{ op: 'frob', path: '/data/x' }],
        [{ op: 'add', path: 'data/x', value: '1' }],
        [{ op: 'add', value: '1' }],
        [{ path: '/data/x', value: '1' }],
        [{ op: 'add', path: '/data/x' }],
        [{ op: 'replace', path: '', value: configMap('a', { all: 'new' }) }],
        [
          { op: 'test', path: '/data/all', value: 'new' },
          { op: 'replace', path: '/data/all', value: 'never' },
          { op: 'test', path: '/data/all', value: 'other' },
        ],
        [],
      ]
      for (const o of ops) await t.json(p, o)
      await t.json(p, { op: 'add' })
      await t.json(p, 'garbage')
      await t.json(p, [{ op: 'replace', path: '/metadata/name', value: 'b' }])
      await t.json(p, [
        { op: 'replace', path: '/metadata/uid', value: '33333333-3333-4333-8333-333333333333' },
      ])
      await t.json(p, [{ op: 'replace', path: '/kind', value: 'Secret' }])
      await t.json(p, [{ op: 'replace', path: '/metadata/namespace', value: 'b' }])
      await t.get(p)
      await t.merge(p, { metadata: { finalizers: null } })
    },
  ],
  [
    'merge',
    'Merge patch: null deletes, arrays are replaced, what cannot be changed.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      await t.post(
        `${t.core}/configmaps`,
        configMap(
          'a',
          { one: '1', two: '2' },
          { labels: { x: 'y' }, finalizers: ['example.com/1', 'example.com/2'] },
        ),
      )
      await t.merge(p, { data: { one: null, three: '3' } })
      await t.merge(p, { metadata: { labels: null } })
      await t.merge(p, { metadata: { finalizers: ['example.com/2'] } })
      await t.merge(p, { data: { absent: null } })
      await t.merge(p, {})
      await t.merge(p, { data: { n: 5 } })
      await t.merge(p, { data: 'text' })
      await t.merge(p, '{"data":')
      await t.merge(p, [])
      await t.merge(p, 'null')
      await t.merge(p, { metadata: { name: 'b' } })
      await t.merge(p, { metadata: { namespace: 'b' } })
      await t.merge(p, { metadata: { uid: '33333333-3333-4333-8333-333333333333' } })
      await t.merge(p, { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } })
      await t.merge(p, { apiVersion: 'v1', kind: 'Secret' })
      await t.merge(p, { apiVersion: 'v2' })
      await t.merge(p, { data: null, metadata: { finalizers: null } })
      await t.get(p)
      await t.post(
        `${t.apps}/deployments`,
        deployment('d', { containers: [container('one'), container('two')] }),
      )
      await t.merge(`${t.apps}/deployments/d`, {
        spec: { template: { spec: { containers: [{ name: 'one', image: 'x' }] } } },
      })
      await t.merge(`${t.apps}/deployments/d`, { spec: { template: { spec: { containers: null } } } })
      await t.merge(
        `${t.apps}/deployments/d`,
        { spec: { replicas: null } },
        { note: 'Deleting a defaulted field brings the default back.' },
      )
    },
  ],
  [
    'custom',
    'Patches of custom resources: no strategic merge; lists are replaced by a merge patch.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: {
                n: { type: 'integer' },
                list: {
                  type: 'array',
                  items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer' } } },
                },
                map: { type: 'object', additionalProperties: { type: 'string' } },
              },
            },
          },
        },
      })
      const p = `${w.path}/w`
      await t.post(w.path, w.obj('w', { n: 1, list: [{ k: 'a', v: 1 }, { k: 'b' }], map: { x: '1' } }))
      await t.smp(p, { spec: { n: 2 } })
      await t.merge(p, { spec: { list: [{ k: 'c' }], map: { x: null, y: '2' } } })
      await t.json(p, [
        { op: 'add', path: '/spec/list/-', value: { k: 'd', v: 4 } },
        { op: 'test', path: '/spec/list/0/k', value: 'c' },
      ])
      await t.json(p, [{ op: 'add', path: '/spec/unknown', value: 1 }])
      await t.json(p, [{ op: 'replace', path: '/spec/n', value: 'text' }])
      await t.json(p, [{ op: 'test', path: '/spec/n', value: 99 }])
      await t.merge(p, { spec: null })
      await t.merge(p, { apiVersion: 'v1' })
      await t.merge(p, { kind: 'Gadget' })
      await t.merge(p, { metadata: { name: 'other' } })
      await t.merge(p, { metadata: { resourceVersion: '1' } })
      await t.get(p)
    },
  ],
]
