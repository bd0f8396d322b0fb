/** The ingress over HTTP: what may come from outside, and the exact answer to each. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Happening, type Message, type Queue, systemClock } from '../../lib/index.ts'
import { MOST_BYTES } from '../../lib/ingress.ts'
import { signatureOf } from '../../lib/ingress/hmac.ts'
import { ingressApp } from '../../lib/ingress/http.ts'
import { type ReviewServer, serveReviews } from '../../lib/review/node.ts'
import { fakeClock } from '../fake-clock.ts'
import { auditEvent, eventList, knative, wakeMessage } from '../ingress.samples.ts'
import { siteOperator } from '../site.ts'
import { bothSenders, type Issuer, SECRET as secret, startIssuer } from './issuer.ts'

const operator = siteOperator()
const siteRef = { apiVersion: 'test.fairlead.dev/v1', kind: 'Site', namespace: 'default', name: 'docs' }

describe('the ingress over HTTP', () => {
  const happenings: Happening[] = []
  const sent: Message[] = []
  let failure: Error | undefined
  const queue: Queue = {
    async send(messages) {
      if (failure !== undefined) throw failure
      sent.push(...messages)
    },
  }
  let issuer: Issuer
  let server: ReviewServer
  before(async () => {
    issuer = await startIssuer()
    const senders = bothSenders(issuer)
    const report = (happening: Happening) => void happenings.push(happening)
    const app = ingressApp(operator, { senders, queue, clock: systemClock, report, cooldownSeconds: 0 })
    server = await serveReviews(app, { clock: systemClock })
  })
  beforeEach(() => {
    failure = undefined
    happenings.length = 0
    sent.length = 0
  })
  after(async () => {
    await server.close(0)
    await issuer.close()
  })

  const JSON_TYPE = { 'content-type': 'application/json' }
  async function post(body: unknown, headers: Record<string, string> = JSON_TYPE) {
    const token = 'authorization' in headers ? undefined : `Bearer ${await issuer.token()}`
    const response = await fetch(`${server.url}/changes`, {
      method: 'POST',
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      headers: { ...(token !== undefined && { authorization: token }), ...headers },
    })
    const text = await response.text()
    const { status } = response
    return {
      status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    }
  }

  it('puts a batch of messages on the queue, once for each time that it is sent', async () => {
    const messages = [wakeMessage('docs'), { ...wakeMessage('home'), origin: 'u-1:7' }]
    for (const _ of [1, 2]) {
      const { status, body } = await post({ messages })
      assert.deepEqual([status, body], [202, { accepted: 2, ignored: 0 }])
    }
    assert.deepEqual(sent, [...messages, ...messages])
    assert.deepEqual(happenings[0], { type: 'received', sender: 'east', code: 202, accepted: 2, ignored: 0 })
  })

  it('takes an empty batch, and leaves the queue alone', async () => {
    failure = new Error('asked')
    for (const body of [{ messages: [] }, eventList()])
      assert.deepEqual((await post(body)).body, { accepted: 0, ignored: 0 })
    assert.equal((await post([], { 'content-type': 'application/cloudevents-batch+json' })).status, 202)
  })

  it('takes CloudEvents structured, batched and binary, and audit events', async () => {
    const told = { ...wakeMessage('docs'), causes: ['changed'] }
    const event = knative('ref.update', siteRef)
    const { data: _, ...attributes } = event
    const headers = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]),
    )
    const ref = { resource: 'sites', apiGroup: 'test.fairlead.dev', namespace: 'default', name: 'docs' }
    const ways: [unknown, Record<string, string>][] = [
      [event, { 'content-type': 'application/cloudevents+json' }],
      [event, { 'content-type': 'application/cloudevents+json; charset=UTF-8' }],
      [[event], { 'content-type': 'application/cloudevents-batch+json' }],
      [siteRef, { ...JSON_TYPE, ...headers }],
      [eventList(auditEvent('patch', ref)), JSON_TYPE],
    ]
    for (const [body, type] of ways) {
      sent.length = 0
      const answer = await post(body, type)
      assert.deepEqual([answer.status, answer.body, sent], [202, { accepted: 1, ignored: 0 }, [told]])
    }
    const nameless = await post(eventList(auditEvent('deletecollection', { ...ref, name: undefined })))
    assert.deepEqual(nameless.body, {
      accepted: 0,
      ignored: 1,
      because: { 'no name (a deletecollection, or a create by generateName)': 1 },
    })
  })

  const sign = (text: string, format = 'json') =>
    signatureOf({ id: 'keyed/k1', secret }, { body: new TextEncoder().encode(text), format }, Date.now())

  it('takes a batch that is signed with a key, and not with its body changed', async () => {
    const body = JSON.stringify({ messages: [wakeMessage('docs')] })
    assert.equal((await post(body, { ...JSON_TYPE, authorization: await sign(body) })).status, 202)
    assert.equal((await post(body, { ...JSON_TYPE, authorization: await sign(`${body} `) })).status, 401)
    assert.equal(sent.length, 1)
  })

  it('reads what is signed as it was signed, and takes no signed event whose attributes are headers', async () => {
    const event = JSON.stringify(knative('ref.update', siteRef))
    const structured = { 'content-type': 'application/cloudevents+json' }
    const send = async (format: string, headers: Record<string, string>) =>
      (await post(event, { ...headers, authorization: await sign(event, format) })).status
    assert.equal(await send('cloudevent', structured), 202)
    assert.equal(await send('json', structured), 401)
    assert.equal(await send('cloudevent', JSON_TYPE), 401)
    for (const format of ['json', 'binary'])
      assert.equal(await send(format, { ...JSON_TYPE, 'ce-specversion': '1.0' }), 415)
    assert.equal(sent.length, 1)
  })

  it('answers 401, always the same, to whoever it does not know, whatever they send', async () => {
    const basic = { messages: [wakeMessage('docs')] }
    const wrong = [
      '',
      'Bearer',
      'Bearer x.y.z',
      'Basic YTpi',
      `Bearer ${await issuer.token({ aud: 'else' })}`,
    ]
    for (const authorization of wrong)
      for (const body of [basic, 'no JSON', '']) {
        const answer = await post(body, { ...JSON_TYPE, authorization })
        assert.deepEqual(
          [answer.status, answer.body],
          [401, { error: 'who is asking is not known' }],
          authorization,
        )
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer, Fairlead-HMAC-SHA256')
      }
    assert.deepEqual(sent, [])
    assert.ok(
      happenings.every((one) => one.type === 'received' && one.code === 401 && one.sender === undefined),
    )
  })

  it('answers 403 for a message of another cluster, and sends none', async () => {
    const messages = [wakeMessage('docs'), { ...wakeMessage('docs'), cluster: 'west' }]
    const { status, body } = await post({ messages })
    assert.equal(status, 403)
    assert.deepEqual(body.problems, [{ index: 1, field: 'cluster', rule: "must be the sender's" }])
    assert.deepEqual(sent, [])
  })

  it('refuses what it cannot read, with the rule, and sends nothing of it', async () => {
    const good = JSON.stringify({ messages: [wakeMessage('docs')] })
    const deep = `{"messages":${'['.repeat(300)}${']'.repeat(300)}}`
    const text = { 'content-type': 'text/plain' }
    const cases: [string, string | Uint8Array, Record<string, string>, number, RegExp][] = [
      ['empty', '', JSON_TYPE, 400, /^the body is empty$/],
      ['truncated', good.slice(0, -2), JSON_TYPE, 400, /^the body is not JSON$/],
      ['deep', deep, JSON_TYPE, 400, /^the body is nested more than 200 levels deep$/],
      ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), JSON_TYPE, 400, /^the body is not UTF-8$/],
      [
        'large',
        Buffer.alloc(MOST_BYTES + 1, ' '),
        JSON_TYPE,
        413,
        /^the body must be 1048576 bytes at most$/,
      ],
      ['text', good, text, 415, /^content type must be application\/json, /],
      ['latin', good, { 'content-type': 'application/json; charset=latin1' }, 415, /^content type must be/],
      ['zipped', good, { ...JSON_TYPE, 'content-encoding': 'gzip' }, 415, /and not encoded;/],
      ['no batch', '[]', JSON_TYPE, 400, /^nothing is taken: body: Invalid input/],
      ['polluting', '{"__proto__":{"messages":[]}}', JSON_TYPE, 400, /body.messages/],
      ['binary, partly', '{}', { ...JSON_TYPE, 'ce-specversion': '1.0' }, 422, /entry 0: id: /],
    ]
    for (const [name, body, headers, code, message] of cases) {
      const answer = await post(body, headers)
      assert.equal(answer.status, code, name)
      assert.match(String(answer.body.error), message, name)
    }
    assert.deepEqual(sent, [])
    assert.equal((await post(good)).status, 202)
  })

  it('sends nothing of a batch with one bad entry, and names it; of many it names some', async () => {
    const messages = [wakeMessage('docs'), { ...wakeMessage('docs'), name: '' }]
    const { status, body } = await post({ messages })
    assert.equal(status, 422)
    assert.match(String(body.error), /^nothing is taken: entry 1: name: /)
    const many = await post({ messages: Array(900).fill({}) })
    assert.equal((many.body.problems as unknown[]).length, 16)
    assert.equal((await post({ messages: Array(1001).fill(wakeMessage('docs')) })).status, 413)
    assert.deepEqual(sent, [])
  })

  it('cuts off a body that never ends', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const head = [
      'POST /changes HTTP/1.1',
      'host: x',
      'content-type: application/json',
      'transfer-encoding: chunked',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    socket.on('error', () => {})
    const piece = `10000\r\n${' '.repeat(0x10000)}\r\n`
    let answer = ''
    for await (const data of (function write() {
      for (let i = 0; i < 20; i++) socket.write(piece)
      return socket
    })()) {
      answer += String(data)
      if (answer.includes('\r\n\r\n')) break
    }
    socket.destroy()
    assert.match(answer, /^HTTP\/1.1 413 /)
    assert.match(answer, /connection: close/i)
  })

  it('answers 503 while the queue does not take it, so that the sender sends it again', async () => {
    failure = new Error('throttled')
    const batch = { messages: [wakeMessage('docs')] }
    const { status, headers, body } = await post(batch)
    assert.deepEqual([status, headers.get('retry-after')], [503, '5'])
    assert.deepEqual(body, { error: 'the queue does not take it' })
    const detail = 'the queue does not take it: throttled'
    assert.deepEqual(happenings, [
      { type: 'received', sender: 'east', code: 503, accepted: 0, ignored: 0, detail },
    ])
    failure = undefined
    assert.equal((await post(batch)).status, 202)
  })

  it('answers 503 while the keys of an issuer cannot be had', async () => {
    const token = await issuer.token({}, { kid: 'new' })
    issuer.serves.set('/openid/v1/jwks', 500)
    const { status, headers, body } = await post(
      { messages: [] },
      { ...JSON_TYPE, authorization: `Bearer ${token}` },
    )
    assert.deepEqual([status, headers.get('retry-after')], [503, '5'])
    assert.deepEqual(body, { error: 'who is asking cannot be checked now' })
    await issuer.publish('k1')
  })

  it('is healthy, and answers 404 to every other path and method', async () => {
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    assert.equal((await fetch(`${server.url}/changes`)).status, 404)
    assert.equal((await fetch(`${server.url}/change`, { method: 'POST' })).status, 404)
  })

  it('reports neither tokens nor what was in a body', async () => {
    await post({ messages: [{ ...wakeMessage('docs'), causes: [7], name: 'marked' }] })
    await post('{"marked":', JSON_TYPE)
    assert.doesNotMatch(JSON.stringify(happenings), /marked|eyJ/)
  })
})

describe('the ingress and slow senders', () => {
  it('gives up on a body that does not come', async () => {
    const clock = fakeClock()
    const queue: Queue = { send: async () => {} }
    const app = ingressApp(operator, { senders: [], queue, clock, report() {} })
    const body = new ReadableStream({ pull: () => new Promise(() => {}) })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    const asked = app.request('/changes', init)
    await clock.advance(10_000)
    assert.equal((await asked).status, 408)
  })
})
