import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { commit, createStore, entriesAt, keyOf, rangeOf, remove, tableOf } from '../../lib/apiserver/store.ts'

const names = ['a', 'b', 'c', 'd', 'e']
const namespaces = ['n', 'n-1', 'm']
const steps = fc.array(
  fc.record({
    namespace: fc.constantFrom(...namespaces),
    name: fc.constantFrom(...names),
    isRemoval: fc.boolean(),
  }),
  { maxLength: 60 },
)

describe('the store of the embedded API server', () => {
  it('gives back every older state that its log reaches, in key order', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const store = createStore(1_000)
        const table = tableOf(store, 'things')
        const states = [{ revision: store.revision, keys: '' }]
        for (const { namespace, name, isRemoval } of run) {
          const present = table.byKey.get(keyOf(namespace, name))
          if (isRemoval && present !== undefined) remove(store, table, present, (revision) => ({ revision }))
          else commit(store, table, { namespace, name }, (revision) => ({ revision }))
          states.push({ revision: store.revision, keys: shown(table.entries) })
        }
        for (const { revision, keys } of states)
          assert.equal(shown(entriesAt(table, revision) ?? []), keys, `at ${revision}`)
      }),
    )
  })

  it('finds the entries of one namespace, not those of one whose name begins alike', () => {
    const store = createStore(10)
    const table = tableOf(store, 'things')
    for (const namespace of namespaces) commit(store, table, { namespace, name: 'x' }, () => ({}))
    assert.deepEqual(
      rangeOf(table.entries, 'n').map(({ key }) => key),
      ['n/x'],
    )
  })

  it('forgets what is older than its size, and says so', () => {
    const store = createStore(2)
    const table = tableOf(store, 'things')
    for (let turn = 0; turn < 10; turn++) commit(store, table, { namespace: '', name: 'x' }, () => ({ turn }))
    assert.ok(table.log.length <= 4)
    assert.equal(entriesAt(table, 2), undefined)
    assert.equal(entriesAt(table, store.revision)?.length, 1)
  })

  it('hands out objects that nobody can change', () => {
    const store = createStore(2)
    const entry = commit(store, tableOf(store, 'things'), { namespace: '', name: 'x' }, () => ({
      a: { b: 1 },
    }))
    assert.throws(() => Object.assign(entry.object.a as object, { b: 2 }), TypeError)
  })
})

const shown = (entries: readonly { key: string; revision: number }[]): string =>
  entries.map(({ key, revision }) => `${key}@${revision}`).join(' ')
