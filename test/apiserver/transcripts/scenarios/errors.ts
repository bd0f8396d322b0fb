/** Status codes and exact Status bodies of refused requests. */
import { configMap } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
const open = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } } } },
}

export const scenarios: readonly Source[] = [
  [
    'not-found',
    '404 of a kind, of an object, of a group, of a version and of a path.',
    async (t) => {
      await t.ns()
      await t.get(`${t.core}/configmaps/absent`)
      await t.get(`${t.apps}/deployments/absent`)
      await t.get(`${t.core}/gizmos`)
      await t.get(`${t.core}/gizmos/absent`)
      await t.get('/apis/absent.example.com/v1/things')
      await t.get('/apis/apps/v7/deployments')
      await t.get('/apis/absent.example.com')
      await t.get('/no/such/path')
      await t.get('/api/v2')
      await t.put(`${t.core}/configmaps/absent`, configMap('absent', { a: '1' }))
      await t.put(`${t.core}/configmaps/absent2`, configMap('absent2', { a: '1' }, { resourceVersion: '5' }))
      await t.merge(`${t.core}/configmaps/absent`, { data: { a: '1' } })
      await t.del(`${t.core}/configmaps/absent`)
      await t.get(`${t.apps}/deployments/absent/scale`)
      await t.get(`${t.core}/configmaps/absent/status`)
      await t.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/absent.example.com')
    },
  ],
  [
    'conflict',
    '409 AlreadyExists and Conflict.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, configMap('one', { v: '1' }))
      await t.post(p, configMap('one', { v: '2' }))
      await t.merge(`${p}/one`, { data: { v: '3' } })
      await t.put(`${p}/one`, { ...a.body, data: { v: '4' } }, { note: 'The resourceVersion is an old one.' })
      await t.merge(`${p}/one`, { metadata: { resourceVersion: a.rv }, data: { v: '5' } })
      await t.smp(`${p}/one`, { metadata: { resourceVersion: '1' }, data: { v: '5' } })
      await t.put(`${p}/one`, configMap('one', { v: '6' }, { uid: '11111111-1111-4111-8111-111111111111' }))
      await t.put(`${p}/one`, configMap('one', { v: '6' }, { resourceVersion: 'abc' }))
      await t.post(p, configMap('two', {}, { resourceVersion: '77' }))
      await t.get(`${p}/one`)
      const d = await t.post(`${t.apps}/deployments`, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      })
      await t.post(`${t.apps}/deployments`, { ...d.body, metadata: { name: 'd' } })
      await t.merge(`${t.apps}/deployments/d`, { spec: { replicas: 4 } })
      await t.put(`${t.apps}/deployments/d`, d.body)
    },
  ],
  [
    'bodies',
    '400 and 422 for bodies that do not fit the request: JSON, apiVersion, kind, name, namespace.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, '{"apiVersion":"v1","kind":"ConfigMap",')
      await t.post(p, 'not json at all')
      await t.post(p, '')
      await t.post(p, '[]')
      await t.post(p, '{}')
      await t.post(p, { kind: 'ConfigMap', metadata: { name: 'a' } })
      await t.post(p, { apiVersion: 'v1', metadata: { name: 'a' } })
      await t.post(p, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } })
      await t.post(p, { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } })
      await t.post(p, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } })
      await t.post(p, { apiVersion: 'v1', kind: 'Gizmo', metadata: { name: 'a' } })
      await t.post(p, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} })
      await t.post(p, { apiVersion: 'v1', kind: 'ConfigMap' })
      await t.post(p, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'other' } })
      await t.post(p, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { n: 1 } } })
      await t.post(p, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { n: 1 } })
      await t.post(p, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: ['x'] })
      await t.post(p, configMap('ok'))
      await t.put(`${p}/ok`, configMap('other'))
      await t.put(`${p}/ok`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} })
      await t.put(`${p}/ok`, configMap('ok', {}, { namespace: 'other' }))
      await t.put(`${p}/ok`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ok' } })
      await t.post('/api/v1/namespaces/default/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'x' },
      })
      await t.post('/api/v1/configmaps', configMap('nowhere'))
    },
  ],
  [
    'names',
    'Invalid names, labels, annotations and finalizers.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      for (const name of [
        'Upper',
        '-dash',
        'dash-',
        'a..b',
        'under_score',
        'a'.repeat(254),
        'with space',
        'slash/name',
        'ok.with.dots',
      ])
        await t.post(p, configMap(name))
      await t.post(p, configMap('l1', undefined, { labels: { 'bad key!': 'x' } }))
      await t.post(p, configMap('l2', undefined, { labels: { key: 'bad value!' } }))
      await t.post(p, configMap('l3', undefined, { labels: { key: 'x'.repeat(64) } }))
      await t.post(
        p,
        configMap('l4', undefined, { labels: { 'example.com/ok': '', [`${'n'.repeat(64)}`]: 'v' } }),
      )
      await t.post(p, configMap('a1', undefined, { annotations: { 'bad key!': 'x' } }))
      await t.post(p, configMap('f1', undefined, { finalizers: ['no-domain'] }))
      await t.post(p, configMap('f2', undefined, { finalizers: ['example.com/ok', 'bad domain/x'] }))
      await t.post(p, configMap('g1', undefined, { generation: -1 }))
      await t.post(`${t.core}/services`, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: '1abc' },
        spec: { ports: [{ port: 1 }] },
      })
      await t.get(`${p}/bad%20name`)
      await t.get(`${p}/..%2Fx`)
    },
  ],
  [
    'methods-and-types',
    '405, 406 and 415.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('a'))
      await t.post(`${p}/a`, configMap('a'))
      await t.put(p, configMap('a'))
      await t.req('PATCH', p, {}, { ct: 'application/merge-patch+json' })
      await t.req('OPTIONS', p, undefined)
      await t.get(p, { accept: 'text/plain' })
      await t.get(p, { accept: 'application/xml, text/html' })
      await t.get(`${p}/a`, { accept: 'application/json;as=Nothing;v=v1;g=meta.k8s.io' })
      await t.get(`${p}/a`, { accept: 'application/json;as=Table;v=v9;g=meta.k8s.io,application/json' })
      await t.get(`${p}/a`, { accept: '*/*' })
      await t.get(`${p}/a`, { accept: 'application/*' })
      await t.post(p, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n', {
        ct: 'application/yaml',
      })
      await t.post(p, configMap('b'), { ct: 'text/plain' })
      await t.post(p, configMap('b'), { ct: 'application/xml' })
      await t.req('PATCH', `${p}/a`, { data: { x: 'y' } }, { ct: 'application/json' })
      await t.req('PATCH', `${p}/a`, { data: { x: 'y' } }, { ct: 'text/plain' })
      await t.put(`${p}/a`, configMap('a'), { ct: 'application/merge-patch+json' })
      await t.req('DELETE', '/api/v1/namespaces', undefined)
      await t.req(
        'PATCH',
        '/version',
        {},
        { ct: 'application/merge-patch+json', pick: ['/major', '/kind', '/status'] },
      )
    },
  ],
  [
    'custom',
    'Refusals for a custom resource have the same shape.',
    async (t) => {
      await t.ns()
      const w = await t.crd({ kind: 'Widget', schema: open })
      const p = w.path
      const a = await t.post(p, w.obj('a', { size: 1 }))
      await t.post(p, w.obj('a', { size: 1 }))
      await t.get(`${p}/absent`)
      await t.post(p, '{"apiVersion":')
      await t.post(p, { ...w.obj('b'), apiVersion: 'v1' })
      await t.post(p, { ...w.obj('b'), kind: 'Gadget' })
      await t.post(p, { kind: 'Widget', metadata: { name: 'b' } })
      await t.post(p, { apiVersion: w.apiVersion, kind: 'Widget', metadata: {} })
      await t.post(p, w.obj('Bad_Name'))
      await t.post(p, w.obj('b', { size: 0 }))
      await t.post(p, w.obj('b', { size: 'big' }))
      await t.post(p, { ...w.obj('b'), metadata: { name: 'b', namespace: 'other' } })
      await t.put(`${p}/a`, w.obj('a', { size: 2 }), {
        note: 'An update of a custom resource needs a resourceVersion.',
      })
      await t.put(`${p}/a`, w.obj('b', { size: 2 }))
      await t.merge(`${p}/a`, { spec: { size: 3 } })
      await t.put(`${p}/a`, { ...a.body, spec: { size: 4 } })
      await t.put(`${p}/absent`, {
        ...w.obj('absent', { size: 2 }),
        metadata: { name: 'absent', resourceVersion: '1' },
      })
      await t.get(`${p}/a/status`)
      await t.get(`${p}/a/scale`)
      await t.req('PATCH', `${p}/a`, {}, { ct: 'text/plain' })
      await t.get(p, { accept: 'text/plain' })
      await t.post(`${p}/a`, w.obj('a'))
      await t.get(`/apis/${w.group}/v2/widgets`)
      await t.post(`/apis/${w.group}/v1/widgets`, w.obj('nowhere'))
      await t.post(`/apis/${w.group}/v1/namespaces/${t.N}-absent/widgets`, w.obj('x'))
    },
  ],
]
