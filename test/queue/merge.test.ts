import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { messageSchema } from '../../lib/message.ts'
import { dueAtOf, mergeMessages } from '../../lib/queue/merge.ts'
import { message } from './held.ts'

const versionOf = (a: string | undefined, b: string | undefined) =>
  mergeMessages(
    message('a', a === undefined ? {} : { resourceVersion: a }),
    message('a', b === undefined ? {} : { resourceVersion: b }),
  ).resourceVersion

test('the greater resourceVersion stays, as numbers of any size', () => {
  assert.equal(versionOf('9', '10'), '10')
  assert.equal(versionOf('18446744073709551616', '18446744073709551615'), '18446744073709551616')
  const number = fc.bigInt({ min: 1n, max: 2n ** 80n })
  fc.assert(
    fc.property(number, number, (a, b) => {
      assert.equal(versionOf(`${a}`, `${b}`), `${a > b ? a : b}`)
    }),
  )
})

test('no resourceVersion stays where one message carries none, or where they cannot be compared', () => {
  assert.equal(versionOf('9', undefined), undefined)
  assert.equal(versionOf(undefined, '9'), undefined)
  assert.equal(versionOf('9', 'x'), undefined)
  assert.equal(versionOf('x', 'x'), 'x')
})

test('causes are united, once each, and the newest 16 stay', () => {
  const united = mergeMessages(message('a', { causes: ['x', 'y'] }), message('a', { causes: ['y', 'z'] }))
  assert.deepEqual(united.causes, ['x', 'y', 'z'])
  const many = (from: number) => Array.from({ length: 12 }, (_, i) => `generation ${from + i}`)
  const bounded = mergeMessages(message('a', { causes: many(0) }), message('a', { causes: many(12) }))
  assert.deepEqual(bounded.causes.at(0), 'generation 8')
  assert.deepEqual(bounded.causes.at(-1), 'generation 23')
  assert.equal(bounded.causes.length, 16)
})

test('the better lane, the more failures and the newest trace stay; a merged message is valid and carries no delay', () => {
  const older = message('a', { attempt: 2, traceparent: 'old', delaySeconds: 5, notBefore: 9 })
  const merged = mergeMessages(older, message('a', { lane: 'background', traceparent: 'new' }))
  assert.deepEqual(merged, message('a', { attempt: 2, traceparent: 'new' }))
  assert.deepEqual(mergeMessages(older, message('a')).traceparent, 'old')
  assert.ok(messageSchema.safeParse(merged).success)
})

test('a message is due at its notBefore, else after its delay, else at once', () => {
  assert.equal(dueAtOf(message('a', { notBefore: 5000, delaySeconds: 1 }), 1000), 5000)
  assert.equal(dueAtOf(message('a', { delaySeconds: 1 }), 1000), 2000)
  assert.equal(dueAtOf(message('a', { notBefore: 999 }), 1000), 0)
  assert.equal(dueAtOf(message('a'), 1000), 0)
})

test("an origin stays where it stands for both, and is nobody else's otherwise", () => {
  const originOf = (a: string | undefined, b: string | undefined) =>
    mergeMessages(
      message('a', a === undefined ? {} : { origin: a }),
      message('a', b === undefined ? {} : { origin: b }),
    ).origin
  assert.equal(originOf('u:9', 'u:10'), 'u:10')
  assert.equal(originOf('u:9', undefined), undefined)
  assert.equal(originOf(undefined, 'u:9'), undefined)
  assert.match(originOf('u:9', 'v:10') ?? '', /^\+\w{14}$/)
})
