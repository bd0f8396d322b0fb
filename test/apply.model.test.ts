/**
 * Children through random histories: sets that change, passes that die after any call, people who edit, delete and hold
 * children. Whatever came before, one whole pass leaves exactly the wanted children, and the next one writes nothing.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { apply } from '../lib/apply.ts'
import { ConfigMap, isNotFound, type Kube } from '../lib/index.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { intercepted, pageFor, Site, site, siteOperator, sites } from './site.ts'

const PAGES = ['a', 'b']
const HOLD = 'example.com/hold'

/** A pass that wants `pages` with `text` in them, and dies before (or just after) its call number `dies`. */
interface Pass {
  readonly type: 'pass'
  readonly pages: readonly string[]
  readonly text: string
  readonly dies?: { readonly call: number; readonly isDone: boolean } | undefined
}

/** What a person does to a child, if it is there. */
interface Deed {
  readonly type: 'edit' | 'delete' | 'hold' | 'release'
  readonly page: string
}

const pass = fc.record({
  type: fc.constant('pass' as const),
  pages: fc.shuffledSubarray(PAGES),
  text: fc.constantFrom('x', 'y'),
  dies: fc.option(fc.record({ call: fc.nat(6), isDone: fc.boolean() }), { nil: undefined }),
})
const deed = fc.record({
  type: fc.constantFrom('edit' as const, 'delete' as const, 'hold' as const, 'release' as const),
  page: fc.constantFrom(...PAGES),
})
const histories = fc.array(fc.oneof({ weight: 3, arbitrary: pass }, { weight: 1, arbitrary: deed }), {
  maxLength: 7,
})

class Death extends Error {}

/** A connection that dies at a call, and counts the writes that went through. */
function mortal(api: Kube, dies: Pass['dies']) {
  const counted = { calls: 0, writes: 0 }
  const step = async <T>(call: () => Promise<T>): Promise<T> => {
    const isLast = counted.calls++ === dies?.call
    if (isLast && !dies?.isDone) throw new Death()
    const result = await call()
    if (isLast) throw new Death()
    return result
  }
  const write = <T>(call: () => Promise<T>): Promise<T> => {
    counted.writes++
    return step(call)
  }
  const connection: Kube = {
    ...intercepted(api, {}),
    get: (...args) => step(() => api.get(...args)),
    list: (...args) => step(() => api.list(...args)),
    patch: (...args) => write(() => api.patch(...args)),
    delete: (...args) => write(() => api.delete(...args)),
  }
  return { connection, counted }
}

/** One object in a cluster that others use too. */
function world({ api }: Cluster, owner: string) {
  const controller = sites({ owns: [ConfigMap] })
  const keyOf = (page: string) => ({ namespace: 'default', name: `${owner}-${page}` })
  let isNew = true

  async function act({ pages, text, dies }: Omit<Pass, 'type'>): Promise<number> {
    const object = await api.get(Site, { namespace: 'default', name: owner })
    assert.ok(object)
    const { connection, counted } = mortal(api, dies)
    const wanted = pages.map((page) => pageFor(keyOf(page).name, { text }))
    try {
      await apply(wanted, { object, controller, api: connection, isNew, did: () => {} })
    } catch (error) {
      if (!(error instanceof Death)) throw error
    }
    isNew = false
    return counted.writes
  }

  async function meddle({ type, page }: Deed): Promise<void> {
    const change = (body: object) =>
      api.patch(ConfigMap, keyOf(page), { type: 'merge', body }, { fieldManager: 'someone' })
    try {
      if (type === 'delete') await api.delete(ConfigMap, keyOf(page))
      else if (type === 'edit') await change({ data: { text: 'edited' } })
      else await change({ metadata: { finalizers: type === 'hold' ? [HOLD] : [] } })
    } catch (error) {
      // Nothing new can hold what is being deleted.
      if (!isNotFound(error) && !(type === 'hold' && error instanceof Error)) throw error
    }
  }

  async function children(): Promise<object> {
    const { items } = await api.list(ConfigMap, { namespace: 'default' })
    const mine = items.filter(({ metadata }) => metadata.name.startsWith(`${owner}-`))
    return Object.fromEntries(mine.map(({ metadata, data }) => [metadata.name, data?.text]))
  }

  return { act, meddle, children, keyOf }
}

describe('apply, whatever happened before', () => {
  it('leaves exactly the wanted children after one whole pass, and writes nothing in the next (D1, D5, C7)', async () => {
    await using cluster = await startCluster(siteOperator())
    let count = 0
    const property = fc.asyncProperty(histories, pass, async (history, last) => {
      const name = `site-${count++}`
      await cluster.api.create(Site, site({}, { name }))
      const { act, meddle, children, keyOf } = world(cluster, name)
      for (const step of history) await (step.type === 'pass' ? act(step) : meddle(step))
      for (const page of PAGES) await meddle({ type: 'release', page })
      const { pages, text } = last
      await act({ pages, text })
      assert.deepEqual(await children(), Object.fromEntries(pages.map((page) => [keyOf(page).name, text])))
      assert.equal(await act({ pages, text }), 0)
      for (const page of PAGES) await meddle({ type: 'delete', page })
    })
    await fc.assert(property, { numRuns: 200 })
  })
})
