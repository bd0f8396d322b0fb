/** metadata.generation, the status subresource and the scale subresource. */
import type { Source } from '../record/recorder.ts'
const deployment = (name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
    ...spec,
  },
})
const schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { replicas: { type: 'integer' }, image: { type: 'string' } } },
    status: {
      type: 'object',
      properties: { ready: { type: 'integer' }, replicas: { type: 'integer' }, selector: { type: 'string' } },
    },
  },
}

export const scenarios: readonly Source[] = [
  [
    'deployment',
    'generation of a Deployment moves with its spec only; the status subresource takes the status only.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/deployments`
      const a = await t.post(p, { ...deployment('web'), status: { replicas: 9 } })
      await t.merge(`${p}/web`, { metadata: { annotations: { a: 'b' } } })
      await t.merge(`${p}/web`, { spec: { replicas: 3 } })
      await t.merge(`${p}/web`, { spec: { replicas: 3 } }, { note: 'No change: no new resourceVersion.' })
      await t.merge(
        `${p}/web`,
        { status: { replicas: 5 } },
        { note: 'A status in a write to the main resource is dropped.' },
      )
      await t.merge(`${p}/web/status`, {
        status: { observedGeneration: 2, replicas: 3, updatedReplicas: 3 },
        spec: { replicas: 7 },
        metadata: { labels: { via: 'status' } },
      })
      const s = await t.get(`${p}/web/status`)
      await t.put(`${p}/web/status`, {
        ...s.body,
        status: {
          observedGeneration: 2,
          replicas: 3,
          readyReplicas: 3,
          availableReplicas: 3,
          conditions: [
            {
              type: 'Available',
              status: 'True',
              reason: 'Ok',
              message: 'm',
              lastUpdateTime: '2024-01-01T00:00:00Z',
              lastTransitionTime: '2024-01-01T00:00:00Z',
            },
          ],
        },
      })
      await t.put(`${p}/web/status`, { ...a.body, status: {} })
      await t.merge(`${p}/web/status`, { status: { replicas: -1 } })
      await t.put(
        `${p}/web`,
        { ...a.body, metadata: { name: 'web', generation: 77 }, spec: { ...a.body.spec, replicas: 8 } },
        { note: 'generation in the body is ignored.' },
      )
    },
  ],
  [
    'custom-with-status',
    'A custom resource with a status subresource.',
    async (t) => {
      await t.ns()
      const w = await t.crd({ kind: 'Widget', schema, subresources: { status: {} } })
      const p = w.path
      const a = await t.post(p, { ...w.obj('w', { replicas: 1 }), status: { ready: 5 } })
      await t.merge(`${p}/w`, { metadata: { labels: { a: 'b' } } })
      await t.merge(`${p}/w`, { spec: { replicas: 2 } })
      await t.merge(`${p}/w`, { status: { ready: 1 } })
      await t.merge(`${p}/w/status`, {
        status: { ready: 1 },
        spec: { replicas: 9 },
        metadata: { annotations: { x: 'y' }, labels: { c: 'd' } },
      })
      const s = await t.get(`${p}/w/status`)
      await t.put(`${p}/w/status`, { ...s.body, status: { ready: 2 } })
      await t.put(`${p}/w/status`, { ...s.body, status: { ready: 3 } })
      await t.merge(`${p}/w/status`, { status: { ready: 'no' } })
      await t.json(`${p}/w/status`, [{ op: 'replace', path: '/status/ready', value: 4 }])
      await t.put(`${p}/w`, { ...a.body, metadata: { ...a.body.metadata, resourceVersion: undefined } })
      const g = await t.get(`${p}/w`)
      await t.put(
        `${p}/w`,
        { ...g.body, status: undefined, spec: { replicas: 3 } },
        { note: 'An update without status keeps the stored status.' },
      )
      await t.post(`${p}/w/status`, g.body)
      await t.del(`${p}/w/status`)
    },
  ],
  [
    'custom-without-status',
    'Without the status subresource every field but metadata moves the generation.',
    async (t) => {
      await t.ns()
      const w = await t.crd({ kind: 'Widget', schema })
      const p = w.path
      await t.post(p, { ...w.obj('w', { replicas: 1 }), status: { ready: 5 } })
      await t.merge(`${p}/w`, { status: { ready: 6 } })
      await t.merge(`${p}/w`, { spec: { replicas: 2 } })
      await t.merge(`${p}/w`, { metadata: { labels: { a: 'b' } } })
      await t.merge(`${p}/w`, { metadata: { generation: 99 } })
      await t.get(`${p}/w/status`)
      await t.merge(`${p}/w/status`, { status: { ready: 7 } })
    },
  ],
  [
    'scale',
    'The scale subresource of Deployment and StatefulSet.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/deployments/web`
      await t.post(`${t.apps}/deployments`, deployment('web'))
      const s = await t.get(`${p}/scale`)
      await t.put(`${p}/scale`, { ...s.body, spec: { replicas: 4 } })
      await t.merge(`${p}/scale`, { spec: { replicas: 5 } })
      await t.merge(`${p}/scale`, { spec: { replicas: -1 } })
      await t.put(`${p}/scale`, { ...s.body, spec: { replicas: 6 } })
      await t.put(`${p}/scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'web', namespace: t.N },
        spec: { replicas: 2 },
      })
      await t.put(`${p}/scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'other', namespace: t.N },
        spec: { replicas: 2 },
      })
      await t.json(`${p}/scale`, [
        { op: 'test', path: '/spec/replicas', value: 2 },
        { op: 'replace', path: '/spec/replicas', value: 0 },
      ])
      await t.get(p)
      await t.merge(`${p}/status`, { status: { replicas: 2 } })
      await t.get(`${p}/scale`)
      await t.apply(
        `${p}/scale`,
        {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'web', namespace: t.N },
          spec: { replicas: 3 },
        },
        { fm: 'scaler' },
      )
      await t.get(`${t.apps}/statefulsets/none/scale`)
    },
  ],
  [
    'custom-scale',
    'The scale subresource of a custom resource.',
    async (t) => {
      await t.ns()
      const w = await t.crd({
        kind: 'Widget',
        schema,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
      })
      const p = `${w.path}/w`
      await t.post(w.path, w.obj('w', { image: 'x' }))
      await t.get(`${p}/scale`)
      await t.merge(p, { spec: { replicas: 2 } })
      await t.merge(`${p}/status`, { status: { replicas: 1, selector: 'app=w' } })
      const s = await t.get(`${p}/scale`)
      await t.put(`${p}/scale`, { ...s.body, spec: { replicas: 5 } })
      await t.merge(`${p}/scale`, { spec: { replicas: 6 } })
      await t.put(`${p}/scale`, { ...s.body, spec: { replicas: 7 } })
      await t.merge(`${p}/scale`, { spec: { replicas: -3 } })
      await t.merge(`${p}/scale`, { spec: {} })
      await t.put(`${p}/scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'w', namespace: t.N },
        spec: { replicas: 0 },
      })
      await t.put(`${p}/scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'w' },
        spec: {},
      })
      await t.get(p)
      await t.apply(
        `${p}/scale`,
        {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'w', namespace: t.N },
          spec: { replicas: 3 },
        },
        { fm: 'scaler' },
      )
      await t.get(p)
    },
  ],
]
