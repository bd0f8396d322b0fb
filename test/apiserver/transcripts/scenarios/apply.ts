/** Server-side apply: who owns what, and conflicts. */
import { configMap } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'

const dep = (
  name: string,
  spec: object = {},
  containers: readonly object[] = [{ name: 'main', image: 'i:1' }],
) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers } },
    ...spec,
  },
})
export const scenarios: readonly Source[] = [
  [
    'create-and-own',
    'Create by apply; fields owned, dropped, and a repeated apply that changes nothing.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      await t.apply(p, configMap('a', { x: '1', y: '2' }, { labels: { l: '1' }, annotations: { n: '1' } }))
      await t.apply(p, configMap('a', { x: '1', y: '2' }, { labels: { l: '1' }, annotations: { n: '1' } }), {
        note: 'No change: the resourceVersion stays.',
      })
      await t.get(p)
      await t.apply(p, configMap('a', { x: '1' }, { labels: { l: '1' } }), {
        note: 'What is no longer applied, and owned by nobody else, goes.',
      })
      await t.apply(p, configMap('a', { x: '1', z: '3' }))
      await t.apply(
        p,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
        { note: 'Owning nothing any more.' },
      )
      await t.get(p)
      await t.apply(
        p,
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  yaml: "true" # a comment\n',
        { note: 'The body may be YAML.' },
      )
      await t.apply(p, { apiVersion: 'v1', kind: 'ConfigMap', data: { noname: '1' } }, { fm: 'two' })
      await t.apply(
        `${t.core}/configmaps/new`,
        { apiVersion: 'v1', kind: 'ConfigMap', data: { noname: '1' } },
        { fm: 'two', note: 'The name is taken from the path.' },
      )
    },
  ],
  [
    'conflicts',
    'Conflicts with an applier and with an updater; force; messages and causes.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      await t.apply(p, configMap('a', { x: '1', y: '1' }), { fm: 'one' })
      await t.apply(p, configMap('a', { x: '2' }), { fm: 'two' })
      await t.apply(p, configMap('a', { x: '2', y: '2' }), { fm: 'two' })
      await t.apply(p, configMap('a', { x: '1' }), { fm: 'two', note: 'The same value: owned together.' })
      await t.apply(p, configMap('a', { x: '3', y: '1' }), { fm: 'one' })
      await t.apply(p, configMap('a', { x: '3', y: '1' }), { fm: 'one', force: true })
      await t.merge(`${p}?fieldManager=editor`, { data: { x: '4', u: '1' } })
      await t.apply(p, configMap('a', { x: '5', y: '1' }), { fm: 'one' })
      await t.apply(p, configMap('a', { x: '5', y: '5', u: '5' }), { fm: 'three' })
      await t.apply(p, configMap('a', { x: '5', y: '5', u: '5' }), { fm: 'three', force: true })
      await t.get(p)
      await t.apply(p, configMap('a', { y: '6' }), { fm: 'one', force: true, q: 'dryRun=All' })
      await t.apply(p, configMap('a', { y: '6' }), { fm: 'one', q: 'force=false' })
      await t.apply(p, configMap('a', { y: '6' }), { fm: 'one', q: 'force=perhaps' })
      await t.merge(`${p}?fieldManager=editor&force=true`, { data: { x: '4' } })
    },
  ],
  [
    'drop-and-share',
    'A field with two owners stays until both have dropped it.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      await t.apply(p, configMap('a', { shared: '1', mine: '1' }), { fm: 'one' })
      await t.apply(p, configMap('a', { shared: '1', theirs: '1' }), { fm: 'two' })
      await t.apply(p, configMap('a', { mine: '1' }), { fm: 'one' })
      await t.apply(p, configMap('a', { theirs: '1' }), { fm: 'two' })
      await t.merge(`${p}?fieldManager=three`, { data: { theirs: '2' } })
      await t.apply(p, configMap('a', {}), {
        fm: 'two',
        note: 'The value was taken over by an update, so it stays.',
      })
      await t.json(`${p}?fieldManager=three`, [{ op: 'remove', path: '/data/mine' }])
      await t.apply(p, configMap('a', { mine: '1' }), { fm: 'one' })
      await t.merge(
        `${p}?fieldManager=three`,
        { data: { mine: '1' } },
        { note: 'An update to the same value takes no ownership.' },
      )
      await t.get(p)
    },
  ],
  [
    'request-errors',
    'Apply requests that are refused.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      await t.apply(p, configMap('a', { x: '1' }), { fm: null })
      await t.apply(p, configMap('a', { x: '1' }), { fm: '' })
      await t.apply(p, configMap('a', { x: '1' }), { fm: 'bad%0Aname' })
      await t.apply(p, configMap('b', { x: '1' }))
      await t.apply(p, configMap('a', { x: '1' }, { namespace: 'other' }))
      await t.apply(p, { ...configMap('a'), kind: 'Secret' })
      await t.apply(p, { ...configMap('a'), apiVersion: 'v2' })
      await t.apply(p, { metadata: { name: 'a' }, data: { x: '1' } })
      await t.apply(p, { kind: 'ConfigMap', metadata: { name: 'a' } })
      await t.apply(p, { apiVersion: 'v1', metadata: { name: 'a' } })
      await t.apply(p, 'a: b: c')
      await t.apply(p, '')
      await t.apply(p, '[]')
      await t.apply(p, configMap('a', { x: 1 }))
      await t.apply(p, { ...configMap('a'), bogus: 1 })
      await t.apply(p, {
        ...configMap('a'),
        metadata: {
          name: 'a',
          managedFields: [
            { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
          ],
        },
      })
      await t.apply(p, configMap('a', { x: '1' }, { uid: '55555555-5555-4555-8555-555555555555' }))
      await t.apply(p, configMap('a', { x: '1' }, { resourceVersion: '1' }))
      const a = await t.apply(p, configMap('a', { x: '1' }))
      await t.apply(p, configMap('a', { x: '2' }, { resourceVersion: a.rv }), {
        note: 'With the right resourceVersion.',
      })
      await t.apply(p, configMap('a', { x: '3' }, { resourceVersion: a.rv }))
      await t.apply(p, configMap('a', { x: '3' }, { uid: a.uid }))
      await t.apply(p, configMap('a', { x: '4' }, { uid: '55555555-5555-4555-8555-555555555555' }))
      await t.apply(`${t.core}/configmaps`, configMap('a'))
      await t.apply(`${t.core}/configmaps/x`, configMap('x', undefined, { generateName: 'x-' }))
      await t.apply(`/api/v1/namespaces/${t.N}-none/configmaps/x`, configMap('x'))
    },
  ],
  [
    'deployment',
    'Apply of a Deployment: containers, env and ports as keyed lists; defaults are not owned.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/deployments/d`
      await t.apply(
        p,
        dep('d', { replicas: 2 }, [
          {
            name: 'main',
            image: 'i:1',
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
            ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
          },
        ]),
      )
      await t.apply(
        p,
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'd' },
          spec: { template: { spec: { containers: [{ name: 'side', image: 's:1' }] } } },
        },
        { fm: 'injector' },
      )
      await t.apply(
        p,
        dep('d', { replicas: 2 }, [
          { name: 'main', image: 'i:2', env: [{ name: 'B', value: '2' }], ports: [{ containerPort: 80 }] },
        ]),
      )
      await t.merge(`${p}/scale?fieldManager=autoscaler`, { spec: { replicas: 5 } })
      await t.apply(p, dep('d', { replicas: 2 }, [{ name: 'main', image: 'i:2' }]))
      await t.apply(p, dep('d', {}, [{ name: 'main', image: 'i:2' }]), {
        note: 'Gives replicas up to the autoscaler.',
      })
      await t.apply(p, dep('d', {}, [{ name: 'main', image: 'i:2', env: [{ name: 'A' }, { name: 'A' }] }]))
      await t.apply(
        p,
        dep('d', {}, [
          { name: 'main', image: 'i:2' },
          { name: 'main', image: 'i:3' },
        ]),
      )
      await t.apply(p, dep('d', {}, [{ image: 'i:2' }]))
      await t.apply(p, dep('d', { replicas: 'two' }))
      await t.apply(
        p,
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'd' },
          spec: { template: { spec: {} } },
        },
        { fm: 'injector' },
      )
      await t.get(p)
      await t.apply(
        `${p}/status`,
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, status: { replicas: 3 } },
        { fm: 'status-writer' },
      )
    },
  ],
  [
    'after-update',
    'From update to apply: who owns what, empty managedFields, before-first-apply.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      await t.post(`${t.core}/configmaps?fieldManager=creator`, configMap('a', { x: '1', y: '1' }))
      await t.apply(p, configMap('a', { x: '1' }), { fm: 'one' })
      await t.apply(p, configMap('a', { x: '2' }), { fm: 'one' })
      await t.apply(p, configMap('a', { x: '2' }), { fm: 'one', force: true })
      await t.put(`${p}?fieldManager=one`, configMap('a', { x: '3' }), {
        note: 'The same manager name by update is another entry.',
      })
      await t.apply(p, configMap('a', { x: '4' }), { fm: 'one' })
      await t.merge(p, { metadata: { managedFields: [{}] } })
      await t.get(p)
      await t.apply(p, configMap('a', { x: '9', z: '1' }), { fm: 'one' })
      await t.apply(p, configMap('a', { x: '9', z: '1' }), { fm: 'one', force: true })
      const g = await t.get(p)
      await t.put(`${p}?fieldManager=raw`, {
        ...g.body,
        metadata: { ...g.body.metadata, managedFields: [g.at('/metadata/managedFields/0')] },
      })
      await t.json(p, [
        {
          op: 'replace',
          path: '/metadata/managedFields',
          value: [
            {
              manager: 'm',
              operation: 'Apply',
              apiVersion: 'v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'f:x': {} } },
            },
          ],
        },
      ])
      await t.json(p, [
        {
          op: 'replace',
          path: '/metadata/managedFields',
          value: [
            { manager: 'm', operation: 'Bogus', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
          ],
        },
      ])
      await t.json(p, [
        {
          op: 'replace',
          path: '/metadata/managedFields',
          value: [
            { manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV9', fieldsV1: {} },
          ],
        },
      ])
      await t.del(p)
      await t.apply(p, configMap('a', { back: '1' }), { note: 'Apply to a deleted object creates it anew.' })
    },
  ],
  [
    'finalizers-and-owners',
    'Sets and keyed lists in metadata; apply to an object that is being deleted.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps/a`
      const o = await t.post(`${t.core}/configmaps`, configMap('owner'))
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: o.uid }
      await t.apply(p, configMap('a', { x: '1' }, { finalizers: ['example.com/a'], ownerReferences: [ref] }))
      await t.apply(
        p,
        configMap('a', undefined, {
          finalizers: ['example.com/b'],
          ownerReferences: [{ ...ref, uid: '66666666-6666-4666-8666-666666666666' }],
        }),
        { fm: 'two' },
      )
      await t.apply(p, configMap('a', undefined, { ownerReferences: [{ ...ref, controller: true }] }), {
        fm: 'three',
      })
      await t.del(p)
      await t.apply(p, configMap('a', { x: '2' }, { finalizers: ['example.com/a'] }))
      await t.apply(p, configMap('a', undefined, { finalizers: ['example.com/b', 'example.com/c'] }), {
        fm: 'two',
      })
      await t.apply(p, configMap('a', { x: '2' }))
      await t.apply(p, configMap('a'), {
        fm: 'two',
        note: 'The last finalizer goes, and with it the object.',
      })
      await t.get(p)
    },
  ],
]
