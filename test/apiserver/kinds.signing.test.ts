import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { certificateProblem, requestProblem } from '../../lib/apiserver/kinds/pem.ts'
import { type Api, startServer } from './client.ts'

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

/** Of a key on P-256. */
const PEM = `-----BEGIN CERTIFICATE REQUEST-----
MIHSMHoCAQAwGDEKMAgGA1UEAwwBeTEKMAgGA1UECgwBejBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABN50okJeWH4flN0TAivgoNjO4aHzkD5AjQ57IZTNGoyuZckW
ss13jHvP6bFUg4jW9rVwjIspJ/hpLRUrd19OPa2gADAKBggqhkjOPQQDAgNIADBF
AiBkGhLVjnRXnCAijZLxgpc305vq0a5owTSV0GnV4j8R3gIhAO23ES+bepIMe5yv
7r7Usg61JSnBMMMjsaFrNhg8eNJu
-----END CERTIFICATE REQUEST-----
`

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const spec = { request: base64(PEM), signerName: 'example.com/s', usages: ['client auth'] }

const created = (api: Api, more: object = {}) =>
  api.post(REQUESTS, { metadata: { name: 'c' }, spec: { ...spec, ...more } })

const approve = (api: Api, ...types: string[]) =>
  api.put(`${REQUESTS}/c/approval`, {
    metadata: { name: 'c' },
    spec: {},
    status: { conditions: types.map((type) => ({ type, status: 'True' })), certificate: base64('x') },
  })

describe('CertificateSigningRequests', () => {
  it('say who asks, whatever they say themselves', async (t) => {
    const api = await startServer(t)
    const { status, body } = await created(api, { username: 'somebody else', extra: { a: ['b'] } })
    assert.equal(status, 201)
    assert.notEqual(body.spec.username, 'somebody else')
    assert.ok((body.spec.groups as string[]).includes('system:authenticated'))
    assert.equal(body.spec.extra, undefined)
    assert.deepEqual(body.status, {})
    assert.equal(body.metadata.managedFields, undefined)
  })

  it('never change but through their parts', async (t) => {
    const api = await startServer(t)
    await created(api)
    const { body } = await api.put(`${REQUESTS}/c`, {
      metadata: { name: 'c', labels: { a: 'b' } },
      spec: { ...spec, signerName: 'example.com/other' },
      status: { conditions: [{ type: 'Approved', status: 'True' }] },
    })
    assert.deepEqual(body.metadata.labels, { a: 'b' })
    assert.equal(body.spec.signerName, 'example.com/s')
    assert.deepEqual(body.status, {})
  })

  it('are approved through approval, once and for all, and at a time', async (t) => {
    const api = await startServer(t)
    await created(api)
    const { body } = await approve(api, 'Approved')
    const [condition] = body.status.conditions as Record<string, string>[]
    assert.match(condition?.lastUpdateTime ?? '', /Z$/)
    assert.equal(condition?.lastTransitionTime, condition?.lastUpdateTime)
    assert.equal(body.status.certificate, undefined)
    assert.equal((await approve(api)).status, 422)
    const both = await approve(api, 'Approved', 'Denied')
    assert.match(both.body.message, /Approved and Denied conditions are mutually exclusive/)
  })

  it('get their certificate through status, which approves nothing', async (t) => {
    const api = await startServer(t)
    await created(api)
    const approved = await api.merge(`${REQUESTS}/c/status`, {
      status: { conditions: [{ type: 'Approved', status: 'True' }] },
    })
    assert.match(approved.body.message, /updates may not add a condition of type "Approved"/)
    const issued = await api.merge(`${REQUESTS}/c/status`, { status: { certificate: base64('nonsense') } })
    assert.match(issued.body.message, /must contain at least one CERTIFICATE PEM block/)
    const failed = await api.merge(`${REQUESTS}/c/status`, {
      status: { conditions: [{ type: 'Failed', status: 'True' }] },
    })
    assert.equal(failed.status, 200)
  })

  it('are selected by their signer, and may be called anything', async (t) => {
    const api = await startServer(t)
    await api.post(REQUESTS, { metadata: { name: 'A b' }, spec })
    const count = async (signer: string) =>
      (await api.get(`${REQUESTS}?fieldSelector=spec.signerName%3D${encodeURIComponent(signer)}`)).body.items
        .length
    assert.deepEqual([await count('example.com/s'), await count('example.com/t')], [1, 0])
  })

  it('are refused with every complaint', async (t) => {
    const api = await startServer(t)
    const { body } = await created(api, {
      request: base64('hello'),
      usages: ['x', 'client auth', 'client auth'],
      signerName: 'kubernetes.io/legacy-unknown',
      expirationSeconds: 5,
    })
    const causes = body.details.causes as { field: string }[]
    assert.deepEqual(
      causes.map(({ field }) => field),
      ['spec.request', 'spec.usages[0]', 'spec.usages[2]', 'spec.signerName', 'spec.expirationSeconds'],
    )
  })

  for (const [signer, problem] of [
    ['', 'Required value'],
    ['x', 'must be a fully qualified domain and path'],
    ['x/y', 'should be a domain with at least two segments'],
    ['example.com/a/b', 'must be a fully qualified domain and path'],
    ['EXAMPLE.com/x', 'validating label "EXAMPLE"'],
    ['example.com/X', 'validating label "X"'],
    [`${'a'.repeat(60)}.${`${'b'.repeat(60)}.`.repeat(4)}c/x`, 'Too long: may not be more than 253 bytes'],
  ])
    it(`have no signer called "${signer?.slice(0, 20)}"`, async (t) => {
      const api = await startServer(t)
      const { status, body } = await created(api, { signerName: signer })
      assert.equal(status, 422)
      assert.ok(body.message.includes(problem ?? ''), body.message)
    })

  it('are signed by the key that they name', () => {
    assert.equal(requestProblem(PEM), undefined)
    const bytes = Buffer.from(PEM.split('\n').slice(1, -2).join(''), 'base64')
    // A letter of the subject.
    bytes[bytes.indexOf('y')] = 'z'.charCodeAt(0)
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----`
    assert.equal(requestProblem(forged), 'x509: ECDSA verification failure')
  })

  it('hold certificates and nothing else when they are issued', () => {
    assert.equal(certificateProblem(''), undefined)
    assert.equal(
      certificateProblem(PEM),
      'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
    )
  })
})
