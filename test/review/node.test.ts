/** The review app on a port: TLS, renewed certificates, client certificates, an orderly end. */
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { Agent, get as httpGet } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { Hono } from 'hono'
import { systemClock } from '../../lib/index.ts'
import { makeCertificate } from '../../lib/review/certificate.ts'
import { serveReviews } from '../../lib/review/node.ts'
import { fakeClock } from '../fake-clock.ts'
import { AUTHORITY, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from '../kube/certificates.ts'
import { scratchFolder } from '../scratch.ts'

const app = new Hono().get('/', (context) => context.text('hello'))

/** GETs over a connection of its own; resolves with the text and the server's serial number. */
const get = (url: string, tls: { ca: string; cert?: string; key?: string }) =>
  new Promise<{ text: string; serial: string }>((resolve, reject) => {
    const asking = request(url, { ...tls, agent: false }, (response) => {
      const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ text, serial }))
    })
    asking.on('error', reject)
    asking.end()
  })

/** Certificates in files, as a Secret mounts them. */
function written({ cert, key }: { cert: string; key: string }, folder = scratchFolder()) {
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  for (const [name, text] of [
    [files.cert, cert],
    [files.key, key],
  ] as const) {
    writeFileSync(`${name}.new`, text)
    renameSync(`${name}.new`, name)
  }
  return { ...files, folder }
}

describe('serveReviews', () => {
  it('serves TLS with a certificate that is made for it', async () => {
    const { ca, ...tls } = await makeCertificate(['127.0.0.1', 'reviews.local'], Date.now())
    const server = await serveReviews(app, { clock: systemClock, tls })
    assert.equal((await get(server.url, { ca })).text, 'hello')
    await assert.rejects(get(server.url, { ca: AUTHORITY }), /self-signed|unable to verify|certificate/)
    await server.close()
  })

  it('takes up a renewed certificate, and keeps the old one while the new one is broken', async () => {
    const clock = fakeClock()
    const [first, second] = await Promise.all([
      makeCertificate(['127.0.0.1'], Date.now()),
      makeCertificate(['127.0.0.1'], Date.now()),
    ])
    const files = written(first)
    const errors: unknown[] = []
    const onReload = (error: unknown) => void errors.push(error)
    const server = await serveReviews(app, { clock, tls: { cert: files.cert, key: files.key }, onReload })
    const { serial } = await get(server.url, { ca: first.ca })
    writeFileSync(files.cert, 'broken')
    await clock.advance(10_000)
    assert.equal(errors.length, 1)
    assert.equal((await get(server.url, { ca: first.ca })).serial, serial)
    written(second, files.folder)
    await clock.advance(10_000)
    assert.notEqual((await get(server.url, { ca: second.ca })).serial, serial)
    assert.equal(errors.length, 1)
    await server.close()
    assert.equal(clock.pending(), 0)
  })

  it('answers only clients of its authority where one is given', async () => {
    const files = written({ cert: SERVER_CERT, key: SERVER_KEY })
    const clientCa = join(files.folder, 'ca.crt')
    writeFileSync(clientCa, AUTHORITY)
    const server = await serveReviews(app, {
      clock: systemClock,
      tls: { cert: files.cert, key: files.key, clientCa },
    })
    const known = { ca: AUTHORITY, cert: CLIENT_CERT, key: CLIENT_KEY }
    assert.equal((await get(server.url, known)).text, 'hello')
    await assert.rejects(get(server.url, { ca: AUTHORITY }))
    await server.close()
  })

  it('lets what is asked be answered when it stops, and cuts what takes longer than its grace', async () => {
    const clock = fakeClock()
    const asked: (() => void)[] = []
    const slow = new Hono().get('/', async (context) => {
      await new Promise<void>((answer) => asked.push(answer))
      return context.text('late')
    })
    const server = await serveReviews(slow, { clock })
    const [one, other] = [fetch(server.url), fetch(server.url)]
    other.catch(() => {})
    while (asked.length < 2) await clock.advance(0)
    const closing = server.close(5)
    asked[0]?.()
    assert.equal(await (await one).text(), 'late')
    await assert.rejects(fetch(server.url))
    await clock.advance(5_000)
    await assert.rejects(other)
    await closing
  })

  it('does not wait for connections that their clients keep, as API servers do', async () => {
    const asked: (() => void)[] = []
    const slow = new Hono().get('/', async (context) => {
      await new Promise<void>((answer) => asked.push(answer))
      return context.text('late')
    })
    // A clock that stands still: the grace never ends.
    const server = await serveReviews(slow, { clock: fakeClock() })
    const agent = new Agent({ keepAlive: true })
    const answered = new Promise<string>((resolve, reject) => {
      const asking = httpGet(server.url, { agent }, (response) => {
        response.setEncoding('utf8')
        response.on('data', resolve)
      })
      asking.on('error', reject)
    })
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const closing = server.close(10)
    asked[0]?.()
    assert.equal(await answered, 'late')
    await closing
    agent.destroy()
  })

  it('names the file that cannot be read', async () => {
    const tls = { cert: '/nowhere/tls.crt', key: '/nowhere/tls.key' }
    await assert.rejects(serveReviews(app, { clock: systemClock, tls }), /\/nowhere\/tls\.crt/)
  })
})
