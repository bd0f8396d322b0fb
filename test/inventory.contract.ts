/** What every inventory promises, as tests. An adapter's test calls this with a way to open it. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Inventory, Step } from '../lib/inventory.ts'

const step = (
  resourceVersion: string | undefined,
  puts: Record<string, string>,
  deletes: string[] = [],
): Step => ({
  puts: new Map(Object.entries(puts)),
  deletes,
  cursor: { resourceVersion },
})

/** `open` gives an empty inventory; `reopen`, where what is kept outlives the process, the same one as after a restart. */
export function inventoryContract(
  open: () => Promise<Inventory>,
  reopen?: (used: Inventory) => Promise<Inventory>,
): void {
  const afterwards = async (inventory: Inventory) => (reopen ? reopen(inventory) : inventory)

  it('knows nothing of a source that was never read', async () => {
    const inventory = await open()
    assert.equal(await inventory.load('c1|v1/pods|*||'), undefined)
  })

  it('gives back what was committed: the newest fingerprints, without the forgotten, and the newest cursor', async () => {
    const inventory = await open()
    await inventory.commit('pods', step('1', { 'default/a': 'a1', 'default/b': 'b1', 'default/c': 'c1' }))
    await inventory.commit('pods', step('2', { 'default/a': 'a2' }, ['default/b', 'default/unknown']))
    const known = await (await afterwards(inventory)).load('pods')
    assert.deepEqual(known?.cursor, { resourceVersion: '2' })
    assert.deepEqual([...(known?.fingerprints ?? [])].sort(), [
      ['default/a', 'a2'],
      ['default/c', 'c1'],
    ])
  })

  it('keeps a source that was read and found empty', async () => {
    const inventory = await open()
    await inventory.commit('pods', step('7', {}))
    const known = await (await afterwards(inventory)).load('pods')
    assert.equal(known?.cursor.resourceVersion, '7')
    assert.equal(known?.fingerprints.size, 0)
  })

  it('keeps a cursor without a version: a list that was cut short', async () => {
    const inventory = await open()
    await inventory.commit('pods', step('7', { 'default/a': 'a1' }))
    await inventory.commit('pods', step(undefined, {}))
    const known = await (await afterwards(inventory)).load('pods')
    assert.equal(known?.cursor.resourceVersion, undefined)
    assert.equal(known?.fingerprints.size, 1)
  })

  it('keeps sources apart, also those whose names are long or begin alike', async () => {
    const inventory = await open()
    const names = [
      'pods',
      'pods|a',
      `pods|${'x'.repeat(400)}`,
      'c2|apps/v1/deployments|*|app=ä,tier in (a,b)|',
    ]
    await Promise.all(names.map((name, index) => inventory.commit(name, step(`${index}`, { key: name }))))
    const again = await afterwards(inventory)
    for (const [index, name] of names.entries()) {
      const known = await again.load(name)
      assert.equal(known?.cursor.resourceVersion, `${index}`)
      assert.equal(known?.fingerprints.get('key'), name)
    }
  })

  it('what it gives back is a copy: changing it changes nothing kept', async () => {
    const inventory = await open()
    await inventory.commit('pods', step('1', { 'default/a': 'a1' }))
    const known = await inventory.load('pods')
    if (known?.fingerprints instanceof Map) known.fingerprints.clear()
    assert.equal((await inventory.load('pods'))?.fingerprints.size, 1)
  })

  it('takes ten thousand fingerprints in one step', async () => {
    const inventory = await open()
    const many = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`ns/object-${index}`, `f${index}`]),
    )
    await inventory.commit('pods', step('1', many))
    const known = await (await afterwards(inventory)).load('pods')
    assert.equal(known?.fingerprints.size, 10_000)
    assert.equal(known?.fingerprints.get('ns/object-9999'), 'f9999')
  })
}
