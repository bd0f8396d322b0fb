/** Admission webhooks: which are called, in which version, and their configuration. */
import { configMap } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
import { AR, config, hook, rules } from './webhooks.ts'

export const scenarios: readonly Source[] = [
  [
    'selection',
    'What is sent to a webhook: rules, objectSelector, matchConditions, matchPolicy, subresources.',
    async (t) => {
      await t.ns()
      const url = (n: string) => t.hook(`/${n}`, { response: { allowed: true } })
      await config(t, 'Validating', [
        hook(t, 'create', url('create'), { rules: rules(['CREATE']) }),
        hook(t, 'labelled', url('labelled'), {
          objectSelector: { matchExpressions: [{ key: 'watch', operator: 'In', values: ['me'] }] },
        }),
        hook(t, 'cond', url('cond'), {
          matchConditions: [
            { name: 'has-data', expression: "request.operation == 'DELETE' || 'x' in object.data" },
          ],
        }),
        hook(t, 'apps', url('apps'), {
          rules: rules(['*'], ['deployments', 'deployments/scale', 'deployments/status'], ['apps']),
        }),
        hook(t, 'cluster', url('cluster'), {
          rules: rules(['*'], ['*'], ['*'], { scope: 'Cluster' }),
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': `${t.N}-none` } },
        }),
      ])
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('a', { y: '1' }))
      await t.calls()
      await t.merge(`${p}/a`, { data: { x: '1' } })
      await t.calls()
      await t.merge(`${p}/a`, { metadata: { labels: { watch: 'me' } } })
      await t.calls({ anyOrder: ['/calls'] })
      await t.merge(
        `${p}/a`,
        { metadata: { labels: null }, data: { x: null } },
        { note: 'The selector also looks at the old object.' },
      )
      await t.calls({ anyOrder: ['/calls'] })
      await t.del(`${p}/a`)
      await t.calls({ anyOrder: ['/calls'] })
      await t.post(`${t.apps}/deployments`, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      })
      await t.merge(`${t.apps}/deployments/d/scale`, { spec: { replicas: 2 } })
      await t.merge(`${t.apps}/deployments/d/status`, { status: { replicas: 1 } })
      await t.calls()
      await t.post(`${AR}/validatingwebhookconfigurations?dryRun=All`, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: `x-${t.run}` },
        webhooks: [
          hook(t, 'cond', url('cond'), { matchConditions: [{ name: 'bad', expression: 'object.nope ==' }] }),
        ],
      })
    },
  ],
  [
    'reinvocation',
    'reinvocationPolicy IfNeeded: called again when a later webhook changed the object.',
    async (t) => {
      await t.ns()
      const first = t.hook('/first', {
        rules: [
          {
            when: { pointer: '/request/object/data/second', exists: true },
            response: {
              allowed: true,
              patchType: 'JSONPatch',
              patch: [{ op: 'add', path: '/data/again', value: 'yes' }],
            },
          },
        ],
        response: {
          allowed: true,
          patchType: 'JSONPatch',
          patch: [{ op: 'add', path: '/data/first', value: 'yes' }],
        },
      })
      const never = t.hook('/never', { response: { allowed: true } })
      const second = t.hook('/second', {
        response: {
          allowed: true,
          patchType: 'JSONPatch',
          patch: [{ op: 'add', path: '/data/second', value: 'yes' }],
        },
      })
      await config(t, 'Mutating', [
        hook(t, 'a', first, { reinvocationPolicy: 'IfNeeded', rules: rules(['CREATE']) }),
        hook(t, 'b', never, { rules: rules(['CREATE']) }),
        hook(t, 'c', second, { rules: rules(['CREATE']) }),
      ])
      await t.post(`${t.core}/configmaps`, configMap('a', { x: '1' }))
      await t.calls()
    },
  ],
  [
    'custom-resources',
    'Webhooks on a custom resource: create, status update, connect of versions, defaults first.',
    async (t) => {
      await t.ns()
      const v = (name: string, storage: boolean) => ({
        name,
        served: true,
        storage,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { n: { type: 'integer', default: 3 }, s: { type: 'string', maxLength: 5 } },
              },
              status: { type: 'object', properties: { ok: { type: 'boolean' } } },
            },
          },
        },
      })
      const w = await t.crd({ kind: 'Widget', versions: [v('v1', true), v('v1beta1', false)] })
      const mut = t.hook('/mut', {
        rules: [
          {
            when: { pointer: '/request/object/spec/s', equals: 'grow' },
            response: {
              allowed: true,
              patchType: 'JSONPatch',
              patch: [{ op: 'replace', path: '/spec/s', value: 'far too long' }],
            },
          },
          {
            when: { pointer: '/request/object/spec/s', equals: 'extra' },
            response: {
              allowed: true,
              patchType: 'JSONPatch',
              patch: [{ op: 'add', path: '/spec/unknown', value: 1 }],
            },
          },
        ],
        response: { allowed: true },
      })
      const val = t.hook('/val', { response: { allowed: true } })
      await config(t, 'Mutating', [
        hook(t, 'm', mut, {
          rules: [
            {
              operations: ['CREATE', 'UPDATE'],
              apiGroups: [w.group],
              apiVersions: ['v1'],
              resources: ['widgets'],
              scope: 'Namespaced',
            },
          ],
        }),
      ])
      await config(t, 'Validating', [
        hook(t, 'v', val, {
          rules: [{ operations: ['*'], apiGroups: [w.group], apiVersions: ['v1'], resources: ['widgets/*'] }],
        }),
        hook(t, 'x', val, {
          matchPolicy: 'Exact',
          rules: [
            { operations: ['CREATE'], apiGroups: [w.group], apiVersions: ['v1'], resources: ['widgets'] },
          ],
        }),
      ])
      await t.post(w.path, w.obj('a', { s: 'ok' }))
      await t.post(w.path, w.obj('b', { s: 'grow' }))
      await t.post(w.path, w.obj('c', { s: 'extra' }))
      await t.calls()
      await t.merge(`${w.path}/a/status`, { status: { ok: true } })
      await t.calls()
      await t.post(
        w.pathOf('v1beta1'),
        { apiVersion: `${w.group}/v1beta1`, kind: 'Widget', metadata: { name: 'd' }, spec: { s: 'old' } },
        { note: 'matchPolicy Equivalent: asked in v1.' },
      )
      await t.calls()
    },
  ],
  [
    'configuration',
    'Webhook configurations: defaults and what is refused.',
    async (t) => {
      const p = `${AR}/validatingwebhookconfigurations`
      const c = (webhooks: readonly object[], name = t.run) => ({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name },
        webhooks,
      })
      const good = hook(t, 'a', 'https://example.com/x')
      await t.post(
        p,
        c([
          {
            name: good.name,
            clientConfig: { service: { namespace: 'none', name: 'svc' } },
            rules: [
              {
                operations: ['CREATE'],
                apiGroups: ['none.example.com'],
                apiVersions: ['v1'],
                resources: ['things'],
              },
            ],
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            namespaceSelector: good.namespaceSelector,
          },
        ]),
        { note: 'The defaults are filled in.' },
      )
      const bad = (more: object, note: string) =>
        t.post(`${p}?dryRun=All`, c([{ ...good, ...more }], `x-${t.run}`), { note })
      await bad({ name: 'short' }, 'a name of one part')
      await bad({ clientConfig: {} }, 'no client')
      await bad({ clientConfig: { url: 'http://example.com' } }, 'not https')
      await bad(
        { clientConfig: { url: 'https://example.com', service: { namespace: 'a', name: 'b' } } },
        'both url and service',
      )
      await bad({ sideEffects: 'Some' }, 'side effects')
      await bad({ sideEffects: undefined }, 'no side effects')
      await bad({ admissionReviewVersions: [] }, 'no versions')
      await bad({ admissionReviewVersions: ['v9'] }, 'unknown versions')
      await bad({ timeoutSeconds: 31 }, 'too long a timeout')
      await bad({ failurePolicy: 'Maybe' }, 'an unknown policy')
      await bad(
        {
          rules: [
            {
              operations: ['*', 'CREATE'],
              apiGroups: ['*', 'apps'],
              apiVersions: ['v1'],
              resources: ['*', 'pods'],
            },
          ],
        },
        'wildcards with others',
      )
      await bad(
        { rules: [{ operations: ['PATCH'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] },
        'an unknown operation',
      )
      await bad(
        {
          matchConditions: [
            { name: 'a', expression: 'true' },
            { name: 'a', expression: '1' },
          ],
        },
        'conditions',
      )
      await t.post(`${p}?dryRun=All`, c([good, good], `x-${t.run}`))
    },
  ],
]
