import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyTable } from '../../lib/queue/entry.ts'
import { identify } from '../../lib/queue/identity.ts'
import { answer, arrive, type Gate, take } from '../../lib/queue/transitions.ts'
import { message } from './held.ts'

const open: Gate = { isFull: () => false, opensAt: () => 0 }

test('nothing is kept of keys that are done, nor of controllers that a broken sender made up', () => {
  const table = emptyTable({ isStored: false })
  for (let i = 0; i < 100; i++) arrive(table, identify(message(`a-${i}`, { controller: `c-${i}` }), 0), 0)
  for (let i = 0; i < 100; i++) arrive(table, identify(message(`b-${i}`, { delaySeconds: i }), 0), 0)
  assert.equal(table.lines.size, 101)
  for (let entry = take(table, 1e6, open); entry; entry = take(table, 1e6, open)) {
    answer(table, entry, { type: 'ack' }, 1e6)
  }
  assert.deepEqual({ ...table, order: 0 }, emptyTable({ isStored: false }))
})

test('a message that changes neither lane nor time leaves its key in its place', () => {
  const table = emptyTable({ isStored: false })
  for (const name of ['a', 'b', 'a']) arrive(table, identify(message(name), 0), 0)
  assert.equal(take(table, 0, open)?.errand.message?.name, 'a')
})
