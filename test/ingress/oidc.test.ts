/** Tokens of service accounts, against an issuer that is asked over HTTP. */
import assert from 'node:assert/strict'
import { createHmac, KeyObject, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { oidcVerifier } from '../../lib/ingress/oidc.ts'
import type { Oidc, Sender } from '../../lib/ingress/senders.ts'
import { fakeClock } from '../fake-clock.ts'
import { AUDIENCE, type Issuer, SUBJECT, startIssuer } from './issuer.ts'

const HOUR = 3600

describe('tokens of an ingress', () => {
  const clock = fakeClock(Date.UTC(2030, 0, 1))
  const seconds = () => Math.floor(clock.now() / 1000)
  let issuer: Issuer
  before(async () => {
    issuer = await startIssuer(clock.now)
  })
  after(() => issuer.close())

  const sender = (oidc: Partial<Oidc> = {}, name = 'east'): Sender => ({
    name,
    cluster: name,
    oidc: { issuer: issuer.url, audience: AUDIENCE, subject: SUBJECT, ...oidc },
  })
  const verifier = (senders: Sender[] = [sender()], cooldownSeconds = 30) =>
    oidcVerifier(senders, { clock, cooldownSeconds })
  const named = async (token: string, verify = verifier()) => (await verify(token))?.name

  it('knows a sender by its token, signed by ES256 or RS256', async () => {
    assert.equal(await named(await issuer.token()), 'east')
    await issuer.publish('k1', 'rsa1')
    assert.equal(await named(await issuer.token({}, { kid: 'rsa1' })), 'east')
    assert.equal(await named(await issuer.token({ aud: AUDIENCE })), 'east')
  })

  it('knows nobody by a token with any claim that is not right', async () => {
    const wrong: Record<string, Record<string, unknown>> = {
      expired: { exp: seconds() - 61 },
      'without an end': { exp: undefined },
      'not yet valid': { nbf: seconds() + 61 },
      'from the future': { iat: seconds() + 61 },
      'too old': { iat: seconds() - 25 * HOUR - 61, exp: seconds() + HOUR },
      'without an age': { iat: undefined },
      'for another audience': { aud: ['https://kubernetes.default.svc'] },
      'for no audience': { aud: undefined },
      'of another subject': { sub: 'system:serviceaccount:fairlead:other' },
      'of no subject': { sub: undefined },
      'of another issuer': { iss: 'https://oidc.example.com' },
      'of an issuer with a slash': { iss: `${issuer.url}/` },
    }
    const verify = verifier()
    for (const [name, claims] of Object.entries(wrong))
      assert.equal(await named(await issuer.token(claims), verify), undefined, name)
    const skewed = { nbf: seconds() + 59, iat: seconds() + 59, exp: seconds() + HOUR }
    assert.equal(await named(await issuer.token(skewed), verify), 'east', 'a minute of skew')
    assert.equal(await named(await issuer.token({ exp: seconds() - 59 }), verify), 'east')
  })

  it('knows nobody by a token that is not signed, or with the public key as a secret, or by a stranger', async () => {
    const verify = verifier()
    const [, claims = ''] = (await issuer.token()).split('.')
    const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const none = `${base64({ alg: 'none' })}.${claims}.`
    const { jwk } = await issuer.key('k1')
    const head = `${base64({ alg: 'HS256', kid: 'k1' })}.${claims}`
    const confused = `${head}.${createHmac('sha256', JSON.stringify(jwk)).update(head).digest('base64url')}`
    const [good = '', , signature = ''] = (await issuer.token()).split('.')
    const other = base64({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), admin: true })
    const stranger = await startIssuer(clock.now)
    const forged = await stranger.token({ iss: issuer.url })
    await stranger.close()
    const tokens = {
      none,
      confused,
      forged,
      tampered: `${good}.${other}.${signature}`,
      empty: '..',
      text: 'text',
    }
    for (const [name, token] of Object.entries(tokens))
      assert.equal(await named(token, verify), undefined, name)
    assert.equal(await named(`${await issuer.token()}${'A'.repeat(20_000)}`, verify), undefined)
    assert.equal(await named(await issuer.token(), verify), 'east')
  })

  it('knows nobody by another algorithm, though the key is right', async () => {
    const { pair, jwk } = await issuer.key('rsa1')
    const verify = verifier([sender({ jwks: { keys: [{ ...jwk, alg: undefined }] } })])
    const good = await issuer.token({}, { kid: 'rsa1' })
    assert.equal(await named(good, verify), 'east')
    const head = Buffer.from(JSON.stringify({ alg: 'RS512', kid: 'rsa1' })).toString('base64url')
    const signed = `${head}.${good.split('.')[1]}`
    const signature = sign('sha512', Buffer.from(signed), KeyObject.from(pair.privateKey))
    assert.equal(await named(`${signed}.${signature.toString('base64url')}`, verify), undefined)
  })

  it('asks for keys once, again for a key that it does not know, and no more than once in a while', async () => {
    await issuer.publish('k1')
    const verify = verifier()
    issuer.asked.length = 0
    await Promise.all([1, 2, 3].map(async () => named(await issuer.token(), verify)))
    assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration', '/openid/v1/jwks'])
    for (const kid of ['k7', 'k8', 'k9'])
      assert.equal(await named(await issuer.token({}, { kid }), verify), undefined)
    assert.equal(issuer.asked.length, 2, 'strange key ids within the cooldown')
  })

  it('follows a rotation of keys', async () => {
    await issuer.publish('k1')
    const verify = verifier([sender()], 0)
    assert.equal(await named(await issuer.token(), verify), 'east')
    await issuer.publish('k1', 'k2')
    assert.equal(await named(await issuer.token({}, { kid: 'k2' }), verify), 'east')
    await issuer.publish('k2')
    assert.equal(await named(await issuer.token({}, { kid: 'k3' }), verify), undefined)
    assert.equal(await named(await issuer.token(), verify), undefined, 'a key that was withdrawn')
    await issuer.publish('k1')
  })

  it('takes keys from where it is told, without discovery, or from the setting itself', async () => {
    const { jwk } = await issuer.key('k1')
    issuer.asked.length = 0
    assert.equal(
      await named(await issuer.token(), verifier([sender({ jwks: { keys: [{ ...jwk }] } })])),
      'east',
    )
    assert.deepEqual(issuer.asked, [])
    const told = sender({ jwksUri: `${issuer.url}/openid/v1/jwks` })
    assert.equal(await named(await issuer.token(), verifier([told])), 'east')
    assert.deepEqual(issuer.asked, ['/openid/v1/jwks'])
  })

  it('tells clusters apart whose issuers have one name, by their keys', async () => {
    const name = 'https://kubernetes.default.svc.cluster.local'
    const keys = async (id: string) => ({ jwks: { keys: [{ ...(await issuer.key(id)).jwk }] } })
    const senders = [
      sender({ issuer: name, ...(await keys('k1')) }, 'east'),
      sender({ issuer: name, ...(await keys('k2')) }, 'west'),
    ]
    const verify = verifier(senders)
    assert.equal(await named(await issuer.token({ iss: name }), verify), 'east')
    assert.equal(await named(await issuer.token({ iss: name }, { kid: 'k2' }), verify), 'west')
    assert.equal(await named(await issuer.token({ iss: name }, { kid: 'k3' }), verify), undefined)
  })

  it('knows a sender though the issuer of another one, which has the same name, is down', async () => {
    const name = 'https://kubernetes.default.svc.cluster.local'
    const keys = { jwks: { keys: [{ ...(await issuer.key('k1')).jwk }] } }
    const verify = verifier([
      sender({ issuer: name, jwksUri: 'http://127.0.0.1:1/jwks' }, 'down'),
      sender({ issuer: name, ...keys }, 'east'),
      sender({ issuer: name, jwksUri: `${issuer.url}/none` }, 'broken'),
    ])
    assert.equal(await named(await issuer.token({ iss: name }), verify), 'east')
    const stranger = await issuer.token({ iss: name }, { kid: 'k2' })
    await assert.rejects(verify(stranger), /its keys cannot be had/, 'one of the others may have sent it')
  })

  it('rejects while keys cannot be had, and knows senders again once they can', async () => {
    const discovery = '/.well-known/openid-configuration'
    const good = issuer.serves.get(discovery)
    const verify = verifier()
    const broken: [unknown, RegExp][] = [
      [500, /answers 500/],
      [302, /answers 302/],
      [
        { issuer: 'https://elsewhere.example.com', jwks_uri: `${issuer.url}/openid/v1/jwks` },
        /another issuer/,
      ],
      [{ issuer: issuer.url, jwks_uri: 'http://keys.example.com' }, /jwks_uri .* must be an https URL/],
      [{ issuer: issuer.url, jwks_uri: `${issuer.url}/none` }, /answers 404/],
      ['text', /another issuer/],
    ]
    for (const [served, message] of broken) {
      issuer.serves.set(discovery, served)
      await assert.rejects(async () => verify(await issuer.token()), message)
    }
    issuer.serves.set(discovery, good)
    assert.equal(await named(await issuer.token(), verify), 'east')
  })
})
