import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffSeconds } from '../lib/backoff.ts'

/** The largest value that Math.random can give. */
const almostOne = () => 1 - Number.EPSILON / 2
const nominal = (attempt: number) => Math.min(0.005 * 2 ** attempt, 1000)

test('R4: doubles from 5 ms and stays at 1000 s from the 19th failure on', () => {
  const waits = Array.from({ length: 20 }, (_, attempt) => backoffSeconds(attempt, almostOne))
  assert.deepEqual(
    waits.slice(0, 5).map((wait) => Number(wait.toFixed(6))),
    [0.005, 0.01, 0.02, 0.04, 0.08],
  )
  assert.equal(Math.round(waits[17] ?? 0), 655)
  assert.equal(Math.round(waits[18] ?? 0), 1000)
  assert.equal(Math.round(waits[19] ?? 0), 1000)
})

test('jitter takes half of the nominal wait at most', () => {
  assert.equal(
    backoffSeconds(3, () => 0),
    0.02,
  )
  assert.equal(
    backoffSeconds(30, () => 0),
    500,
  )
})

test('never below half of nominal, never above the cap, for any attempt and any random number', () => {
  const attempts = fc.oneof(fc.nat(40), fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER), fc.constant(Infinity))
  const random = fc.double({ min: 0, max: almostOne(), noNaN: true })
  fc.assert(
    fc.property(attempts, random, (attempt, drawn) => {
      const wait = backoffSeconds(attempt, () => drawn)
      assert.ok(wait >= nominal(attempt) / 2, `${wait} s`)
      assert.ok(wait <= nominal(attempt), `${wait} s`)
    }),
  )
})

test('a policy of its own is obeyed', () => {
  const policy = { baseSeconds: 2, capSeconds: 5 }
  assert.deepEqual(
    [0, 1, 2, 2000].map((attempt) => backoffSeconds(attempt, () => 0, policy)),
    [1, 2, 2.5, 2.5],
  )
})
