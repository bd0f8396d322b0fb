/** Deletion: finalizers, propagation policies as the API server itself handles them, deletecollection, namespaces. */
import { configMap, deleteOptions } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
})

export const scenarios: readonly Source[] = [
  [
    'finalizers',
    'An object with finalizers is marked and goes when the last one is removed.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('f', { a: '1' }, { finalizers: ['example.com/one', 'example.com/two'] }))
      await t.del(`${p}/f`)
      await t.get(`${p}/f`)
      await t.del(`${p}/f`, undefined, { note: 'A second delete changes nothing.' })
      await t.merge(`${p}/f`, { data: { a: '2' } }, { note: 'Writes are still taken.' })
      await t.merge(`${p}/f`, {
        metadata: { finalizers: ['example.com/one', 'example.com/two', 'example.com/three'] },
      })
      await t.merge(`${p}/f`, { metadata: { deletionTimestamp: null } })
      await t.post(p, configMap('f'))
      await t.merge(`${p}/f`, { metadata: { finalizers: ['example.com/two'] } })
      await t.json(`${p}/f`, [{ op: 'remove', path: '/metadata/finalizers/0' }])
      await t.get(`${p}/f`)
      await t.post(
        p,
        configMap(
          'g',
          {},
          {
            finalizers: ['example.com/x'],
            deletionTimestamp: '2024-01-01T00:00:00Z',
            deletionGracePeriodSeconds: 5,
          },
        ),
        { note: 'A client cannot set deletionTimestamp.' },
      )
      await t.merge(`${p}/g`, { metadata: { finalizers: null } })
      await t.del(`${p}/g`)
    },
  ],
  [
    'finalizers-custom',
    'Finalizers on a custom resource; generation and deletionGracePeriodSeconds on deletion.',
    async (t) => {
      await t.ns()
      const w = await t.crd({ kind: 'Widget', subresources: { status: {} } })
      const p = w.path
      await t.post(p, { ...w.obj('w', { a: 1 }), metadata: { name: 'w', finalizers: ['example.com/hold'] } })
      await t.del(`${p}/w`)
      await t.get(`${p}/w`)
      await t.merge(`${p}/w`, { spec: { a: 2 } })
      await t.merge(`${p}/w/status`, { status: { b: 1 } })
      await t.merge(`${p}/w/status`, { metadata: { finalizers: [] } })
      await t.get(`${p}/w`)
      await t.merge(`${p}/w`, { metadata: { finalizers: [] } })
      await t.get(`${p}/w`)
      await t.post(p, w.obj('plain', { a: 1 }))
      await t.del(`${p}/plain`)
    },
  ],
  [
    'propagation',
    'What the API server does by itself for Background, Foreground and Orphan.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      for (const [name, policy] of [
        ['bg', 'Background'],
        ['fg', 'Foreground'],
        ['or', 'Orphan'],
      ] as const) {
        await t.post(p, configMap(name))
        await t.del(`${p}/${name}`, deleteOptions({ propagationPolicy: policy }))
        await t.get(`${p}/${name}`)
      }
      await t.del(`${p}/fg`, deleteOptions({ propagationPolicy: 'Background' }), {
        note: 'Background after Foreground takes the finalizer away.',
      })
      await t.get(`${p}/fg`)
      await t.del(`${p}/or`, deleteOptions({ propagationPolicy: 'Foreground' }))
      await t.get(`${p}/or`)
      await t.merge(`${p}/or`, { metadata: { finalizers: null } })
      await t.post(`${t.apps}/deployments`, deployment('d'))
      await t.del(`${t.apps}/deployments/d`, deleteOptions({ propagationPolicy: 'Foreground' }))
      await t.get(`${t.apps}/deployments/d`)
      await t.merge(`${t.apps}/deployments/d`, { metadata: { finalizers: null } })
      await t.post(p, configMap('od', {}, { finalizers: ['orphan'] }))
      await t.del(`${p}/od`, deleteOptions({ orphanDependents: false }))
      await t.get(`${p}/od`)
      await t.post(p, configMap('bad'))
      await t.del(`${p}/bad`, deleteOptions({ propagationPolicy: 'Nope' }))
    },
  ],
  [
    'collection',
    'deletecollection with label and field selectors, dryRun and finalizers.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      for (const [n, l] of [
        ['a', 'x'],
        ['b', 'x'],
        ['c', 'y'],
        ['d', 'y'],
        ['e', 'z'],
      ] as const)
        await t.post(
          p,
          configMap(
            n,
            { n },
            { labels: { k: l }, ...(n === 'd' ? { finalizers: ['example.com/stay'] } : {}) },
          ),
        )
      await t.del(`${p}?labelSelector=k%3Dx&dryRun=All`)
      await t.del(`${p}?labelSelector=k%3Dx`)
      await t.get(p)
      await t.del(`${p}?labelSelector=k%3Dy`)
      await t.get(p)
      await t.del(`${p}?fieldSelector=metadata.name%3De`)
      await t.del(`${p}?labelSelector=k%3D%3D%3Dx`)
      await t.del(`${p}?fieldSelector=spec.no%3De`)
      await t.merge(`${p}/d`, { metadata: { finalizers: null } })
      await t.del(p)
      await t.get(p)
      const w = await t.crd({ kind: 'Widget' })
      for (const n of ['one', 'two', 'three'])
        await t.post(w.path, {
          ...w.obj(n),
          metadata: { name: n, labels: { odd: n === 'two' ? 'no' : 'yes' } },
        })
      await t.del(`${w.path}?labelSelector=odd%3Dyes`, deleteOptions({ propagationPolicy: 'Background' }))
      await t.get(w.path)
      await t.del(`/apis/${w.group}/v1/widgets`)
      await t.del('/api/v1/configmaps')
    },
  ],
  [
    'namespace',
    'Deleting a namespace where no controller runs: Terminating, no creation, finalize.',
    async (t) => {
      const n = await t.ns()
      const p = `/api/v1/namespaces/${n}`
      await t.post(`${t.core}/configmaps`, configMap('inside', { a: '1' }))
      await t.del(p)
      await t.get(p)
      await t.post(`${t.core}/configmaps`, configMap('late'))
      await t.merge(`${t.core}/configmaps/inside`, { data: { a: '2' } })
      await t.get(`${t.core}/configmaps/inside`)
      await t.del(p)
      await t.merge(p, { metadata: { labels: { still: 'here' } } })
      await t.apply(`${t.core}/configmaps/late`, configMap('late', { a: '1' }))
      await t.post(`${t.core}/configmaps?dryRun=All`, configMap('late'))
      const g = await t.get(p)
      await t.put(`${p}/finalize`, { ...g.body, spec: { finalizers: [] } })
      await t.get(p)
      await t.get(`${t.core}/configmaps/inside`, { note: 'Nobody has emptied the namespace.' })
      await t.del(`${t.core}/configmaps/inside`)
      await t.del('/api/v1/namespaces/default')
      await t.del('/api/v1/namespaces/kube-system')
    },
  ],
]
