/** Watches. */
import type { Source } from '../record/recorder.ts'
const cm = (name: string, v: number, labels?: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels ? { labels } : {}) },
  data: { v: String(v) },
})
const q = encodeURIComponent

export const scenarios: readonly Source[] = [
  [
    'from-list',
    'A watch from the resourceVersion of a list sees every change after it.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('before', 0))
      const l = await t.get(p)
      const w = await t.watch(`${p}?watch=true&resourceVersion=${l.rv}`)
      const a = await t.post(p, cm('a', 1))
      await t.merge(`${p}/a`, { data: { v: '2' } })
      await w.read(2)
      await t.put(`${p}/a`, cm('a', 2), { note: 'Changes nothing, so no event.' })
      await t.del(`${p}/a`)
      await t.post(p, cm('a', 9), { note: 'The same name again is another object.' })
      await w.read(2)
      await w.close()
      const again = await t.watch(`${p}?watch=1&resourceVersion=${a.rv}`, {
        note: 'A second watch from the middle of the history.',
      })
      await again.read(3, { end: 'client' })
    },
  ],
  [
    'initial-state',
    'A watch without resourceVersion, and from 0, begins with what exists.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('a', 1))
      await t.post(p, cm('b', 1))
      await t.get(p)
      const w = await t.watch(`${p}?watch=true`)
      await w.read(2, { anyOrder: ['/events'] })
      await t.merge(`${p}/a`, { data: { v: '2' } })
      await w.read(1, { end: 'client' })
      const z = await t.watch(`${p}?watch=true&resourceVersion=0`)
      await z.read(2, { anyOrder: ['/events'] })
      await t.del(`${p}/b`)
      await z.read(1, { end: 'client' })
      const e = await t.watch(`${t.core}/secrets?watch=true`)
      await e.close()
    },
  ],
  [
    'send-initial-events',
    'A streaming list: initial events, then a bookmark that marks their end.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('a', 1))
      await t.post(p, cm('b', 1, { k: 'v' }))
      const base = `${p}?watch=true&sendInitialEvents=true`
      const w = await t.watch(`${base}&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`)
      await w.read(3)
      await t.merge(`${p}/a`, { data: { v: '2' } })
      await w.read(1, { end: 'client' })
      const s = await t.watch(
        `${base}&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=k%3Dv&resourceVersion=0`,
      )
      await s.read(2, { end: 'client' })
      const none = await t.watch(
        `${t.core}/secrets?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      )
      await none.read(1, { end: 'client' })
      const quiet = await t.watch(`${base}&resourceVersionMatch=NotOlderThan`, {
        note: 'Without allowWatchBookmarks no bookmark comes.',
      })
      await quiet.read(2, { end: 'client' })
      await t.watch(base)
      await t.watch(`${base}&resourceVersionMatch=Exact&resourceVersion=5`)
      const without = await t.watch(
        `${p}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0`,
      )
      if (without.status === 200) await without.close()
      await t.watch(`${p}?watch=true&sendInitialEvents=false&resourceVersion=0`)
      await t.watch(`${p}?watch=true&resourceVersionMatch=NotOlderThan&resourceVersion=0`)
      await t.watch(`${p}?watch=true&sendInitialEvents=perhaps`)
    },
  ],
  [
    'selectors',
    'Objects that enter and leave a label selector; a watch of one name.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('a', 0, { on: 'yes' }))
      const l = await t.get(p)
      const w = await t.watch(`${p}?watch=true&resourceVersion=${l.rv}&labelSelector=${q('on=yes')}`)
      const f = await t.watch(`${p}?watch=true&resourceVersion=${l.rv}&fieldSelector=${q('metadata.name=b')}`)
      await t.post(p, cm('b', 1))
      await t.merge(`${p}/b`, { metadata: { labels: { on: 'yes' } } }, { note: 'enters: ADDED' })
      await t.merge(`${p}/b`, { data: { v: '2' } })
      await t.merge(
        `${p}/b`,
        { metadata: { labels: { on: 'no' } } },
        { note: 'leaves: DELETED, with the last state that matched and the new resourceVersion' },
      )
      await t.merge(`${p}/b`, { data: { v: '3' } })
      await t.merge(`${p}/b`, { metadata: { labels: { on: 'yes' } } })
      await t.del(`${p}/b`)
      await t.del(`${p}/a`)
      await w.read(6, { end: 'client' })
      await f.read(7, { end: 'client' })
      const n = await t.watch(`${p}/c?watch=true&resourceVersion=${l.rv}`)
      if (n.status === 200) {
        await t.post(p, cm('c', 1))
        await n.read(1, { end: 'client' })
      }
      await t.watch(`${p}?watch=true&labelSelector=${q('a==')}b=`)
      await t.watch(`${p}?watch=true&fieldSelector=${q('spec.x=1')}`)
      await t
        .watch(`${p}?watch=true&fieldSelector=${q('metadata.name=x')}&timeoutSeconds=1`)
        .then((x) => x.read(0, { end: 'server' }))
    },
  ],
  [
    'timeout-and-bookmarks',
    'timeoutSeconds ends a watch cleanly; a bookmark comes before the end when asked for.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('a', 1))
      const l = await t.get(p)
      const w = await t.watch(`${p}?watch=true&resourceVersion=${l.rv}&timeoutSeconds=1`)
      await t.merge(`${p}/a`, { data: { v: '2' } })
      await w.read(1, { end: 'server' })
      const b = await t.watch(
        `${p}?watch=true&resourceVersion=${l.rv}&allowWatchBookmarks=true&timeoutSeconds=4`,
      )
      await t.merge(`${p}/a`, { data: { v: '3' } })
      await b.read(2, { end: 'server', bookmark: true, within: 10 })
      await t.watch(`${p}?watch=true&timeoutSeconds=abc`)
    },
  ],
  [
    'resource-versions',
    'Invalid, future and too old resource versions.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, cm('a', 1))
      await t.watch(`${p}?watch=true&resourceVersion=abc`)
      await t.watch(`${p}?watch=true&resourceVersion=-5`)
      await t.get(p)
      const f = await t.watch(`${p}?watch=true&resourceVersion=999999999999&timeoutSeconds=2`, {
        note: 'A version from the future.',
      })
      await f.read(0, { end: 'server', within: 10 })
      const c = await t.crd({ kind: 'Widget' })
      const old = await t.watch(`${c.path}?watch=true&resourceVersion=1`, {
        note: 'The kind did not exist at that version.',
      })
      if (old.status === 200) await old.read(1, { end: 'server' })
    },
  ],
  [
    'custom',
    'Watches of custom resources: all namespaces, status and finalizer changes.',
    async (t) => {
      await t.ns()
      const other = await t.ns('-2')
      const c = await t.crd({ kind: 'Widget', subresources: { status: {} } })
      const l = await t.get(`/apis/${c.group}/v1/widgets`)
      const all = await t.watch(`/apis/${c.group}/v1/widgets?watch=true&resourceVersion=${l.rv}`)
      const one = await t.watch(`${c.path}?watch=true&resourceVersion=${l.rv}`)
      await t.post(c.path, {
        ...c.obj('w', { a: 1 }),
        metadata: { name: 'w', finalizers: ['example.com/f'] },
      })
      await t.post(c.path.replace(t.N, other), c.obj('x', { a: 1 }))
      await t.merge(`${c.path}/w/status`, { status: { ok: true } })
      await t.del(`${c.path}/w`)
      await t.merge(`${c.path}/w`, { metadata: { finalizers: null } })
      await all.read(5, { end: 'client' })
      await one.read(4, { end: 'client' })
      const legacy = await t.watch(`/apis/${c.group}/v1/watch/widgets`)
      await legacy.read(1, { end: 'client' })
      const s = await t.watch(
        `/apis/${c.group}/v1/widgets?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      )
      await s.read(2, { end: 'client' })
    },
  ],
  [
    'namespaces-and-legacy',
    'The old /watch/ paths, a watch of one namespace object, events of a deletecollection.',
    async (t) => {
      const n = await t.ns()
      const p = `${t.core}/configmaps`
      const l = await t.get(p)
      const a = await t.watch(`/api/v1/watch/namespaces/${n}/configmaps?resourceVersion=${l.rv}`)
      const b = await t.watch(`/api/v1/watch/namespaces/${n}/configmaps/b?resourceVersion=${l.rv}`)
      const ns = await t.watch(
        `/api/v1/namespaces?watch=true&resourceVersion=${l.rv}&fieldSelector=metadata.name%3D${n}`,
      )
      await t.post(p, cm('a', 1))
      await t.post(p, cm('b', 1))
      await t.merge(`/api/v1/namespaces/${n}`, { metadata: { labels: { x: 'y' } } })
      await t.del(p)
      await a.read(4, { end: 'client' })
      await b.read(2, { end: 'client' })
      await ns.read(1, { end: 'client' })
    },
  ],
]
