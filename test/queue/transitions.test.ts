import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyTable } from '../../lib/queue/entry.ts'
import { identify } from '../../lib/queue/identity.ts'
import { answer, arrive, take } from '../../lib/queue/transitions.ts'
import { message } from './held.ts'

const nobodyIsFull = () => false

test('nothing is kept of keys that are done, nor of controllers that a broken sender made up', () => {
  const table = emptyTable()
  for (let i = 0; i < 100; i++) arrive(table, identify(message(`a-${i}`, { controller: `c-${i}` }), 0))
  for (let i = 0; i < 100; i++) arrive(table, identify(message(`b-${i}`, { delaySeconds: i }), 0))
  assert.equal(table.lines.size, 101)
  for (let entry = take(table, 1e6, nobodyIsFull); entry; entry = take(table, 1e6, nobodyIsFull)) {
    answer(table, entry, { type: 'ack' }, 1e6)
  }
  assert.deepEqual({ ...table, order: 0 }, emptyTable())
})

test('a message that changes neither lane nor time leaves its key in its place', () => {
  const table = emptyTable()
  for (const name of ['a', 'b', 'a']) arrive(table, identify(message(name), 0))
  assert.equal(take(table, 0, nobodyIsFull)?.errand.message?.name, 'a')
})
