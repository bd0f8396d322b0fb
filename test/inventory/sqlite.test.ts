import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { type Database, DatabaseError } from '../../lib/database.ts'
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
    const folder = scratchFolder()
    folders.push(folder)
    const database = openState({ folder })
    let isFull = false
    const run: Database['run'] = (sql, ...values) => {
      if (isFull && values.includes('b')) throw new DatabaseError('full', 'no room')
      database.run(sql, ...values)
    }
    const inventory = sqliteInventory({ ...database, run })
    await inventory.commit('pods', {
      puts: new Map([['a', '1']]),
      deletes: [],
      cursor: { resourceVersion: '1' },
    })
    const puts = new Map([
      ['a', '2'],
      ['b', '2'],
    ])
    const step = { puts, deletes: [], cursor: { resourceVersion: '2' } }
    isFull = true
    await assert.rejects(inventory.commit('pods', step), /no room/)
    isFull = false
    const known = await inventory.load('pods')
    assert.deepEqual([known?.cursor, known?.fingerprints], [{ resourceVersion: '1' }, new Map([['a', '1']])])
    await inventory.commit('pods', { ...step, puts: new Map([['b', '3']]) })
    assert.equal((await inventory.load('pods'))?.fingerprints.size, 2)
    database.close()
  })
})
