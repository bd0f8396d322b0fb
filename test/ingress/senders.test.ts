/** The setting FAIRLEAD_INGRESS: who may tell of changes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseSenders } from '../../lib/ingress/senders.ts'

const key = Buffer.alloc(32, 1).toString('base64url')
const oidc = {
  issuer: 'https://oidc.example.com/id/1',
  audience: 'fairlead',
  subject: 'system:serviceaccount:a:b',
}
const parse = (setting: unknown) => parseSenders(JSON.stringify(setting))

describe('the senders of an ingress', () => {
  it('are read with what proves who they are', () => {
    const [east, west] = parse({
      east: { cluster: 'c1', oidc },
      west: { cluster: 'c2', hmac: { keys: { k1: key } } },
    })
    assert.deepEqual(east, { name: 'east', cluster: 'c1', oidc })
    assert.deepEqual(west?.hmac?.keys, { k1: new Uint8Array(32).fill(1) })
  })

  it('are refused with the sender and the rule for each mistake, and without a secret', () => {
    const short = Buffer.alloc(31, 1).toString('base64url')
    const wrong: [unknown, string][] = [
      [{}, 'FAIRLEAD_INGRESS: must have one sender at least'],
      [[], 'FAIRLEAD_INGRESS: Invalid input: expected record, received array'],
      [
        { east: { cluster: 'c', oidc, hmac: { keys: { k1: key } } } },
        'FAIRLEAD_INGRESS: sender "east": must have either oidc or hmac',
      ],
      [{ east: { cluster: 'c' } }, 'FAIRLEAD_INGRESS: sender "east": must have either oidc or hmac'],
      [
        { east: { cluster: 'a|b', oidc } },
        'FAIRLEAD_INGRESS: sender "east": cluster: must be 1 to 63 letters, digits, dots, dashes',
      ],
      [
        { east: { cluster: 'c', oidc: { ...oidc, issuer: 'http://oidc.example.com' } } },
        'FAIRLEAD_INGRESS: sender "east": oidc.issuer: must be an https URL without credentials (http on loopback alone)',
      ],
      [
        { east: { cluster: 'c', oidc: { ...oidc, subject: undefined } } },
        'FAIRLEAD_INGRESS: sender "east": oidc.subject: Invalid input: expected string, received undefined',
      ],
      [
        { east: { cluster: 'c', oidc: { ...oidc, jwks: { keys: [{ kty: 'oct', k: 'secret' }] } } } },
        'FAIRLEAD_INGRESS: sender "east": oidc.jwks: must have public RSA or EC keys alone',
      ],
      [
        { east: { cluster: 'c', oidc: { ...oidc, jwks: { keys: [{ kty: 'EC', d: 'secret' }] } } } },
        'FAIRLEAD_INGRESS: sender "east": oidc.jwks: must have public RSA or EC keys alone',
      ],
      [
        { east: { cluster: 'c', hmac: { keys: { k1: short } } } },
        'FAIRLEAD_INGRESS: sender "east": hmac.keys.k1: must be base64url of 32 bytes at least',
      ],
      [
        { east: { cluster: 'c', hmac: { keys: { k1: key, k2: key, k3: key } } } },
        'FAIRLEAD_INGRESS: sender "east": hmac.keys: must be one or two',
      ],
      [
        { east: { cluster: 'c', oidc }, west: { cluster: 'd', oidc } },
        'FAIRLEAD_INGRESS: sender "west": oidc: must differ from that of "east"',
      ],
    ]
    for (const [setting, message] of wrong) assert.throws(() => parse(setting), { message })
    assert.throws(() => parse({ East: { cluster: 'c', oidc } }), /sender "East": /)
    assert.throws(() => parse({ east: { cluster: 'c', oidc: { ...oidc, audiance: 1 } } }), /"audiance"/)
  })

  it('are refused without a word of the text where it is no JSON', () => {
    assert.throws(() => parseSenders(`{"east": ${key}`), { message: 'FAIRLEAD_INGRESS: must be JSON' })
    assert.throws(() => parseSenders(''), { message: 'FAIRLEAD_INGRESS: must be JSON' })
  })
})
