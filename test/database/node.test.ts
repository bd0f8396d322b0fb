/** The file that outlives the process: one holder at a time, and never a fresh start in silence. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { type Database, DatabaseError, type DatabaseTrouble } from '../../lib/database.ts'
import { openState, visitState } from '../../lib/database/node.ts'
import { scratchFolder } from '../scratch.ts'

const is = (trouble: DatabaseTrouble, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DatabaseError, String(error))
  assert.equal(error.trouble, trouble)
  assert.match(error.message, pattern)
  return true
}

/** A state with so many rows of some size. */
function filled(rows: number, folder = scratchFolder()): string {
  const database = openState({ folder, owner: 'https://one' })
  database.run('CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT')
  database.transact(() => {
    for (let i = 0; i < rows; i++) database.run('INSERT INTO things (text) VALUES (?)', 'x'.repeat(300))
  })
  database.close()
  return folder
}

const count = (database: Database): number =>
  Number([...database.rows('SELECT count(*) AS n FROM things')][0]?.n)

describe('the state on Node', () => {
  it('is made where there is none, readable by its owner only, and is there again after a close', () => {
    const folder = filled(10)
    assert.equal(statSync(folder).mode & 0o077, 0)
    const again = openState({ folder, owner: 'https://one' })
    assert.equal(count(again), 10)
    again.close()
  })

  it('keeps all of a transaction or nothing', () => {
    const database = openState({ folder: filled(1) })
    assert.throws(
      () =>
        database.transact(() => {
          database.run('DELETE FROM things')
          throw new Error('no')
        }),
      /no/,
    )
    assert.equal(count(database), 1)
    database.transact(() => database.run('DELETE FROM things'))
    assert.equal(count(database), 0)
    database.close()
  })

  it('a reading that is abandoned holds nobody up', () => {
    const database = openState({ folder: filled(5) })
    for (const _ of database.rows('SELECT * FROM things')) break
    database.run('DELETE FROM things')
    database.run('DROP TABLE things')
    database.close()
  })

  it('has one holder at a time, names it to the second, and lets visitors look (R7)', () => {
    const folder = filled(3)
    const holder = openState({ folder })
    const held = new RegExp(`in use by process ${process.pid} since 20.*another folder with --state`)
    assert.throws(() => openState({ folder, patienceMs: 0 }), is('locked', held))
    const visitor = visitState(folder)
    holder.run(`INSERT INTO things (text) VALUES ('new')`)
    assert.equal(count(visitor), 4)
    visitor.run(`INSERT INTO things (text) VALUES ('theirs')`)
    assert.equal(count(holder), 5)
    visitor.close()
    holder.close()
    openState({ folder, patienceMs: 0 }).close()
  })

  it('is free as soon as its holder is killed, and what that had written is there', async () => {
    const folder = filled(0)
    const script = `
      const { openState } = await import(${JSON.stringify(resolve('lib/database/node.ts'))})
      const database = openState({ folder: process.argv[1] })
      for (let i = 0; i < 100; i++) database.run("INSERT INTO things (text) VALUES ('kept')")
      process.stdout.write('written')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    assert.throws(
      () => openState({ folder, patienceMs: 0 }),
      is('locked', new RegExp(`process ${child.pid} `)),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    const visitor = visitState(folder)
    assert.equal(count(visitor), 100, 'a visitor may be the first to come')
    visitor.close()
    const next = openState({ folder, patienceMs: 0 })
    assert.equal(count(next), 100)
    next.close()
  })

  it('refuses the state of another cluster, and of a newer Fairlead', () => {
    const folder = filled(0)
    const other = { folder, owner: 'https://two' }
    assert.throws(
      () => openState(other),
      is('foreign', /belongs to https:\/\/one, not to https:\/\/two: .*--state/),
    )
    const file = new DatabaseSync(join(folder, 'state.db'))
    file.exec('PRAGMA user_version = 99')
    file.close()
    assert.throws(
      () => openState({ folder }),
      is('foreign', /newer Fairlead \(version 99, this one knows 1\)/),
    )
    assert.throws(() => visitState(folder), is('foreign', /newer Fairlead/))
    assert.throws(() => visitState(scratchFolder()), is('foreign', /is no state folder: it has no state.db/))
  })

  for (const [how, damage] of [
    ['whose head is overwritten', (file: string) => writeAt(file, 0, 'this is no database')],
    ['with a page overwritten in the middle', (file: string) => writeAt(file, 40_960, 'x'.repeat(8_192))],
    ['that was cut short', (file: string) => truncateSync(file, statSync(file).size / 2)],
  ] as const)
    it(`stops at a file ${how}, says what to do, and leaves it as it is`, () => {
      const folder = filled(1_000)
      const file = join(folder, 'state.db')
      damage(file)
      const before = readFileSync(file)
      assert.throws(() => openState({ folder }), is('damaged', /state\.db is damaged \(.*put a copy back/))
      assert.deepEqual(readFileSync(file), before)
    })

  it('stops at a full disk with what was kept intact, and goes on once there is room', () => {
    const folder = filled(100)
    const database = openState({ folder })
    const [{ page_count = 0 } = {}] = [...database.rows('PRAGMA page_count')]
    database.run(`PRAGMA max_page_count = ${Number(page_count) + 2}`)
    const insert = () =>
      database.transact(() => {
        for (let i = 0; i < 1_000; i++) database.run('INSERT INTO things (text) VALUES (?)', 'y'.repeat(300))
      })
    assert.throws(
      insert,
      is('full', /disk is full: make room and start again; what was stored until now is kept/),
    )
    assert.equal(count(database), 100)
    database.run('PRAGMA max_page_count = 1000000')
    insert()
    assert.equal(count(database), 1_100)
    database.close()
  })

  it('says so where the folder cannot be used', () => {
    const folder = join(scratchFolder(), 'state')
    writeFileSync(folder, '')
    assert.throws(() => openState({ folder }), /EEXIST|ENOTDIR/)
    const strange = scratchFolder()
    mkdirSync(join(strange, 'state.db'))
    assert.throws(() => openState({ folder: strange }), is('failed', /state\.db cannot be used/))
  })
})

function writeAt(file: string, position: number, text: string): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, text, position)
  closeSync(handle)
}
