/** The sender's side: a queue that posts to an ingress, against one, and against what may stand in its place. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type Message, type Queue, systemClock } from '../../lib/index.ts'
import { MOST_BYTES } from '../../lib/ingress.ts'
import { ingressApp } from '../../lib/ingress/http.ts'
import { bodiesOf, type Credentials, ingressQueue } from '../../lib/ingress/send.ts'
import { type ReviewServer, serveReviews } from '../../lib/review/node.ts'
import { fakeClock } from '../fake-clock.ts'
import { wakeMessage } from '../ingress.samples.ts'
import { siteOperator } from '../site.ts'
import { bothSenders, type Issuer, SECRET as secret, startIssuer } from './issuer.ts'

const many = (count: number, more: Partial<Message> = {}) =>
  Array.from({ length: count }, (_, index) => ({ ...wakeMessage(`site-${index}`), ...more }))

describe('sending to an ingress', () => {
  const sent: (readonly Message[])[] = []
  const queue: Queue = { send: async (messages) => void sent.push(messages) }
  let issuer: Issuer
  let server: ReviewServer
  before(async () => {
    issuer = await startIssuer()
    const senders = bothSenders(issuer)
    const app = ingressApp(siteOperator(), { senders, queue, clock: systemClock, report() {} })
    server = await serveReviews(app, { clock: systemClock })
  })
  after(async () => {
    await server.close(0)
    await issuer.close()
  })

  const toIngress = (credentials: Credentials, url = `${server.url}/changes`) =>
    ingressQueue({ url, credentials, clock: systemClock })

  it('puts messages on the queue at the other end, with a token that is read each time, or a key', async () => {
    let reads = 0
    const token = async () => {
      reads++
      return `${await issuer.token()}\n`
    }
    const messages = many(3, { origin: 'u-1:7', resourceVersion: '7' })
    for (const credentials of [{ token }, { token }, { key: { id: 'keyed/k1', secret } }]) {
      sent.length = 0
      await toIngress(credentials).send(messages)
      assert.deepEqual(sent, [messages])
    }
    assert.equal(reads, 2)
    sent.length = 0
    await toIngress({ token }).send([])
    assert.deepEqual(sent, [])
  })

  it('splits what is more than one request may hold, by count and by bytes', async () => {
    sent.length = 0
    await toIngress({ key: { id: 'keyed/k1', secret } }).send(many(2_500))
    assert.deepEqual(
      sent.map((batch) => batch.length),
      [1000, 1000, 500],
    )
    const large = many(200, { causes: Array(16).fill('ü'.repeat(512)) })
    const bodies = bodiesOf(large)
    assert.ok(bodies.length > 2 && bodies.every(({ length }) => length <= MOST_BYTES), `${bodies.length}`)
    const back = bodies.flatMap((body) => JSON.parse(new TextDecoder().decode(body)).messages)
    assert.deepEqual(back, large)
    sent.length = 0
    await toIngress({ key: { id: 'keyed/k1', secret } }).send(large)
    assert.deepEqual(sent.flat(), large)
  })

  it('throws with the host, the status and the reason, and without credentials', async () => {
    const token = await issuer.token({ aud: 'else' })
    await assert.rejects(toIngress({ token: async () => token }).send(many(1)), ({ message }: Error) => {
      assert.match(message, /^ingress 127\.0\.0\.1:\d+: 401: the token or key .* FAIRLEAD_INGRESS allows$/)
      return !message.includes(token)
    })
    const west = toIngress({ key: { id: 'keyed/k1', secret } }).send(many(1, { cluster: 'west' }))
    await assert.rejects(west, /: 403: nothing is taken: entry 0: cluster: must be the sender's$/)
    const bad = toIngress({ key: { id: 'keyed/k1', secret } }).send(many(1, { controller: 'sight' }))
    await assert.rejects(
      bad,
      /: 422: nothing is taken: entry 0: controller: must be one of operator "sites"$/,
    )
    await assert.rejects(
      toIngress({ token: () => Promise.reject(new Error('no such file')) }).send(many(1)),
      /^Error: no such file$/,
    )
  })

  it('sends credentials to an https URL or to loopback, and to no other', () => {
    const credentials = { token: async () => 'x' }
    for (const url of ['http://example.com/changes', 'ftp://localhost', 'https://a:b@example.com', 'text'])
      assert.throws(() => toIngress(credentials, url), /^Error: ingress: the URL must be an https URL/, url)
    for (const url of ['https://example.com/changes', 'http://localhost:1', 'http://[::1]:1/changes'])
      assert.ok(toIngress(credentials, url))
  })
})

describe('sending to what is no ingress', () => {
  let server: Server
  let url: string
  const asked: string[] = []
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const [, kind] = (request.url ?? '').split('/')
      if (kind === 'redirect') response.writeHead(307, { location: '/elsewhere' }).end()
      else if (kind === 'login') response.writeHead(200).end('<html>')
      else if (kind === 'broken') response.writeHead(502).end('<html>')
      else if (kind === 'cut') request.socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const send = (path: string, clock = systemClock) =>
    ingressQueue({ url: `${url}/${path}`, credentials: { token: async () => 'x' }, clock }).send(many(1))

  it('follows no redirect, and takes no answer but 202 for one', async () => {
    await assert.rejects(send('redirect'), /: 307: a redirect, which is not followed$/)
    assert.ok(!asked.includes('/elsewhere'))
    await assert.rejects(send('login'), /: 200$/)
    await assert.rejects(send('broken'), /: 502$/)
    await assert.rejects(send('cut'), /^Error: ingress 127\.0\.0\.1:\d+: fetch failed/)
  })

  it('gives up after half a minute', async () => {
    const clock = fakeClock()
    const sending = assert.rejects(send('silent', clock), /: no answer within 30 s$/)
    await clock.advance(30_000)
    await sending
  })
})
