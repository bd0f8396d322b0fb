/** Strategic merge patches. */
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
    'strategic-containers',
    'Strategic merge patch: containers by name, deletion, replacement, order.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/deployments/d`
      const pod = (spec: unknown) => ({ spec: { template: { spec } } })
      await t.post(
        `${t.apps}/deployments`,
        deployment('d', {
          containers: [
            container('one', {
              env: [
                { name: 'A', value: '1' },
                { name: 'B', value: '2' },
              ],
              ports: [{ containerPort: 80 }],
            }),
            container('two'),
          ],
        }),
      )
      await t.smp(p, pod({ containers: [{ name: 'one', image: 'one:2' }] }))
      await t.smp(p, pod({ containers: [{ name: 'three', image: 'three:1' }] }))
      await t.smp(p, pod({ containers: [{ name: 'two', $patch: 'delete' }] }))
      await t.smp(p, pod({ containers: [{ name: 'absent', $patch: 'delete' }] }))
      await t.smp(
        p,
        pod({
          containers: [
            {
              name: 'one',
              env: [
                { name: 'B', value: 'two' },
                { name: 'C', value: '3' },
              ],
            },
          ],
        }),
      )
      await t.smp(p, pod({ containers: [{ name: 'one', env: [{ name: 'A', $patch: 'delete' }] }] }))
      await t.smp(p, pod({ containers: [{ name: 'one', ports: [{ containerPort: 81, name: 'extra' }] }] }))
      await t.smp(
        p,
        pod({
          $setElementOrder: undefined,
          '$setElementOrder/containers': [{ name: 'three' }, { name: 'one' }],
          containers: [{ name: 'one', image: 'one:3' }],
        }),
      )
      await t.smp(p, pod({ containers: [{ $patch: 'replace' }, { name: 'only', image: 'only:1' }] }))
      await t.smp(p, pod({ containers: [{ image: 'nameless' }] }))
      await t.smp(p, pod({ containers: [{ name: 'only', $patch: 'frobnicate' }] }))
      await t.smp(p, pod({ containers: null }))
      await t.smp(p, pod({ containers: 'text' }))
      await t.smp(p, '{"spec":')
      await t.get(p)
    },
  ],
  [
    'strategic-directives',
    'Strategic merge patch: maps, $retainKeys, atomic lists, primitive lists.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/deployments/d`
      const pod = (spec: unknown) => ({ spec: { template: { spec } } })
      await t.post(`${t.apps}/deployments`, {
        ...deployment('d', {
          nodeSelector: { a: '1', b: '2' },
          tolerations: [{ key: 'x', operator: 'Exists' }],
          volumes: [{ name: 'v', emptyDir: {} }],
          containers: [
            container('main', { args: ['a', 'b'], volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
          ],
        }),
        metadata: {
          name: 'd',
          labels: { l: '1' },
          annotations: { a: '1', b: '2' },
          finalizers: ['example.com/1', 'example.com/2'],
        },
      })
      await t.smp(p, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } })
      await t.smp(p, pod({ tolerations: [{ key: 'y', operator: 'Exists' }] }), {
        note: 'tolerations is an atomic list.',
      })
      await t.smp(
        p,
        pod({ volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }] }),
      )
      await t.smp(p, pod({ nodeSelector: { b: null, c: '3' } }))
      await t.smp(p, pod({ nodeSelector: { $patch: 'replace', only: 'this' } }))
      await t.smp(p, pod({ nodeSelector: { $patch: 'delete' } }))
      await t.smp(p, pod({ containers: [{ name: 'main', args: ['c'] }] }))
      await t.smp(
        p,
        { metadata: { finalizers: ['example.com/3'] } },
        { note: 'finalizers is a merged list.' },
      )
      await t.smp(p, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/1'] } })
      await t.smp(p, {
        metadata: {
          '$setElementOrder/finalizers': ['example.com/3', 'example.com/2'],
          finalizers: ['example.com/3'],
        },
      })
      await t.smp(p, { metadata: { annotations: { b: null, c: '3' }, labels: { l: '2' } } })
      await t.smp(p, { metadata: { annotations: null } })
      await t.smp(p, {
        metadata: {
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '44444444-4444-4444-8444-444444444444' },
          ],
        },
      })
      await t.smp(p, {
        metadata: { ownerReferences: [{ uid: '44444444-4444-4444-8444-444444444444', $patch: 'delete' }] },
      })
      await t.smp(p, { metadata: { finalizers: null } })
      await t.smp(p, {})
      await t.smp(p, { spec: { replicas: null } })
      await t.post(`${t.core}/services`, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's' },
        spec: { selector: { a: 'b' }, ports: [{ name: 'a', port: 80 }] },
      })
      await t.smp(`${t.core}/services/s`, { spec: { ports: [{ port: 81, name: 'b' }] } })
      await t.smp(`${t.core}/services/s`, { spec: { ports: [{ port: 80, $patch: 'delete' }] } })
    },
  ],
]
