/** What is answered for versions that storage has compacted away. These need --compact. */
import type { Source } from '../record/recorder.ts'
const cm = (name: string, v: number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { v: String(v) },
})
export const scenarios: readonly Source[] = [
  [
    'continue',
    'A continue token whose version is compacted: 410 with a token to go on inconsistently.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      for (const n of ['a', 'b', 'c', 'd']) await t.post(p, cm(n, 1))
      const one = await t.get(`${p}?limit=2`)
      for (let i = 0; i < 3; i++) await t.merge(`${p}/a`, { data: { v: `x${i}` } })
      await t.compact('Everything before now.')
      await t.pause(1)
      const g = await t.get(`${p}?limit=2&continue=${one.body.metadata.continue}`)
      await t.get(`${p}?limit=2&continue=${g.body.metadata.continue}`, {
        note: 'Goes on with what there is now.',
      })
      await t.get(`${p}?resourceVersion=${one.rv}&resourceVersionMatch=Exact`)
      await t.get(p)
    },
  ],
  [
    'watch',
    'A watch from a version that storage has compacted.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, cm('a', 0))
      for (let i = 1; i < 4; i++) await t.merge(`${p}/a`, { data: { v: String(i) } })
      await t.compact('Everything before now.')
      await t.pause(1)
      const w = await t.watch(`${p}?watch=true&resourceVersion=${a.rv}`, {
        note: 'The watch cache still has it.',
      })
      await w.read(3, { end: 'client' })
    },
  ],
]
