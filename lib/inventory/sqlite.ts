/**
 * The inventory in SQLite: a row per fingerprint under its source's number, a row per source with its cursor. A step is one
 * transaction.
 */
import type { Database, SqlRow } from '../database.ts'
import type { Cursor, Inventory, Step } from '../inventory.ts'

const TABLES = [
  `CREATE TABLE IF NOT EXISTS inventory_source (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, cursor TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS inventory_fingerprint (
    source INTEGER NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
    PRIMARY KEY (source, key)) STRICT, WITHOUT ROWID`,
]

const SOURCE = `INSERT INTO inventory_source (name, cursor) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`
const PUT = `INSERT INTO inventory_fingerprint VALUES (?, ?, ?)
  ON CONFLICT (source, key) DO UPDATE SET fingerprint = excluded.fingerprint`
const DELETE = 'DELETE FROM inventory_fingerprint WHERE source = ? AND key = ?'

/** An inventory in this database, whose tables it makes where they are not. */
export function sqliteInventory(database: Database): Inventory {
  for (const table of TABLES) database.run(table)
  return {
    async load(source) {
      const row = sourceIn(database, source)
      if (row === undefined) return undefined
      const fingerprints = new Map<string, string>()
      const sql = 'SELECT key, fingerprint FROM inventory_fingerprint WHERE source = ?'
      for (const { key, fingerprint } of database.rows(sql, Number(row.number)))
        fingerprints.set(String(key), String(fingerprint))
      return { cursor: JSON.parse(String(row.cursor)) as Cursor, fingerprints }
    },
    async commit(source, step) {
      database.transact(() => write(database, source, step))
    },
  }
}

function write(database: Database, source: string, { puts, deletes, cursor }: Step): void {
  database.run(SOURCE, source, JSON.stringify(cursor))
  if (puts.size + deletes.length === 0) return
  const number = Number(sourceIn(database, source)?.number)
  for (const key of deletes) database.run(DELETE, number, key)
  for (const [key, fingerprint] of puts) database.run(PUT, number, key, fingerprint)
}

function sourceIn(database: Database, name: string): SqlRow | undefined {
  for (const row of database.rows('SELECT number, cursor FROM inventory_source WHERE name = ?', name))
    return row
  return undefined
}
