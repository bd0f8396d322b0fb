/** Lists: paging, label and field selectors, resourceVersion and resourceVersionMatch. */
import type { Source } from '../record/recorder.ts'
const cm = (name: string, labels?: object, data?: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels ? { labels } : {}) },
  ...(data ? { data } : {}),
})
const q = encodeURIComponent

export const scenarios: readonly Source[] = [
  [
    'paging',
    'limit and continue, remainingItemCount, and continue tokens that are no good.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      for (const n of ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
        await t.post(p, cm(n, { half: n < 'd' ? 'low' : 'high' }))
      const one = await t.get(`${p}?limit=3`)
      const two = await t.get(`${p}?limit=3&continue=${one.body.metadata.continue}`)
      await t.post(p, cm('bb'), {
        note: "Written while a client is paging: later pages show the first page's moment.",
      })
      await t.del(`${p}/e`)
      await t.get(`${p}?limit=3&continue=${one.body.metadata.continue}`)
      await t.get(`${p}?limit=3&continue=${two.body.metadata.continue}`)
      await t.get(`${p}?continue=${one.body.metadata.continue}`)
      await t.get(`${p}?limit=2&labelSelector=${q('half=high')}`, {
        note: 'With a selector remainingItemCount is left out.',
      })
      await t.get(`${p}?limit=100`)
      await t.get(`${p}?limit=7`)
      await t.get(`${p}?limit=0`)
      await t.get(`${p}?limit=-1`)
      await t.get(`${p}?limit=abc`)
      await t.get(`${p}?limit=3&continue=garbage`)
      await t.get(
        `${p}?limit=3&continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1}').toString('base64url')}`,
      )
      await t.get(
        `${p}?limit=3&continue=${Buffer.from('{"v":"meta.k8s.io/v9","rv":1,"start":"a"}').toString('base64url')}`,
      )
      await t.get(`${p}?limit=3&resourceVersion=0&continue=${one.body.metadata.continue}`)
      await t.get(`${p}?limit=3&resourceVersion=1&continue=${one.body.metadata.continue}`)
      await t.get(
        `${p}?limit=3&resourceVersionMatch=Exact&resourceVersion=1&continue=${one.body.metadata.continue}`,
      )
    },
  ],
  [
    'paging-custom',
    'Paging over custom resources of several namespaces.',
    async (t) => {
      await t.ns()
      const other = await t.ns('-2')
      const w = await t.crd({ kind: 'Widget' })
      const all = `/apis/${w.group}/v1/widgets`
      for (const n of ['a', 'c', 'e']) await t.post(w.path, w.obj(n, { n }))
      for (const n of ['b', 'd']) await t.post(w.path.replace(t.N, other), w.obj(n, { n }))
      const one = await t.get(`${all}?limit=2`)
      const two = await t.get(`${all}?limit=2&continue=${one.body.metadata.continue}`)
      await t.get(`${all}?limit=2&continue=${two.body.metadata.continue}`)
      await t.get(all)
      await t.get(`${w.path}?limit=1`)
      await t.get(`${all}?limit=1&fieldSelector=${q(`metadata.namespace=${other}`)}`)
    },
  ],
  [
    'label-selectors',
    'Equality and set-based label selectors, and broken ones.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('a', { app: 'web', tier: 'front', n: '1' }))
      await t.post(p, cm('b', { app: 'web', tier: 'back', n: '5' }))
      await t.post(p, cm('c', { app: 'db', n: '10' }))
      await t.post(p, cm('d'))
      for (const s of [
        'app=web',
        'app==web',
        'app!=web',
        'app',
        '!app',
        'app in (web,db)',
        'app notin (web)',
        'app=web,tier=back',
        'app=web,tier!=back',
        'app in ( web , db ),!tier',
        'n>4',
        'n<10',
        'app=',
        'app in ()',
        'app in (web',
        'app=web=db',
        'app===web',
        '=web',
        ',',
        'app=web,,tier',
        'app in web',
        'n>x',
        'a b',
        'app=bad value',
        'ex ample.com/x=1',
        '',
      ])
        await t.get(`${p}?labelSelector=${q(s)}`, { note: s })
    },
  ],
  [
    'field-selectors',
    'Field selectors of built-in kinds.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('a'))
      await t.post(p, cm('b'))
      await t.get(`${p}?fieldSelector=${q('metadata.name=a')}`)
      await t.get(`${p}?fieldSelector=${q('metadata.name!=a')}`)
      await t.get(`${p}?fieldSelector=${q('metadata.name=a,metadata.name=b')}`)
      await t.get(`${p}?fieldSelector=${q(`metadata.namespace=${t.N}`)}`)
      await t.get(`${p}?fieldSelector=${q('metadata.namespace=other')}`)
      await t.get(`/api/v1/configmaps?fieldSelector=${q(`metadata.namespace=${t.N},metadata.name=b`)}`)
      await t.get(`${p}?fieldSelector=${q('metadata.uid=1')}`)
      await t.get(`${p}?fieldSelector=${q('data.x=1')}`)
      await t.get(`${p}?fieldSelector=metadata.name`)
      await t.get(`${p}?fieldSelector=${q('metadata.name==a')}`)
      await t.get(`${p}?fieldSelector=${q('metadata.name in (a)')}`)
      await t.get(`${p}?fieldSelector=`)
      await t.get(`${t.apps}/deployments?fieldSelector=${q('spec.replicas=1')}`)
      await t.get(`${t.core}/pods?fieldSelector=${q('spec.nodeName=n1,status.phase=Running')}`)
      await t.get(`${t.core}/pods?fieldSelector=${q('spec.image=x')}`)
      await t.get(`${t.core}/services?fieldSelector=${q('spec.type=ClusterIP')}`)
      await t.get(`${p}/a?fieldSelector=${q('metadata.name=b')}`, { note: 'Ignored for a single object.' })
    },
  ],
  [
    'selectable-fields',
    'selectableFields of a custom resource definition.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Shirt',
        schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: {
                color: { type: 'string' },
                size: { type: 'string' },
                count: { type: 'integer' },
                sold: { type: 'boolean' },
              },
            },
          },
        },
        selectableFields: [
          { jsonPath: '.spec.color' },
          { jsonPath: '.spec.size' },
          { jsonPath: '.spec.count' },
          { jsonPath: '.spec.sold' },
        ],
      })
      const p = w.path
      await t.post(p, w.obj('a', { color: 'blue', size: 'S', count: 3, sold: true }))
      await t.post(p, w.obj('b', { color: 'blue', size: 'M' }))
      await t.post(p, w.obj('c', { color: 'green', size: 'M', count: 0 }))
      for (const s of [
        'spec.color=blue',
        'spec.color=blue,spec.size=M',
        'spec.size!=M',
        'spec.count=3',
        'spec.count=',
        'spec.sold=true',
        'spec.color=',
        'spec.price=1',
        'metadata.name=c',
        'metadata.labels=x',
        '.spec.color=blue',
      ])
        await t.get(`${p}?fieldSelector=${q(s)}`, { note: s })
      await t.del(`${p}?fieldSelector=${q('spec.color=blue')}`)
      await t.get(p)
    },
  ],
  [
    'resource-version',
    'resourceVersion and resourceVersionMatch of get and list, in their combinations.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, cm('a', undefined, { v: '1' }))
      const b = await t.merge(`${p}/a`, { data: { v: '2' } })
      await t.get(p)
      await t.get(`${p}/a?resourceVersion=0`)
      await t.get(`${p}/a?resourceVersion=${a.rv}`, { note: 'Not older than: the newest is good.' })
      await t.get(`${p}/a?resourceVersion=${b.rv}`)
      await t.get(`${p}/a?resourceVersion=abc`)
      await t.get(`${p}?resourceVersion=0`)
      await t.get(`${p}?resourceVersion=${b.rv}&resourceVersionMatch=NotOlderThan`)
      await t.get(`${p}?resourceVersion=${b.rv}&resourceVersionMatch=Exact`)
      await t.get(`${p}?resourceVersion=${a.rv}&resourceVersionMatch=Exact`, { note: 'The list as it was.' })
      await t.get(`${p}?resourceVersion=${b.rv}`)
      await t.get(`${p}?resourceVersion=${b.rv}&limit=1`)
      await t.get(`${p}?resourceVersion=0&resourceVersionMatch=NotOlderThan`)
      await t.get(`${p}?resourceVersion=0&resourceVersionMatch=Exact`)
      await t.get(`${p}?resourceVersionMatch=Exact`)
      await t.get(`${p}?resourceVersionMatch=NotOlderThan`)
      await t.get(`${p}?resourceVersion=${b.rv}&resourceVersionMatch=Sometimes`)
      await t.get(`${p}?resourceVersion=abc`)
      await t.get(`${p}?resourceVersion=-1`)
      await t.get(`${p}?resourceVersion=abc&resourceVersionMatch=NotOlderThan`)
      await t.get(`${p}?sendInitialEvents=true`)
      await t.get(`${p}/a?resourceVersion=999999999999`, {
        note: 'A version from the future: waits three seconds, then refuses.',
      })
      await t.get(`${p}?resourceVersion=999999999999&resourceVersionMatch=NotOlderThan`)
      await t.get(`${p}?resourceVersion=999999999999&resourceVersionMatch=Exact`)
    },
  ],
  [
    'all-namespaces',
    'Lists over all namespaces are in order of namespace and name.',
    async (t) => {
      await t.ns('-b')
      await t.ns('-a')
      const at = (s: string) => `/api/v1/namespaces/${t.N}${s}/configmaps`
      const l = { set: t.run }
      await t.post(at('-b'), cm('y', l))
      await t.post(at('-a'), cm('z', l))
      await t.post(at('-b'), cm('x', l))
      await t.post(at('-a'), cm('w', l))
      await t.get(`/api/v1/configmaps?labelSelector=set%3D${t.run}`)
      await t.get(`/api/v1/configmaps?labelSelector=set%3D${t.run}&limit=3`)
      await t.get(`${at('-b')}?labelSelector=set%3D${t.run}`)
    },
  ],
]
