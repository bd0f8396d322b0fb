/** Table and PartialObjectMetadata representations. */
import { configMap } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
const T = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const M = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
const L = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: 'c', image: 'i:1' },
          { name: 'd', image: 'j:2' },
        ],
      },
    },
  },
})

export const scenarios: readonly Source[] = [
  [
    'built-in',
    'Tables of built-in kinds: of a list and of one object, includeObject.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('a', { x: '1', y: '2' }))
      await t.post(p, configMap('b'))
      await t.get(p, { accept: T })
      await t.get(`${p}/a`, { accept: T })
      await t.get(`${p}?includeObject=None`, { accept: T })
      await t.get(`${p}?includeObject=Object`, { accept: T })
      await t.get(`${p}?includeObject=Nope`, { accept: T })
      await t.get(`${p}?limit=1`, { accept: T })
      await t.get(`${p}?labelSelector=none%3Done`, { accept: T })
      await t.get(p, { accept: `${T},application/json` })
      await t.get(`${p}/absent`, { accept: T })
      await t.post(`${t.apps}/deployments`, deployment('web'))
      await t.merge(`${t.apps}/deployments/web/status`, {
        status: { replicas: 2, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1 },
      })
      await t.get(`${t.apps}/deployments`, { accept: T })
      await t.get(`${t.core}/secrets`, { accept: T })
      await t.get(`/api/v1/namespaces/${t.N}`, { accept: T })
    },
  ],
  [
    'custom',
    'additionalPrinterColumns of a custom resource, and the columns without them.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'how big' },
          { name: 'Ready', type: 'boolean', jsonPath: '.status.ready' },
          { name: 'Since', type: 'date', jsonPath: '.spec.since' },
          { name: 'First', type: 'string', jsonPath: '.spec.items[0].name' },
          { name: 'All', type: 'string', jsonPath: '.spec.items[*].name', priority: 1 },
          { name: 'Cond', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          { name: 'Num', type: 'number', jsonPath: '.spec.num' },
          { name: 'Obj', type: 'string', jsonPath: '.spec.obj' },
          { name: 'Annot', type: 'string', jsonPath: '.metadata.annotations.example\\.com/x' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      })
      await t.post(
        w.path,
        w.obj(
          'full',
          {
            size: 3,
            since: '2020-01-01T00:00:00Z',
            items: [{ name: 'x' }, { name: 'y' }],
            num: 1.5,
            obj: { a: 1, b: ['c'] },
          },
          { metadata: { name: 'full', annotations: { 'example.com/x': 'note' } } },
        ),
        { mask: {} },
      )
      await t.merge(`${w.path}/full/status`, {
        status: {
          ready: true,
          conditions: [
            { type: 'Other', status: 'False' },
            { type: 'Ready', status: 'True' },
          ],
        },
      })
      await t.post(w.path, w.obj('empty'))
      await t.post(
        w.path,
        w.obj('wrong', { size: 'large', since: 'yesterday', items: 'none', num: 'NaN', obj: null }),
      )
      await t.get(w.path, { accept: T, mask: { '/rows/*/cells/3': '<any>' } })
      await t.get(`${w.path}/full`, { accept: T, mask: { '/rows/*/cells/3': '<any>' } })
      const g = await t.crd({ kind: 'Plain' })
      await t.post(g.path, g.obj('p'))
      await t.get(g.path, { accept: T })
      await t.get(`${g.path}?includeObject=None`, { accept: T })
    },
  ],
  [
    'partial-metadata',
    'PartialObjectMetadata of one object, of a list, in writes and in a watch.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('a', { secret: 'x' }, { labels: { k: 'v' } }), { accept: M })
      await t.get(`${p}/a`, { accept: M })
      await t.get(p, { accept: L })
      await t.get(p, { accept: M })
      await t.get(`${p}/a`, { accept: L })
      await t.get(`${p}?limit=1`, { accept: `${L},application/json` })
      await t.merge(`${p}/a`, { metadata: { annotations: { z: '1' } } }, { accept: M })
      await t.merge(
        `${p}/a`,
        {
          apiVersion: 'meta.k8s.io/v1',
          kind: 'PartialObjectMetadata',
          metadata: { annotations: { y: '1' } },
        },
        { accept: M },
      )
      const l = await t.get(p)
      const w = await t.watch(`${p}?watch=true&resourceVersion=${l.rv}`, { accept: M })
      const x = await t.watch(
        `${p}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
        { accept: M },
      )
      await t.merge(`${p}/a`, { data: { other: '1' } })
      await t.del(`${p}/a`, undefined, { accept: M })
      await w.read(2, { end: 'client' })
      await x.read(4, { end: 'client' })
      const c = await t.crd({ kind: 'Widget' })
      await t.post(c.path, c.obj('w', { a: 1 }))
      await t.get(c.path, { accept: L })
      await t.get(`${c.path}/w`, { accept: M })
      await t.get(p, { accept: 'application/json;as=PartialObjectMetadata;v=v1alpha1;g=meta.k8s.io' })
    },
  ],
  [
    'watch',
    'A watch whose events are Tables.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('a', { x: '1' }))
      const l = await t.get(p, { accept: T })
      const w = await t.watch(`${p}?watch=true&resourceVersion=${l.rv}`, { accept: T })
      const o = await t.watch(`${p}?watch=true&resourceVersion=${l.rv}&includeObject=Object`, { accept: T })
      const i = await t.watch(
        `${p}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
        { accept: T },
      )
      await t.merge(`${p}/a`, { data: { y: '2' } })
      await t.post(p, configMap('b'))
      await t.del(`${p}/a`)
      await w.read(3, { end: 'client' })
      await o.read(3, { end: 'client' })
      await i.read(5, { end: 'client' })
      const c = await t.crd({
        kind: 'Widget',
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
      })
      const cl = await t.get(c.path)
      const cw = await t.watch(`${c.path}?watch=true&resourceVersion=${cl.rv}`, { accept: T })
      await t.post(c.path, c.obj('w', { size: 4 }))
      await t.merge(`${c.path}/w`, { spec: { size: 5 } })
      await cw.read(2, { end: 'client' })
    },
  ],
]
