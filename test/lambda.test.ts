/** HTTP behind a function URL: what an app is asked for an event, and what Lambda is given for its response. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type UrlEvent, urlHandler } from '../lib/lambda.ts'

const event = (part: Partial<UrlEvent> & { method?: string } = {}): UrlEvent => ({
  rawPath: '/a/b%20c',
  rawQueryString: '',
  headers: { 'content-type': 'text/plain' },
  isBase64Encoded: false,
  requestContext: { domainName: 'x.lambda-url.aws', http: { method: part.method ?? 'POST' } },
  ...part,
})

/** What the app is asked. */
async function askedBy(one: UrlEvent): Promise<{ request: Request; body: string }> {
  let asked: { request: Request; body: string } | undefined
  await urlHandler(async (request) => {
    asked = { request, body: await request.text() }
    return new Response()
  })(one)
  assert.ok(asked, 'the app was not asked')
  return asked
}

describe('a handler behind a function URL', () => {
  it('asks with the method, the URL, the headers and the body of the event', async () => {
    const { request, body } = await askedBy(event({ rawQueryString: 'timeout=5s&a=%20', body: 'é' }))
    assert.equal(request.method, 'POST')
    assert.equal(request.url, 'https://x.lambda-url.aws/a/b%20c?timeout=5s&a=%20')
    assert.equal(request.headers.get('content-type'), 'text/plain')
    assert.equal(body, 'é')
  })

  it('takes bodies in base64, and none', async () => {
    const bytes = Buffer.from([0, 255, 128, 10])
    let got: Uint8Array | undefined
    const keep = urlHandler(async (request) => {
      got = new Uint8Array(await request.arrayBuffer())
      return new Response()
    })
    await keep(event({ body: bytes.toString('base64'), isBase64Encoded: true }))
    assert.deepEqual(got, new Uint8Array(bytes))
    const { request } = await askedBy(event({ method: 'GET' }))
    assert.equal(request.body, null)
  })

  it('says how long the body is, whatever the sender said', async () => {
    const { request } = await askedBy(event({ body: 'éé', headers: { 'content-length': '1' } }))
    assert.equal(request.headers.get('content-length'), '4')
  })

  it('passes headers on that are not ASCII, percent-encoded', async () => {
    const { request } = await askedBy(event({ headers: { 'ce-subject': 'wäb', absent: undefined } }))
    assert.equal(request.headers.get('ce-subject'), 'w%C3%A4b')
    assert.equal(request.headers.get('absent'), null)
  })

  it('gives Lambda the status, the headers and the body', async () => {
    const handler = urlHandler(() => new Response('no', { status: 404, headers: { 'x-why': 'so' } }))
    assert.deepEqual(await handler(event()), {
      statusCode: 404,
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'x-why': 'so' },
      body: 'no',
      isBase64Encoded: false,
    })
  })

  it('answers 400 to what cannot be a request, and the app is not asked', async () => {
    const handler = urlHandler(() => assert.fail('asked'))
    const wrong = [
      event({ body: '%', isBase64Encoded: true }),
      event({ headers: { 'a b': 'c' } }),
      event({ method: 'GET', body: 'a GET has none' }),
    ]
    for (const one of wrong) assert.equal((await handler(one)).statusCode, 400)
  })

  it('throws what the app throws, and says of another format which one it must be', async () => {
    const failing = urlHandler(() => Promise.reject(new Error('mine')))
    await assert.rejects(failing(event()), /^Error: mine$/)
    const { requestContext: _, ...v1 } = event()
    await assert.rejects(failing(v1 as UrlEvent), /payload format must be 2\.0/)
  })
})
