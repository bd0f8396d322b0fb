/** Conversion webhooks of CRDs. */
import { obj, str } from '../record/objects.ts'
import type { Recorder, Source } from '../record/recorder.ts'
const versions = [
  {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: obj({ spec: obj({ host: str, port: { type: 'integer', default: 80 } }) }) },
  },
  {
    name: 'v1beta1',
    served: true,
    storage: false,
    schema: {
      openAPIV3Schema: obj({ spec: obj({ hostname: str, legacy: { type: 'string', default: 'L' } }) }),
    },
  },
]
const rename = {
  'v1->v1beta1': [['move', '/spec/host', '/spec/hostname']],
  'v1beta1->v1': [['move', '/spec/hostname', '/spec/host']],
}
const by = (t: Recorder, url: string, more: object = {}) => ({
  strategy: 'Webhook',
  webhook: { conversionReviewVersions: ['v1'], clientConfig: { url, caBundle: t.ca }, ...more },
})

export const scenarios: readonly Source[] = [
  [
    'round-trip',
    'Objects written in one version and read in another; lists, watches, updates and apply.',
    async (t) => {
      await t.ns()
      const url = t.hook('/convert', { convert: rename })
      const w = await t.crd({ kind: 'Widget', versions, conversion: by(t, url) })
      const v1 = w.pathOf('v1')
      const v1beta1 = w.pathOf('v1beta1')
      const old = (name: string, spec?: unknown) => ({
        apiVersion: `${w.group}/v1beta1`,
        kind: 'Widget',
        metadata: { name },
        spec,
      })
      await t.post(v1, w.obj('a', { host: 'one' }))
      await t.get(`${v1beta1}/a`)
      await t.post(v1beta1, old('b', { hostname: 'two' }))
      await t.get(`${v1}/b`)
      await t.get(`${v1beta1}/b`)
      await t.get(v1)
      await t.get(v1beta1)
      await t.merge(`${v1beta1}/a`, { spec: { hostname: 'changed' } })
      await t.get(`${v1}/a`)
      await t.apply(`${v1}/c`, w.obj('c', { host: 'three' }))
      await t.apply(`${v1beta1}/c`, old('c', { hostname: 'four' }), { fm: 'two' })
      const l = await t.get(v1beta1)
      const x = await t.watch(`${v1beta1}?watch=true&resourceVersion=${l.rv}`)
      await t.merge(`${v1}/a`, { spec: { host: 'again' } })
      await x.read(1, { end: 'client' })
      await t.del(`${v1beta1}/b`)
    },
  ],
  [
    'requests',
    'What the conversion webhook is sent.',
    async (t) => {
      await t.ns()
      const url = t.hook('/convert', { convert: rename })
      const w = await t.crd({ kind: 'Widget', versions, conversion: by(t, url) })
      await t.post(w.pathOf('v1beta1'), {
        apiVersion: `${w.group}/v1beta1`,
        kind: 'Widget',
        metadata: { name: 'a' },
        spec: { hostname: 'one' },
      })
      await t.get(`${w.pathOf('v1beta1')}/a`)
      await t.get(`${w.pathOf('v1')}/a`)
      await t.pause(1)
      await t.calls({ distinct: true, anyOrder: ['/calls'] })
    },
  ],
  [
    'failures',
    'Conversions that fail: refused, wrong answers, changed metadata, no server.',
    async (t) => {
      await t.ns()
      const at = (name: string) => ({ pointer: '/request/objects/0/metadata/name', equals: name })
      const url = t.hook('/convert', {
        rules: [
          {
            when: at('refuse'),
            response: {
              result: { status: 'Failure', message: 'cannot convert that', reason: 'Invalid' },
              convertedObjects: [],
            },
          },
          { when: at('fewer'), response: { convertedObjects: [] } },
          { when: at('uid'), response: { uid: 'other' } },
          { when: at('kind'), convert: { 'v1->v1beta1': [['set', '/kind', 'Gadget']] } },
          { when: at('rename'), convert: { 'v1->v1beta1': [['set', '/metadata/name', 'renamed']] } },
          {
            when: at('labels'),
            convert: {
              'v1->v1beta1': [
                ['set', '/metadata/labels', { new: 'label' }],
                ['set', '/metadata/annotations', { new: 'annotation' }],
              ],
            },
          },
          {
            when: at('finalizers'),
            convert: {
              'v1->v1beta1': [
                ['set', '/metadata/finalizers', ['example.com/new']],
                ['set', '/metadata/generation', 99],
              ],
            },
          },
          { when: at('http'), httpStatus: 500, raw: 'boom' },
          { when: at('version'), convert: { 'v1->v1beta1': [['set', '/apiVersion', 'v7']] } },
        ],
        convert: rename,
      })
      const w = await t.crd({ kind: 'Widget', versions, conversion: by(t, url) })
      for (const n of [
        'refuse',
        'fewer',
        'uid',
        'kind',
        'rename',
        'labels',
        'finalizers',
        'http',
        'version',
      ]) {
        await t.post(w.pathOf('v1'), w.obj(n, { host: 'x' }))
        await t.get(`${w.pathOf('v1beta1')}/${n}`)
      }
      await t.json(
        w.crd,
        [
          {
            op: 'replace',
            path: '/spec/conversion/webhook/clientConfig/url',
            value: `https://${t.deadAddress}/x`,
          },
        ],
        { ignoreBody: 'long' },
      )
      await t.pause(2, 'The new address takes a moment.')
      await t.get(`${w.pathOf('v1beta1')}/labels`)
      await t.get(`${w.pathOf('v1')}/labels`, { note: 'The storage version needs no conversion.' })
    },
  ],
]
