/** Admission webhooks: what they are sent and what becomes of their answers. The recorder and the replayer serve them themselves; `t.hook` says how they answer. */
import { configMap } from '../record/objects.ts'
import type { Recorder, Source } from '../record/recorder.ts'
import type { Json } from '../replay/json.ts'

export const AR = '/apis/admissionregistration.k8s.io/v1'
export const rules = (
  operations = ['CREATE', 'UPDATE', 'DELETE'],
  resources = ['configmaps'],
  apiGroups = [''],
  more: object = {},
) => [{ operations, apiGroups, apiVersions: ['*'], resources, scope: '*', ...more }]
/** A webhook of a configuration, limited to this run's namespace. */
export const hook = (t: Recorder, name: string, url: string, more: object = {}) => ({
  name: `${name}.${t.run}.example.com`,
  clientConfig: { url, caBundle: t.ca },
  rules: rules(),
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  timeoutSeconds: 5,
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': t.N } },
  ...more,
})
export const config = async (t: Recorder, kind: string, webhooks: readonly object[], name = t.run) => {
  const plural = `${kind.toLowerCase()}webhookconfigurations`
  await t.post(`${AR}/${plural}`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks,
  })
  await t.pause(1, 'A configuration takes effect after a moment.')
  return `${AR}/${plural}/${name}`
}
export const denied = (more?: Record<string, Json>) => ({ response: { allowed: false, ...more } })

export const scenarios: readonly Source[] = [
  [
    'deny',
    'A validating webhook denies: message, code, reason; what it is sent for each operation.',
    async (t) => {
      await t.ns()
      const url = t.hook('/v', {
        rules: [
          { when: { pointer: '/request/object/data/say', equals: 'plain' }, ...denied() },
          {
            when: { pointer: '/request/object/data/say', equals: 'message' },
            ...denied({ status: { message: 'not today' } }),
          },
          {
            when: { pointer: '/request/object/data/say', equals: 'code' },
            ...denied({ status: { message: 'gone', code: 410, reason: 'Gone' } }),
          },
          {
            when: { pointer: '/request/object/data/say', equals: 'details' },
            ...denied({
              status: {
                code: 422,
                reason: 'Invalid',
                message: 'two things',
                details: {
                  name: 'x',
                  kind: 'ConfigMap',
                  causes: [{ reason: 'FieldValueInvalid', field: 'data.say', message: 'wrong' }],
                },
              },
            }),
          },
          {
            when: { pointer: '/request/object/data/say', equals: 'low' },
            ...denied({ status: { message: 'odd code', code: 200 } }),
          },
          {
            when: { pointer: '/request/operation', equals: 'DELETE' },
            ...denied({ status: { message: 'keep it', reason: 'Conflict' } }),
          },
          {
            when: { pointer: '/request/object/data/say', equals: 'warn' },
            response: { allowed: true, warnings: ['first warning', 'second warning'] },
          },
        ],
        response: { allowed: true },
      })
      await config(t, 'Validating', [hook(t, 'v', url)])
      const p = `${t.core}/configmaps`
      for (const say of ['plain', 'message', 'code', 'details', 'low', 'warn'])
        await t.post(p, configMap(`c-${say}`, { say }))
      await t.calls()
      await t.merge(`${p}/c-warn`, { data: { say: 'message' } })
      await t.merge(`${p}/c-warn`, { data: { more: '1' } })
      await t.calls()
      await t.post(`${p}?dryRun=All`, configMap('dry', { say: 'ok' }))
      await t.del(`${p}/c-warn`)
      await t.del(p, undefined, { note: 'Each object of a deletecollection is asked for.' })
      await t.calls()
      await t.apply(`${p}/applied`, configMap('applied', { say: 'ok' }))
      await t.calls()
      await t.get(`${p}/c-warn`)
    },
  ],
  [
    'mutate',
    'Mutating webhooks run in order of name; later ones see earlier changes; validators see the result.',
    async (t) => {
      await t.ns()
      const one = t.hook('/one', {
        response: {
          patchType: 'JSONPatch',
          patch: [{ op: 'add', path: '/metadata/labels', value: { one: 'was-here' } }],
        },
      })
      const two = t.hook('/two', {
        response: {
          patchType: 'JSONPatch',
          patch: [
            { op: 'add', path: '/metadata/labels/two', value: 'too' },
            { op: 'add', path: '/data/added', value: 'yes' },
          ],
          warnings: ['two changed it'],
          auditAnnotations: { key: 'value' },
        },
      })
      const val = t.hook('/val', { response: { allowed: true } })
      await config(t, 'Mutating', [hook(t, 'b', two)], `b-${t.run}`)
      await config(t, 'Mutating', [hook(t, 'a', one, { rules: rules(['CREATE']) })], `a-${t.run}`)
      await config(t, 'Validating', [hook(t, 'v', val)])
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('c', { x: '1' }))
      await t.calls()
      await t.get(`${p}/c`)
      await t.merge(`${p}/c`, { data: { x: '2', added: null } })
      await t.calls()
      await t.post(`${p}?dryRun=All`, configMap('d', { x: '1' }))
      await t.apply(`${p}/e`, configMap('e', { x: '1' }))
      await t.calls({ mask: { '/*/body/request/object/metadata/uid': '<any>' } })
      await t.post(p, configMap('bad'), { note: 'There is no data to add to: the patch does not apply.' })
    },
  ],
  [
    'broken-answers',
    'Answers that are not right: status, JSON, uid, kind, patches.',
    async (t) => {
      await t.ns()
      const cases = {
        http500: { httpStatus: 500, raw: 'boom' },
        notjson: { raw: 'hello', contentType: 'text/plain' },
        empty: { raw: '{}' },
        wronguid: { response: { uid: 'other', allowed: true } },
        wrongkind: { review: { kind: 'Other' }, response: { allowed: true } },
        wrongversion: { review: { apiVersion: 'admission.k8s.io/v7' }, response: { allowed: true } },
        nopatchtype: { response: { allowed: true, patch: [] } },
        badtype: { response: { allowed: true, patchType: 'Merge', patch: [] } },
        badpatch: {
          response: { allowed: true, patchType: 'JSONPatch', patch: [{ op: 'remove', path: '/data/none' }] },
        },
        notbase64: { response: { allowed: true, patchType: 'JSONPatch', patch: 'b25seSB0ZXh0' } },
        invalidresult: {
          response: {
            allowed: true,
            patchType: 'JSONPatch',
            patch: [{ op: 'add', path: '/metadata/labels', value: { 'bad key!': '1' } }],
          },
        },
        rename: {
          response: {
            allowed: true,
            patchType: 'JSONPatch',
            patch: [{ op: 'replace', path: '/metadata/name', value: 'other' }],
          },
        },
        http404: { httpStatus: 404, raw: 'no' },
      }
      for (const [k, v] of Object.entries(cases)) t.hook(`/${k}`, v)
      const base = t.hook('/none', {}).replace('/none', '')
      await config(
        t,
        'Mutating',
        Object.keys(cases).map((k) =>
          hook(t, k, `${base}/${k}`, {
            rules: rules(['CREATE']),
            objectSelector: { matchLabels: { case: k } },
          }),
        ),
      )
      const p = `${t.core}/configmaps`
      for (const k of Object.keys(cases)) await t.post(p, configMap(k, { a: '1' }, { labels: { case: k } }))
      await t.get(p)
    },
  ],
  [
    'failure-policy',
    'failurePolicy Fail and Ignore with a server that cannot be reached, and a timeout.',
    async (t) => {
      await t.ns()
      const slow = t.hook('/slow', { delayMs: 2500, response: { allowed: true } })
      const dead = `https://${t.deadAddress}/x`
      await config(t, 'Validating', [
        hook(t, 'fail', dead, {
          rules: rules(['CREATE']),
          objectSelector: { matchLabels: { case: 'fail' } },
        }),
        hook(t, 'ignore', dead, {
          failurePolicy: 'Ignore',
          objectSelector: { matchLabels: { case: 'ignore' } },
        }),
        hook(t, 'slow', slow, { timeoutSeconds: 1, objectSelector: { matchLabels: { case: 'slow' } } }),
        hook(t, 'slowok', slow, {
          timeoutSeconds: 1,
          failurePolicy: 'Ignore',
          objectSelector: { matchLabels: { case: 'slowok' } },
        }),
        hook(t, 'badca', t.hook('/v', {}), {
          clientConfig: { url: `https://${t.webhookAddress}/x` },
          objectSelector: { matchLabels: { case: 'badca' } },
        }),
      ])
      const p = `${t.core}/configmaps`
      for (const k of ['fail', 'ignore', 'slow', 'slowok'])
        await t.post(p, configMap(k, undefined, { labels: { case: k } }))
      await t.post(p, configMap('badca', undefined, { labels: { case: 'badca' } }))
      await t.get(p)
    },
  ],
]
