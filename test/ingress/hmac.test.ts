/** Batches signed with a shared key. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hmacVerifier, signatureOf } from '../../lib/ingress/hmac.ts'
import type { Sender } from '../../lib/ingress/senders.ts'
import { fakeClock } from '../fake-clock.ts'

const secret = (byte: number) => new Uint8Array(32).fill(byte)
const bytes = (text: string) => new TextEncoder().encode(text)

const senders: Sender[] = [
  { name: 'east', cluster: 'east', hmac: { keys: { k1: secret(1), k2: secret(2) } } },
  { name: 'west', cluster: 'west', hmac: { keys: { k1: secret(3) } } },
]

describe('signatures of an ingress', () => {
  const clock = fakeClock(Date.UTC(2030, 0, 1))
  const verify = hmacVerifier(senders, clock)
  const body = bytes('{"messages":[]}')
  const named = async (header: string, of = body, format = 'json') =>
    (await verify(header, { body: of, format }))?.name
  const header = (id: string, key: number, now = clock.now()) =>
    signatureOf({ id, secret: secret(key) }, { body, format: 'json' }, now)

  it('knows a sender by either of its two keys', async () => {
    assert.equal(await named(await header('east/k1', 1)), 'east')
    assert.equal(await named(await header('east/k2', 2)), 'east')
    assert.equal(await named(await header('west/k1', 3)), 'west')
  })

  it('knows nobody by another key, another key id, another body, another format or another time', async () => {
    assert.equal(await named(await header('east/k1', 9)), undefined)
    assert.equal(await named(await header('east/k3', 1)), undefined)
    assert.equal(await named(await header('north/k1', 1)), undefined)
    assert.equal(await named(await header('west/k1', 1)), undefined)
    const good = await header('east/k1', 1)
    assert.equal(await named(good, bytes('{"messages":[1]}')), undefined)
    assert.equal(await named(good, body, 'cloudevent'), undefined)
    assert.equal(await named(good.replace('east/k1', 'east/k2')), undefined)
    const later = await header('east/k1', 1, clock.now() + 1000)
    const [, timestamp] = /timestamp=(\d+)/.exec(later) ?? []
    assert.equal(await named(good.replace(/timestamp=\d+/, `timestamp=${timestamp}`)), undefined)
  })

  it('knows a sender by its own key id alone, should two have one secret', async () => {
    const twins = senders.map((sender) => ({ ...sender, hmac: { keys: { k1: secret(1) } } }))
    const good = await header('east/k1', 1)
    const ofTwins = hmacVerifier(twins, clock)
    assert.equal((await ofTwins(good, { body, format: 'json' }))?.name, 'east')
    assert.equal(await ofTwins(good.replace('east', 'west'), { body, format: 'json' }), undefined)
  })

  it('holds a signature good for five minutes, either way', async () => {
    const away = (seconds: number) => header('east/k1', 1, clock.now() + seconds * 1000)
    for (const seconds of [-300, -1, 0, 300])
      assert.equal(await named(await away(seconds)), 'east', `${seconds} s`)
    for (const seconds of [-301, 301, -86_400])
      assert.equal(await named(await away(seconds)), undefined, `${seconds} s`)
  })

  it('knows nobody by what is no such header', async () => {
    const good = await header('east/k1', 1)
    const headers = [
      '',
      'Fairlead-HMAC-SHA256',
      good.slice(0, -1),
      `${good}A`,
      good.replace('keyid', 'key'),
      `x${good}`,
    ]
    for (const text of [
      ...headers,
      good.replace('-SHA256', '-MD5'),
      good.replace(/timestamp=\d+/, 'timestamp=NaN'),
    ])
      assert.equal(await named(text), undefined, text)
  })
})
