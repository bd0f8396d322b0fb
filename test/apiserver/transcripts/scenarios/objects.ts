/** Create, get, list, update and delete of built-in kinds. */
import { changed } from '../record/change.ts'
import { configMap } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
const deployment = (name: string, more: object = {}, meta: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, ...meta },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] },
    },
    ...more,
  },
})

export const scenarios: readonly Source[] = [
  [
    'configmap',
    'A ConfigMap through its life: create, get, list, replace, delete.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, configMap('alpha', { color: 'red', n: '1' }))
      await t.post(
        p,
        configMap('beta', { x: 'y' }, { labels: { tier: 'back' }, annotations: { note: 'two words' } }),
      )
      await t.get(`${p}/alpha`)
      await t.get(p)
      const u = await t.put(`${p}/alpha`, { ...a.body, data: { color: 'blue' } })
      await t.put(`${p}/alpha`, u.body, { note: 'An update that changes nothing keeps the resourceVersion.' })
      await t.get(`${p}/alpha`)
      await t.put(`${p}/alpha`, configMap('alpha', { color: 'green' }), {
        note: 'Without a resourceVersion an update is unconditional.',
      })
      await t.del(`${p}/alpha`)
      await t.get(`${p}/alpha`)
      await t.del(`${p}/alpha`)
      await t.get(p)
      await t.del(`${p}/beta`)
    },
  ],
  [
    'configmap-immutable',
    'An immutable ConfigMap refuses data changes but accepts metadata changes; binaryData.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, { ...configMap('fixed', { a: '1' }), immutable: true })
      await t.put(`${p}/fixed`, { ...a.body, data: { a: '2' } })
      await t.put(`${p}/fixed`, { ...a.body, immutable: false })
      await t.put(`${p}/fixed`, { ...a.body, binaryData: { b: 'AAE=' } })
      await t.merge(`${p}/fixed`, { metadata: { labels: { ok: 'yes' } } })
      await t.post(p, { ...configMap('bin', { text: 'x' }), binaryData: { blob: 'AAECAw==' } })
      await t.post(p, { ...configMap('bad', { k: 'x' }), binaryData: { k: 'AAE=' } })
      await t.post(p, { ...configMap('bad2'), binaryData: { k: 'not base64!' } })
      await t.post(p, configMap('bad3', { 'no spaces': 'x' }))
    },
  ],
  [
    'secret',
    'Secrets: stringData is folded into data, types demand keys, the type is immutable.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/secrets`
      const s = (name: string, rest: object) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        ...rest,
      })
      const a = await t.post(p, s('opaque', { data: { a: 'b25l' }, stringData: { b: 'two', a: 'override' } }))
      await t.get(`${p}/opaque`)
      await t.post(p, s('tls', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==' } }))
      await t.post(p, s('tls', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==', 'tls.key': 'eQ==' } }))
      await t.post(
        p,
        s('dock', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'bm90anNvbg==' } }),
      )
      await t.post(
        p,
        s('basic', { type: 'kubernetes.io/basic-auth', stringData: { username: 'u', password: 'p' } }),
      )
      await t.put(`${p}/opaque`, { ...a.body, type: 'example.com/other' })
      await t.put(`${p}/opaque`, { ...a.body, data: { c: 'YWJj' } })
      await t.get(`${p}?fieldSelector=type=kubernetes.io/tls`)
      await t.get(`${p}?fieldSelector=type!=Opaque`)
      await t.del(`${p}/opaque`)
    },
  ],
  [
    'deployment',
    'A Deployment: defaults on create, replace, selector immutability, delete.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/deployments`
      const a = await t.post(p, deployment('web'))
      await t.get(`${p}/web`)
      const image = '/spec/template/spec/containers/0/image'
      await t.put(`${p}/web`, changed(a.body, { '/spec/selector/matchLabels': { app: 'other' } }))
      const u = await t.put(`${p}/web`, changed(a.body, { [image]: 'nginx:1.28' }))
      await t.put(`${p}/web`, changed(u.body, { '/metadata/annotations': { why: 'metadata only' } }), {
        note: 'Only metadata changes: generation stays.',
      })
      await t.post(
        p,
        deployment('bad', {
          template: {
            metadata: { labels: { app: 'x' } },
            spec: { containers: [{ name: 'main', image: 'a' }] },
          },
        }),
      )
      await t.post(p, deployment('bad', { replicas: -1 }))
      await t.post(
        p,
        deployment('bad', { template: { metadata: { labels: { app: 'bad' } }, spec: { containers: [] } } }),
      )
      await t.post(
        p,
        deployment('bad', {
          template: {
            metadata: { labels: { app: 'bad' } },
            spec: { containers: [{ name: 'Main', image: '', ports: [{ containerPort: 99999 }] }] },
          },
        }),
      )
      await t.get(p)
      await t.del(`${p}/web`)
      await t.get(`${p}/web`)
    },
  ],
  [
    'statefulset',
    'A StatefulSet: defaults, which spec fields may change, volumeClaimTemplates.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/statefulsets`
      const a = await t.post(p, {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db' },
        spec: {
          serviceName: 'db',
          selector: { matchLabels: { app: 'db' } },
          template: {
            metadata: { labels: { app: 'db' } },
            spec: {
              containers: [
                {
                  name: 'db',
                  image: 'postgres:17',
                  ports: [{ containerPort: 5432, name: 'pg' }],
                  volumeMounts: [{ name: 'data', mountPath: '/data' }],
                },
              ],
            },
          },
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          ],
        },
      })
      const image = '/spec/template/spec/containers/0/image'
      await t.put(`${p}/db`, changed(a.body, { '/spec/replicas': 3, [image]: 'postgres:18' }))
      await t.put(
        `${p}/db`,
        changed(a.body, { '/metadata/resourceVersion': undefined, '/spec/serviceName': 'other' }),
      )
      await t.merge(`${p}/db`, { spec: { updateStrategy: { rollingUpdate: { partition: 2 } } } })
      await t.merge(`${p}/db`, { spec: { podManagementPolicy: 'Parallel' } })
      await t.get(`${p}/db/status`)
      await t.del(`${p}/db`)
    },
  ],
  [
    'service',
    'Services: allocated addresses, headless, node ports, immutability and validation.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/services`
      const s = (name: string, spec?: unknown) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec,
      })
      const a = await t.post(
        p,
        s('web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] }),
      )
      await t.get(`${p}/web`)
      await t.post(
        p,
        s('headless', { clusterIP: 'None', selector: { app: 'db' }, ports: [{ name: 'pg', port: 5432 }] }),
      )
      await t.post(p, s('node', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] }))
      await t.post(p, s('ext', { type: 'ExternalName', externalName: 'example.com' }))
      await t.post(p, s('bad', { selector: { app: 'x' }, ports: [] }))
      await t.post(
        p,
        s('bad', { selector: { app: 'x' }, ports: [{ port: 0 }, { port: 80, protocol: 'XYZ' }] }),
      )
      await t.post(p, s('bad', { selector: { app: 'x' }, ports: [{ port: 80 }, { port: 81 }] }))
      await t.put(`${p}/web`, {
        ...a.body,
        spec: { ...a.body.spec, clusterIP: 'None', clusterIPs: ['None'] },
      })
      await t.put(
        `${p}/web`,
        { ...a.body, spec: { selector: { app: 'new' }, ports: [{ port: 8080 }] } },
        { note: 'The address is carried over when the update leaves it out.' },
      )
      await t.post(p, s('Web', { ports: [{ port: 80 }] }))
      await t.del(`${p}/web`)
      await t.del(`${p}/node`)
    },
  ],
  [
    'namespace',
    'A Namespace: labels, finalizers, and what cannot be created in one that does not exist.',
    async (t) => {
      const n = t.N
      await t.post('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: n, labels: { team: 'a' } },
      })
      await t.get(`/api/v1/namespaces/${n}`)
      await t.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: n } })
      await t.merge(`/api/v1/namespaces/${n}`, {
        metadata: { labels: { team: 'b', 'kubernetes.io/metadata.name': 'lie' } },
      })
      await t.get(`/api/v1/namespaces?labelSelector=kubernetes.io/metadata.name=${n}`)
      await t.get(`/api/v1/namespaces?fieldSelector=metadata.name=${n}`)
      await t.get(`/api/v1/namespaces?fieldSelector=metadata.name=${n},status.phase=Active`)
      await t.post(`/api/v1/namespaces/${n}-absent/configmaps`, configMap('x'))
      await t.get(`/api/v1/namespaces/${n}-absent/configmaps`)
      await t.post('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'Bad_Name' },
      })
      await t.get('/api/v1/namespaces/default')
    },
  ],
  [
    'owner-references',
    'ownerReferences are validated on write.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const o = await t.post(p, configMap('owner'))
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: o.uid }
      await t.post(
        p,
        configMap('child', undefined, {
          ownerReferences: [{ ...ref, controller: true, blockOwnerDeletion: true }],
        }),
      )
      await t.post(p, configMap('bad', undefined, { ownerReferences: [{ ...ref, uid: '' }] }))
      await t.post(
        p,
        configMap('bad', undefined, {
          ownerReferences: [
            { ...ref, apiVersion: '' },
            { ...ref, name: '' },
          ],
        }),
      )
      await t.post(
        p,
        configMap('bad', undefined, {
          ownerReferences: [
            { ...ref, controller: true },
            { ...ref, name: 'other', uid: '00000000-0000-4000-8000-000000000001', controller: true },
          ],
        }),
      )
      await t.post(p, configMap('dup', undefined, { ownerReferences: [ref, ref] }))
      await t.post(
        p,
        configMap('event-owned', undefined, {
          ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: o.uid }],
        }),
      )
      await t.merge(`${p}/child`, { metadata: { ownerReferences: null } })
    },
  ],
]
