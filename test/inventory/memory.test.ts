import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryInventory, noInventory } from '../../lib/inventory/memory.ts'
import { inventoryContract } from '../inventory.contract.ts'

describe('inventory in memory', () => {
  inventoryContract(async () => memoryInventory())
})

describe('no inventory', () => {
  it('takes steps and knows nothing', async () => {
    await noInventory.commit('pods', {
      puts: new Map([['a', 'b']]),
      deletes: [],
      cursor: { resourceVersion: '1' },
    })
    assert.equal(await noInventory.load('pods'), undefined)
  })
})
