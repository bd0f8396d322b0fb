import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { openState } from '../../lib/database/node.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { sqliteInventory } from '../../lib/inventory/sqlite.ts'
import { inventoryContract } from '../inventory.contract.ts'
import { scratchFolder } from '../scratch.ts'

describe('inventory in SQLite', () => {
  const opened = new Map<Inventory, { folder: string; close(): void }>()
  const folders: string[] = []
  after(() => {
    for (const { close } of opened.values()) close()
    for (const folder of folders) rmSync(folder, { recursive: true })
  })
  const open = async (folder = scratchFolder()) => {
    const database = openState({ folder })
    const inventory = sqliteInventory(database)
    opened.set(inventory, { folder, close: database.close })
    folders.push(folder)
    return inventory
  }
  inventoryContract(open, async (used) => {
    const { folder, close } = opened.get(used) ?? assert.fail('not opened here')
    close()
    opened.delete(used)
    return open(folders.splice(folders.indexOf(folder), 1)[0])
  })

  it('keeps all of a step or nothing: one that fails half-way leaves the one before', async () => {
    const inventory = await open()
    await inventory.commit('pods', {
      puts: new Map([['a', '1']]),
      deletes: [],
      cursor: { resourceVersion: '1' },
    })
    const broken = new Map<string, string>([
      ['a', '2'],
      ['b', { not: 'a text' } as unknown as string],
    ])
    const step = { puts: broken, deletes: [], cursor: { resourceVersion: '2' } }
    await assert.rejects(inventory.commit('pods', step))
    const known = await inventory.load('pods')
    assert.deepEqual([known?.cursor, known?.fingerprints], [{ resourceVersion: '1' }, new Map([['a', '1']])])
    await inventory.commit('pods', { ...step, puts: new Map([['b', '3']]) })
    assert.equal((await inventory.load('pods'))?.fingerprints.size, 2)
  })
})
