/** Request options: dryRun, fieldValidation, fieldManager, generateName, preconditions. */
import { configMap } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
const strict = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        parts: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
      },
    },
  },
}
const deploy = (more: string) =>
  `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"fv"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"${more}}]}}}}`

export const scenarios: readonly Source[] = [
  [
    'dry-run',
    'dryRun=All answers as if the write had been done, and does nothing.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(`${p}?dryRun=All`, configMap('ghost', { a: '1' }))
      await t.get(`${p}/ghost`)
      const a = await t.post(p, configMap('real', { a: '1' }))
      await t.put(`${p}/real?dryRun=All`, { ...a.body, data: { a: '2' } })
      await t.merge(`${p}/real?dryRun=All`, { data: { a: '3' } })
      await t.apply(`${p}/real`, configMap('real', { b: '4' }), { q: 'dryRun=All' })
      await t.del(`${p}/real?dryRun=All`)
      await t.del(`${p}/real`, { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] })
      await t.get(`${p}/real`)
      await t.post(`${p}?dryRun=Some`, configMap('x'))
      await t.post(`${p}?dryRun=All&dryRun=All`, configMap('x'))
      await t.post(`${p}?dryRun=`, configMap('x'))
      await t.post(`${p}?dryRun=All`, configMap('real'))
      await t.del(`${p}?dryRun=All`)
      await t.post(`${p}?dryRun=All`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { generateName: 'gen-' },
      })
      await t.get(p)
    },
  ],
  [
    'generate-name',
    'generateName appends five characters; name wins over it.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const g = (generateName: string, more: object = {}) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { generateName, ...more },
      })
      const a = await t.post(p, g('auto-'))
      await t.post(p, g('auto-'))
      await t.get(`${p}/${a.name}`)
      await t.post(p, g('ignored-', { name: 'given' }))
      await t.post(p, g('ignored-', { name: 'given' }))
      await t.post(p, g('Bad_'))
      await t.merge(`${p}/given`, { metadata: { generateName: 'changed-' } })
      const w = await t.crd({ kind: 'Widget' })
      await t.post(w.path, { apiVersion: w.apiVersion, kind: 'Widget', metadata: { generateName: 'w-' } })
      await t.get(w.path)
    },
  ],
  [
    'preconditions',
    'uid and resourceVersion preconditions of DELETE.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const o = (preconditions: object) => ({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions })
      const a = await t.post(p, configMap('one', { v: '1' }))
      const b = await t.merge(`${p}/one`, { data: { v: '2' } })
      await t.del(`${p}/one`, o({ uid: '22222222-2222-4222-8222-222222222222' }))
      await t.del(`${p}/one`, o({ resourceVersion: a.rv }))
      await t.del(`${p}/one`, o({ uid: a.uid, resourceVersion: '1' }))
      await t.del(`${p}/one`, o({ uid: a.uid, resourceVersion: b.rv }))
      await t.get(`${p}/one`)
      const w = await t.crd({ kind: 'Widget' })
      const c = await t.post(w.path, w.obj('one', { v: 1 }))
      await t.del(`${w.path}/one`, o({ uid: '22222222-2222-4222-8222-222222222222' }))
      await t.del(`${w.path}/one`, o({ resourceVersion: '1' }))
      await t.del(`${w.path}/one`, o({ uid: c.uid }))
      await t.post(p, configMap('two'))
      await t.del(`${p}/two`, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: -5 })
      await t.del(`${p}/two`, '{"gracePeriodSeconds":')
      await t.post(p, configMap('two'))
      await t.del(`${p}/two?gracePeriodSeconds=0&propagationPolicy=Background`)
      await t.post(p, configMap('two'))
      await t.del(`${p}/two?propagationPolicy=Sideways`)
      await t.del(`${p}/two`, {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Background',
        orphanDependents: true,
      })
    },
  ],
  [
    'field-validation',
    'fieldValidation for a built-in kind: unknown and duplicate fields.',
    async (t) => {
      await t.ns()
      const p = `${t.apps}/deployments`
      for (const v of [
        '',
        '?fieldValidation=Warn',
        '?fieldValidation=Ignore',
        '?fieldValidation=Strict',
        '?fieldValidation=Sometimes',
      ]) {
        await t.post(`${p}${v}${v ? '&' : '?'}dryRun=All`, deploy(',"bogus":1,"image":"twice"'))
      }
      await t.post(
        `${p}?fieldValidation=Strict`,
        deploy(',"a1":1,"b2":{"c3":1},"name":"dup"').replace('"spec":{', '"spec":{"zzz":[],'),
      )
      await t.post(
        `${p}?fieldValidation=Strict`,
        deploy('').replace('"metadata":{"name":"fv"}', '"metadata":{"name":"fv","unknownMeta":"x"}'),
      )
      await t.post(`${p}?fieldValidation=Strict`, deploy('').replace('"replicas":1', '"Replicas":1'), {
        note: 'Field names are case-sensitive.',
      })
      await t.post(p, deploy(''))
      await t.merge(`${p}/fv?fieldValidation=Strict`, { spec: { bogus: true } })
      await t.merge(`${p}/fv?fieldValidation=Warn`, { spec: { bogus: true } })
      await t.smp(`${p}/fv?fieldValidation=Strict`, {
        spec: { template: { spec: { containers: [{ name: 'c', bogus: 1 }] } } },
      })
      await t.json(`${p}/fv?fieldValidation=Strict`, [{ op: 'add', path: '/spec/bogus', value: 1 }])
      await t.json(
        `${p}/fv?fieldValidation=Strict`,
        '[{"op":"replace","path":"/spec/replicas","value":2,"value":3,"extra":1}]',
      )
      await t.merge(`${p}/fv?fieldValidation=Strict`, '{"spec":{"replicas":2,"replicas":3}}')
      await t.apply(`${p}/fv`, deploy(',"bogus":1'), { q: 'fieldValidation=Strict', force: true })
      await t.apply(`${p}/fv`, deploy(',"bogus":1'), { q: 'fieldValidation=Warn', force: true })
    },
  ],
  [
    'field-validation-custom',
    'fieldValidation for a custom resource.',
    async (t) => {
      await t.ns()
      const w = await t.crd({ kind: 'Widget', schema: strict })
      const body = (name: string) =>
        `{"apiVersion":"${w.apiVersion}","kind":"Widget","metadata":{"name":"${name}"},"spec":{"size":1,"size":2,"bogus":true,"parts":[{"id":"a","x":1},{"id":"b","y":{"z":1}}]},"extra":{"a":1}}`
      for (const [i, v] of [
        '',
        '?fieldValidation=Warn',
        '?fieldValidation=Ignore',
        '?fieldValidation=Strict',
      ].entries())
        await t.post(`${w.path}${v}`, body(`o${i}`))
      await t.merge(`${w.path}/o0?fieldValidation=Strict`, { spec: { wrong: 1 } })
      await t.merge(`${w.path}/o0`, { spec: { wrong: 1 } })
      await t.merge(`${w.path}/o0?fieldValidation=Ignore`, { spec: { wrong: 1, size: 3 } })
      await t.json(`${w.path}/o0?fieldValidation=Strict`, [{ op: 'add', path: '/spec/wrong', value: 1 }])
      await t.post(`${w.path}?fieldValidation=Strict`, {
        ...w.obj('m'),
        metadata: { name: 'm', bogusMeta: 1 },
      })
      await t.post(w.path, { ...w.obj('m'), metadata: { name: 'm', bogusMeta: 1 } })
      await t.apply(`${w.path}/ap`, w.obj('ap', { size: 1, bogus: 2 }), { q: 'fieldValidation=Strict' })
      await t.apply(`${w.path}/ap`, w.obj('ap', { size: 1, bogus: 2 }))
      await t.put(
        `${w.path}/o0?fieldValidation=Strict`,
        w.obj('o0', { size: 1, bogus: 2 }, { metadata: { name: 'o0' } }),
      )
    },
  ],
  [
    'field-manager',
    'Which manager name a write is recorded under.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(`${p}?fieldManager=alice`, configMap('a', { x: '1' }))
      await t.post(p, configMap('b', { x: '1' }), {
        headers: { 'user-agent': 'kubectl/v1.36.0 (linux/amd64)' },
      })
      await t.post(p, configMap('c', { x: '1' }), { headers: { 'user-agent': 'noslash' } })
      await t.merge(`${p}/a?fieldManager=bob`, { data: { y: '2' } })
      await t.merge(`${p}/a?fieldManager=alice`, { data: { y: '3' } })
      await t.merge(`${p}/a?fieldManager=carol`, { data: { x: null } })
      await t.post(`${p}?fieldManager=${'x'.repeat(129)}`, configMap('d'))
      await t.post(`${p}?fieldManager=tab%09`, configMap('d'))
      const g = await t.get(`${p}/a`)
      await t.put(
        `${p}/a?fieldManager=dave`,
        { ...g.body, metadata: { ...g.body.metadata, managedFields: [] } },
        { note: 'An empty managedFields list in an update clears the ownership.' },
      )
      await t.put(`${p}/b?fieldManager=dave`, configMap('b', { x: '1', z: '2' }))
      await t.merge(`${p}/b`, { metadata: { managedFields: [{}] } })
    },
  ],
]
