/** Function URLs: a request there and back, as text and as bytes, over HTTP and TLS. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:https'
import { after, before, describe, it } from 'node:test'
import { startUrl } from '../../infra/aws/local/url.ts'
import { makeCertificate } from '../../lib/review/certificate.ts'
import { bundled, type TestFunction, testFunction } from './bundled.ts'

let fn: TestFunction
let url = ''
let close = async () => {}
before(async () => {
  fn = testFunction(await bundled('page'))
  ;({ url, close } = await startUrl({ fn }))
})
after(async () => {
  await close()
  await fn.close()
})

describe('a function URL', () => {
  it('hands a request over in payload format 2.0', async () => {
    const response = await fetch(`${url}/v1/a%20b?x=1&y=2&x=3`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=1; b=2', 'X-Custom': 'Yes' },
      body: '{"ä":1}',
    })
    assert.equal(response.status, 200)
    const event = (await response.json()) as Record<string, unknown>
    assert.partialDeepStrictEqual(event, {
      version: '2.0',
      rawPath: '/v1/a%20b',
      rawQueryString: 'x=1&y=2&x=3',
      queryStringParameters: { x: '1,3', y: '2' },
      cookies: ['a=1', 'b=2'],
      headers: { 'content-type': 'application/json', 'x-custom': 'Yes' },
      requestContext: { http: { method: 'POST', path: '/v1/a%20b', sourceIp: '127.0.0.1' } },
      body: '{"ä":1}',
      isBase64Encoded: false,
    })
  })

  it('carries bytes both ways, and status, headers and cookies back', async () => {
    const body = new Uint8Array([0, 255, 128, 10])
    const headers = { 'content-type': 'application/octet-stream' }
    const response = await fetch(`${url}/bytes`, { method: 'PUT', body, headers })
    assert.equal(response.status, 201)
    assert.equal(response.headers.get('x-count'), '3')
    assert.deepEqual(response.headers.getSetCookie(), ['a=1; Path=/', 'b=2'])
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body)
  })

  it('takes a result without a status for a body', async () => {
    const response = await fetch(`${url}/plain`)
    assert.equal(response.headers.get('content-type'), 'application/json')
    assert.deepEqual(await response.json(), { answer: 42 })
  })

  it('answers 502 without particulars when the function fails, and 413 to what is too large', async () => {
    const failed = await fetch(`${url}/fail`)
    assert.equal(failed.status, 502)
    assert.deepEqual(await failed.json(), { Message: 'Internal Server Error' })
    const large = await fetch(url, { method: 'POST', body: new Uint8Array(6 * 1024 * 1024 + 1) })
    assert.equal(large.status, 413)
  })

  it('is served over TLS where it has a certificate', async () => {
    const { ca, ...tls } = await makeCertificate(['127.0.0.1'], Date.now())
    const secure = await startUrl({ fn, tls })
    const asked = request(`${secure.url}/plain`, { ca, agent: false }).end()
    const [response] = await once(asked, 'response')
    response.resume()
    assert.equal(response.statusCode, 200)
    await secure.close()
  })
})
