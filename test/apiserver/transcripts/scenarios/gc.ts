/** Garbage collection: these need the garbage collector and the namespace controller beside the API server. */
import { deleteOptions } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'
const cm = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
})
const ref = (o: { readonly name: string; readonly uid: string }, more: object = {}) => ({
  ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: o.name, uid: o.uid, ...more }],
})
const gone = [{ status: 404 }]

export const scenarios: readonly Source[] = [
  [
    'background',
    'Dependents go after their owner; one with a second owner stays.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, cm('a'))
      const b = await t.post(p, cm('b'))
      await t.post(p, cm('only-a', ref(a)))
      await t.post(p, cm('both', { ownerReferences: [...ref(a).ownerReferences, ...ref(b).ownerReferences] }))
      await t.del(`${p}/a`, deleteOptions({ propagationPolicy: 'Background' }))
      await t.wait(`${p}/only-a`, gone, { within: 60 })
      await t.wait(`${p}/both`, [{ pointer: '/metadata/ownerReferences/#', equals: 1 }], { within: 60 })
      await t.get(`${p}/b`)
      await t.del(`${p}/b`)
      await t.wait(`${p}/both`, gone, { within: 60 })
    },
  ],
  [
    'foreground',
    'Foreground deletion waits for dependents that block.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, cm('a'))
      await t.post(
        p,
        cm('blocks', { ...ref(a, { blockOwnerDeletion: true }), finalizers: ['example.com/hold'] }),
      )
      await t.post(p, cm('free', ref(a)))
      await t.pause(1, 'The collector must know the dependents.')
      await t.del(`${p}/a`, deleteOptions({ propagationPolicy: 'Foreground' }))
      await t.wait(`${p}/free`, gone, { within: 60 })
      await t.wait(`${p}/blocks`, [{ pointer: '/metadata/deletionTimestamp', exists: true }], { within: 60 })
      await t.get(`${p}/a`)
      await t.merge(`${p}/blocks`, { metadata: { finalizers: null } })
      await t.wait(`${p}/a`, gone, { within: 60 })
      await t.get(`${p}/blocks`)
    },
  ],
  [
    'orphan',
    'Orphan takes the owner reference away and leaves the dependents.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, cm('a'))
      await t.post(p, cm('child', ref(a)))
      await t.pause(1, 'The collector must know the dependents.')
      await t.del(`${p}/a`, deleteOptions({ propagationPolicy: 'Orphan' }))
      await t.wait(`${p}/a`, gone, { within: 60 })
      await t.get(`${p}/child`, {
        pick: ['/metadata/name', '/metadata/ownerReferences', '/metadata/deletionTimestamp'],
      })
    },
  ],
  [
    'absent-owner',
    'A dependent whose owner does not exist, or has another uid, is collected.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, cm('a'))
      await t.post(p, cm('stray', ref({ name: 'never', uid: '10000000-0000-4000-8000-000000000000' })))
      await t.post(p, cm('impostor', ref({ name: 'a', uid: '20000000-0000-4000-8000-000000000000' })))
      await t.post(p, cm('good', ref(a)))
      await t.wait(`${p}/stray`, gone, { within: 60 })
      await t.wait(`${p}/impostor`, gone, { within: 60 })
      await t.get(`${p}/good`)
    },
  ],
  [
    'namespace',
    'A deleted namespace is emptied and goes.',
    async (t) => {
      const n = await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('free'))
      await t.post(p, cm('held', { finalizers: ['example.com/hold'] }))
      await t.del(`/api/v1/namespaces/${n}`, undefined, { ignoreBody: 'conditions may be there already' })
      await t.wait(`${p}/free`, gone, { within: 60 })
      await t.wait(`${p}/held`, [{ pointer: '/metadata/deletionTimestamp', exists: true }], { within: 60 })
      await t.wait(
        `/api/v1/namespaces/${n}`,
        [{ pointer: '/status/conditions[type=NamespaceFinalizersRemaining]/status', equals: 'True' }],
        {
          within: 60,
          pick: ['/status/phase', '/status/conditions[type=NamespaceFinalizersRemaining]', '/spec'],
        },
      )
      await t.merge(`${p}/held`, { metadata: { finalizers: null } })
      await t.wait(`/api/v1/namespaces/${n}`, gone, { within: 60 })
    },
  ],
]
