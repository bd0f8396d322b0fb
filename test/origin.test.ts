import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { isLaterVersion, mergeOrigins, originOfEnd, originOfLeaving, originOfWrite } from '../lib/origin.ts'

const write = (uid: string, version: number) => originOfWrite({ uid, resourceVersion: `${version}` })

describe('mergeOrigins', () => {
  it('of two changes of one object the later one stands for both, whichever comes first', () => {
    for (const [earlier, later] of [
      [write('u', 9), write('u', 10)],
      [write('u', 9), originOfEnd('u')],
      [write('u', 9), originOfLeaving({ uid: 'u', resourceVersion: '10' })],
      [originOfLeaving({ uid: 'u', resourceVersion: '9' }), write('u', 10)],
    ] as const) {
      assert.equal(mergeOrigins(earlier, later), later)
      assert.equal(mergeOrigins(later, earlier), later)
    }
    assert.equal(mergeOrigins(write('u', 9), write('u', 9)), write('u', 9))
  })

  it('has none where a part has none: that part is never to be dropped', () => {
    assert.equal(mergeOrigins(undefined, write('u', 9)), undefined)
    assert.equal(mergeOrigins(write('u', 9), undefined), undefined)
  })

  it('of changes of several objects is that of no part, in whatever order and number they are merged', () => {
    const origin = fc.oneof(
      fc.tuple(fc.constantFrom('u', 'v', 'w'), fc.integer({ min: 1, max: 20 })).map(([u, n]) => write(u, n)),
      fc.constantFrom('u', 'v', 'w').map(originOfEnd),
    )
    void fc.assert(
      fc.property(fc.array(origin, { minLength: 2, maxLength: 6 }), (parts) => {
        const merged = parts.reduce((one, other) => mergeOrigins(one, other) ?? '')
        const uids = new Set(parts.map((part) => part.split(':')[0]))
        assert.equal(parts.includes(merged), uids.size === 1)
        assert.ok(merged.length <= 64)
      }),
    )
  })

  it('takes versions that are no numbers for different, not for later', () => {
    const [one, other] = ['u:abc', 'u:abd']
    assert.ok(![one, other].includes(mergeOrigins(one, other) ?? ''))
    assert.ok(!isLaterVersion('abd', 'abc'))
    assert.ok(isLaterVersion('10', '9'))
  })
})
