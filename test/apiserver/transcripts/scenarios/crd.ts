/** The life of CRDs: establishing, names, versions, scope, deletion. */
import { changed } from '../record/change.ts'
import { CRDS, obj, str } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'

export const scenarios: readonly Source[] = [
  [
    'lifecycle',
    'Creation with all defaults, Established, update of the schema, deletion with objects.',
    async (t) => {
      await t.ns()
      const given = t.crdObject({ kind: 'Widget', schema: obj({ spec: obj({ a: str }) }) })
      const o = changed(given, { '/spec/names/singular': undefined, '/spec/names/listKind': undefined })
      const p = `${CRDS}/${given.metadata.name}`
      const c = await t.post(CRDS, o)
      await t.wait(p, [{ pointer: '/status/conditions[type=Established]/status', equals: 'True' }])
      const items = `/apis/${t.group}/v1/namespaces/${t.N}/widgets`
      await t.wait(items, [{ status: 200 }])
      await t.post(CRDS, o)
      await t.post(items, {
        apiVersion: `${t.group}/v1`,
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { a: 'x', b: 'pruned' },
      })
      const schema = obj({ spec: obj({ a: str, b: str }) })
      await t.put(p, changed(c.body, { '/spec/versions/0/schema': { openAPIV3Schema: schema } }), {
        note: 'The status has moved on, so this resourceVersion is old.',
      })
      const g = await t.get(p)
      const demanding = obj({ spec: obj({ a: str, b: str }, { required: ['b'] }) })
      await t.put(p, changed(g.body, { '/spec/versions/0/schema/openAPIV3Schema': demanding }))
      await t.pause(1, 'The new schema takes a moment.')
      await t.get(`${items}/w`, { note: 'Stored objects are not validated on read.' })
      await t.merge(`${items}/w`, { metadata: { labels: { l: '1' } } })
      await t.merge(`${items}/w`, { spec: { b: 'now' } })
      await t.del(p)
      await t.wait(p, [{ status: 404 }])
      await t.wait(items, [{ status: 404 }])
    },
  ],
  [
    'names-conflict',
    'Two CRDs that want the same names: NamesAccepted is False.',
    async (t) => {
      const a = await t.crd({ kind: 'Widget', names: { shortNames: ['wx'] } })
      const o = t.crdObject({
        kind: 'Gadget',
        names: { shortNames: ['wx'], kind: 'Widget', listKind: 'WidgetList' },
      })
      await t.post(CRDS, o)
      await t.wait(
        `${CRDS}/${o.metadata.name}`,
        [{ pointer: '/status/conditions[type=NamesAccepted]/status', equals: 'False' }],
        { pick: ['/status'] },
      )
      await t.get(`/apis/${t.group}/v1/gadgets`)
      await t.del(a.crd)
      await t.wait(
        `${CRDS}/${o.metadata.name}`,
        [{ pointer: '/status/conditions[type=Established]/status', equals: 'True' }],
        {
          pick: [
            '/status/acceptedNames',
            '/status/conditions[type=Established]/status',
            '/status/conditions[type=NamesAccepted]/status',
          ],
        },
      )
    },
  ],
  [
    'versions',
    'Two served versions with conversion None: only apiVersion is rewritten.',
    async (t) => {
      await t.ns()
      const v = (name: string, storage: boolean, props: object, more: object = {}) => ({
        name,
        served: true,
        storage,
        schema: { openAPIV3Schema: obj({ spec: obj(props) }) },
        ...more,
      })
      const w = await t.crd({
        kind: 'Widget',
        versions: [
          v('v1beta1', false, { a: str, old: str }, { deprecated: true, deprecationWarning: 'use v1' }),
          v('v1', true, { a: str, fresh: { type: 'string', default: 'new' } }),
          v('v1alpha1', false, { a: str }, { deprecated: true }),
        ],
      })
      const v1 = w.pathOf('v1')
      const v1beta1 = w.pathOf('v1beta1')
      const v1alpha1 = w.pathOf('v1alpha1')
      await t.post(v1beta1, {
        apiVersion: `${w.group}/v1beta1`,
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { a: '1', old: 'x', fresh: 'y' },
      })
      await t.get(`${v1}/w`)
      await t.get(`${v1beta1}/w`)
      await t.get(`${v1alpha1}/w`)
      await t.get(v1)
      await t.merge(`${v1}/w`, { spec: { fresh: 'z' } })
      await t.get(`${v1beta1}/w`)
      await t.post(v1, { apiVersion: `${w.group}/v1beta1`, kind: 'Widget', metadata: { name: 'x' } })
      const l = await t.get(v1)
      const watch = await t.watch(`${v1beta1}?watch=true&resourceVersion=${l.rv}`)
      await t.merge(`${v1}/w`, { spec: { a: '2' } })
      await watch.read(1, { end: 'client' })
      await t.json(w.crd, [{ op: 'replace', path: '/spec/versions/0/served', value: false }])
      await t.wait(`${v1beta1}/w`, [{ status: 404 }])
      await t.get(w.crd, { pick: ['/status/storedVersions'] })
      await t.json(w.crd, [{ op: 'remove', path: '/spec/versions/1' }])
      await t.merge(`${w.crd}/status`, { status: { storedVersions: [] } })
    },
  ],
  [
    'scope-and-rename',
    'A cluster-scoped kind; what of a CRD cannot be changed.',
    async (t) => {
      const w = await t.crd({
        kind: 'Planet',
        scope: 'Cluster',
        schema: obj({ spec: obj({ moons: { type: 'integer' } }) }),
      })
      await t.post(w.path, w.obj('earth', { moons: 1 }))
      await t.post(w.path, { ...w.obj('mars'), metadata: { name: 'mars', namespace: 'default' } })
      await t.get(`${w.path}/earth`)
      await t.get(`/apis/${w.group}/v1/namespaces/default/planets`)
      await t.merge(w.crd, { spec: { scope: 'Namespaced' } })
      await t.merge(w.crd, { spec: { group: 'other.example.com' } })
      await t.merge(
        w.crd,
        { spec: { names: { kind: 'World', listKind: 'WorldList' } } },
        { mask: { '/status/conditions/*/lastTransitionTime': '<any>' } },
      )
      await t.merge(w.crd, { spec: { names: { plural: 'worlds' } } })
      await t.merge(
        w.crd,
        { metadata: { annotations: { note: 'x' } } },
        { ignoreBody: 'the status moves meanwhile' },
      )
      await t.del(`${w.path}/earth`)
    },
  ],
]
