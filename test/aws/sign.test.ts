import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { SignatureV4 } from '@smithy/signature-v4'
import { AwsError, awsFailure, endpointOf } from '../../lib/aws.ts'
import { signedAws } from '../../lib/aws/sign.ts'

/** The hash that AWS's own signer asks for. */
class Sha256 {
  readonly hash
  constructor(key?: string | Uint8Array) {
    this.hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
  }
  update(data: string | Uint8Array) {
    this.hash.update(data)
  }
  async digest() {
    return new Uint8Array(this.hash.digest())
  }
}

const now = Date.UTC(2026, 10, 28, 12)
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI',
  sessionToken: 'tok/en+==',
}
const region = 'eu-central-1'

const signed = (answer: () => Response = () => new Response('')) => {
  const sent: { url: string; headers: Headers; method: string }[] = []
  const fetch = async (url: unknown, init?: RequestInit) => {
    sent.push({ url: String(url), headers: new Headers(init?.headers), method: init?.method ?? '' })
    return answer()
  }
  const aws = signedAws({
    region,
    credentials: async () => credentials,
    now: () => now,
    fetch: fetch as typeof globalThis.fetch,
  })
  return { aws, sent }
}
const theirs = (service: string) =>
  new SignatureV4({ credentials, region, service, sha256: Sha256 as never, applyChecksum: false })

describe('signed requests', () => {
  it('have the signature that AWS’s own signer makes', async () => {
    const { aws, sent } = signed()
    const body = JSON.stringify({ Name: '/a/b', WithDecryption: true })
    const headers = { 'x-amz-target': 'AmazonSSM.GetParameter' }
    await aws.fetch('ssm', { method: 'POST', url: `https://ssm.${region}.amazonaws.com/`, headers, body })
    const theirRequest = await theirs('ssm').sign(
      {
        method: 'POST',
        protocol: 'https:',
        hostname: `ssm.${region}.amazonaws.com`,
        path: '/',
        query: {},
        headers: { host: `ssm.${region}.amazonaws.com`, ...headers },
        body,
      },
      { signingDate: new Date(now) },
    )
    const [ours] = sent
    assert.equal(ours?.headers.get('authorization'), theirRequest.headers.authorization)
    assert.equal(ours?.headers.get('x-amz-security-token'), credentials.sessionToken)
  })

  it('URLs too, with their headers signed', async () => {
    const host = `sts.${region}.amazonaws.com`
    const url = await signed().aws.presign('sts', {
      url: `https://${host}/?Action=GetCallerIdentity&Version=2011-06-15`,
      headers: { 'x-k8s-aws-id': 'my-cluster' },
      expiresSeconds: 60,
    })
    const theirUrl = await theirs('sts').presign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: host,
        path: '/',
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host, 'x-k8s-aws-id': 'my-cluster' },
      },
      { signingDate: new Date(now), expiresIn: 60, unhoistableHeaders: new Set(['x-k8s-aws-id']) },
    )
    const ours = Object.fromEntries(new URL(url).searchParams)
    assert.deepEqual(ours, { ...theirUrl.query })
    assert.equal(ours['X-Amz-SignedHeaders'], 'host;x-k8s-aws-id')
  })

  it('go where a service is overridden, to China’s domain, or to the region’s own', () => {
    const aws = signedAws({
      region,
      credentials: async () => credentials,
      endpoints: { ssm: 'http://l:1/', all: 'http://l:2' },
    })
    assert.equal(endpointOf(aws, 'ssm', region), 'http://l:1')
    assert.equal(endpointOf(aws, 'eks', region), 'http://l:2')
    const plain = { override: () => undefined }
    assert.equal(endpointOf(plain, 'eks', 'cn-north-1'), 'https://eks.cn-north-1.amazonaws.com.cn')
    assert.equal(endpointOf(plain, 'eks', region), `https://eks.${region}.amazonaws.com`)
  })
})

describe('refusals of AWS', () => {
  const failure = (body: string, headers: Record<string, string> = {}, status = 400) =>
    awsFailure('ssm', new Response(body, { status, headers }), 'GetParameter /a')

  it('become errors with service, code and status, from JSON, a header or XML', async () => {
    const text = 'User: arn:aws:sts::1:assumed-role/r is not authorized to perform: ssm:GetParameter'
    const json = await failure(
      JSON.stringify({ __type: 'com.amazonaws.ssm#AccessDeniedException', message: text }),
    )
    assert.ok(json instanceof AwsError)
    assert.deepEqual([json.service, json.code, json.status], ['ssm', 'AccessDeniedException', 400])
    assert.equal(json.message, `ssm GetParameter /a: AccessDeniedException (400): ${text}`)
    const header = await failure('{}', { 'x-amzn-errortype': 'ParameterNotFound:http://internal/' })
    assert.equal(header.code, 'ParameterNotFound')
    const xml = await failure('<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>', {}, 404)
    assert.equal(xml.message, 'ssm GetParameter /a: NoSuchBucket (404): no')
    assert.equal((await failure('<html>proxy</html>')).message, 'ssm GetParameter /a: Unknown (400)')
  })

  it('say nothing of what was signed, and are bounded', async () => {
    const message = 'The canonical request should have been\nx-amz-security-token:SECRET'
    const signature = await failure(JSON.stringify({ __type: 'InvalidSignatureException', message }))
    assert.doesNotMatch(signature.message, /SECRET|canonical/)
    const long = await failure(JSON.stringify({ __type: 'X', message: 'y'.repeat(5000) }))
    assert.ok(long.message.length < 400)
  })
})
