/** The database in a Durable Object, in workerd, under the inventory that uses it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestHarness } from 'wrangler'
import { DatabaseError } from '../../lib/database.ts'
import { durableDatabase, type DurableStorage } from '../../lib/database/durable.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { COMPATIBILITY, startWorkers } from '../cloudflare/harness.ts'
import type { Asked, Loaded } from '../cloudflare/inventory.worker.ts'
import { inventoryContract } from '../inventory.contract.ts'

describe('the inventory in a Durable Object', () => {
  let harness: TestHarness
  let opened = 0
  const names = new Map<Inventory, string>()
  before(async () => {
    harness = await startWorkers([
      {
        config: {
          name: 'keeper',
          main: 'test/cloudflare/inventory.worker.ts',
          ...COMPATIBILITY,
          durable_objects: { bindings: [{ name: 'KEEPERS', class_name: 'Keeper' }] },
          migrations: [{ tag: 'v1', new_sqlite_classes: ['Keeper'] }],
        },
      },
    ])
  })
  after(() => harness.close())

  const open = async (name = `/${++opened}`): Promise<Inventory> => {
    const ask = async (asked: Asked): Promise<Loaded | null> => {
      const response = await harness.fetch(name, { method: 'POST', body: JSON.stringify(asked) })
      return (await response.json()) as Loaded | null
    }
    const inventory: Inventory = {
      async load(source) {
        const known = await ask({ source })
        return known ? { ...known, fingerprints: new Map(known.fingerprints) } : undefined
      },
      async commit(source, step) {
        await ask({ source, step: { ...step, puts: [...step.puts] } })
      },
    }
    names.set(inventory, name)
    return inventory
  }
  inventoryContract(open, async (used) => {
    const name = names.get(used) ?? assert.fail('not opened here')
    await harness.getWorker('keeper').evictDurableObject('Keeper', { name })
    return open(name)
  })
})

describe('the database in a Durable Object', () => {
  const failing = (message: string): DurableStorage => ({
    sql: {
      exec() {
        throw new Error(message)
      },
    },
    transactionSync: (work) => work(),
  })
  const troubleIn = (message: string) => {
    try {
      durableDatabase(failing(message)).run('INSERT INTO t VALUES (1)')
    } catch (error) {
      return error
    }
    return undefined
  }

  it('says that it is full, or damaged, and the way out', () => {
    const full = troubleIn('database or disk is full: SQLITE_FULL')
    assert.ok(full instanceof DatabaseError && full.trouble === 'full', String(full))
    assert.match(full.message, /is full, it may hold 10 GB: watch less/)
    const damaged = troubleIn(
      'database disk image is malformed: SQLITE_CORRUPT (extended: SQLITE_CORRUPT_VTAB)',
    )
    assert.ok(damaged instanceof DatabaseError && damaged.trouble === 'damaged', String(damaged))
    const failed = troubleIn('no such table: t: SQLITE_ERROR')
    assert.ok(failed instanceof DatabaseError && failed.trouble === 'failed', String(failed))
  })

  it('lets pass what is not of SQLite: it may be over soon', () => {
    const error = troubleIn('Exceeded allowed rows written in Durable Objects free tier.')
    assert.ok(error instanceof Error && !(error instanceof DatabaseError))
  })
})
