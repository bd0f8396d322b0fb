/** Inventories that end with the process: one that keeps what it is given, and one that keeps nothing. */
import type { Cursor, Inventory } from '../inventory.ts'

/** Keeps everything in memory: for tests, and for relays that are stopped and started within one process. */
export function memoryInventory(): Inventory {
  const sources = new Map<string, { cursor: Cursor; fingerprints: Map<string, string> }>()
  return {
    async load(source) {
      const known = sources.get(source)
      return known && { cursor: known.cursor, fingerprints: new Map(known.fingerprints) }
    },
    async commit(source, { puts, deletes, cursor }) {
      const fingerprints = sources.get(source)?.fingerprints ?? new Map<string, string>()
      for (const key of deletes) fingerprints.delete(key)
      for (const [key, fingerprint] of puts) fingerprints.set(key, fingerprint)
      sources.set(source, { cursor, fingerprints })
    },
  }
}

/**
 * Keeps nothing, and costs nothing: a relay that starts sends each object once. Right where the queue does not outlive the
 * process either. It is no inventory in the sense of the contract.
 */
export const noInventory: Inventory = {
  async load() {
    return undefined
  },
  async commit() {},
}
