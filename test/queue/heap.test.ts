import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { extract, insert, type Timed } from '../../lib/queue/heap.ts'

const byDue = (a: Timed, b: Timed) => a.dueAt - b.dueAt || a.order - b.order

test('the earliest is always first, whatever is put in and taken out of the middle', () => {
  // A number puts in an item that is due then; a negative one takes out the item at that share of the heap.
  const steps = fc.array(fc.oneof(fc.nat(20), fc.double({ min: -1, max: -0.001, noNaN: true })), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(steps, (sequence) => {
      const heap: Timed[] = []
      let expected: Timed[] = []
      for (const [order, step] of sequence.entries()) {
        if (step >= 0) {
          const item = { dueAt: step, order, slot: 0 }
          insert(heap, item)
          expected = [...expected, item].toSorted(byDue)
        } else {
          const item = expected[Math.floor(-step * expected.length)]
          if (item) extract(heap, item)
          expected = expected.filter((other) => other !== item)
        }
        assert.equal(heap[0], expected[0])
        assert.ok(heap.every((item, slot) => item.slot === slot))
        assert.ok(heap.every((item, slot) => slot === 0 || byDue(heap[(slot - 1) >> 1] ?? item, item) <= 0))
        assert.equal(heap.length, expected.length)
      }
    }),
  )
})

test('what fills a gap rises above the gap where it is due before its new parent', () => {
  const heap: Timed[] = []
  const items = [0, 10, 1, 11, 12, 2, 3].map((dueAt, order) => ({ dueAt, order, slot: 0 }))
  for (const item of items) insert(heap, item)
  const eleven = items[3]
  assert.ok(eleven)
  extract(heap, eleven)
  assert.deepEqual(
    heap.map(({ dueAt }) => dueAt),
    [0, 3, 1, 10, 12, 2],
  )
})

test('everything comes out in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (times) => {
      const heap: Timed[] = []
      times.forEach((dueAt, order) => {
        insert(heap, { dueAt, order, slot: 0 })
      })
      const out: Timed[] = []
      for (let first = heap[0]; first; first = heap[0]) {
        extract(heap, first)
        out.push(first)
      }
      assert.deepEqual(
        out.map(({ dueAt }) => dueAt),
        times.toSorted((a, b) => a - b),
      )
      assert.deepEqual(out, out.toSorted(byDue))
    }),
  )
})
