/** The ingress over HTTP on Node. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { type Queue, systemClock } from '../../lib/index.ts'
import { ingressApp } from '../../lib/ingress/http.ts'
import { serveReviews } from '../../lib/review/node.ts'
import { fakeClock } from '../fake-clock.ts'
import { siteOperator } from '../site.ts'
import { ingressContract } from './http.contract.ts'
import { ingressStage } from './stage.ts'

ingressContract('on Node', async (senders) => {
  const { app, seen, set } = ingressStage(senders)
  const server = await serveReviews(app, { clock: systemClock })
  return {
    send: (path, init) => fetch(`${server.url}${path}`, init),
    set: async (conditions) => set(conditions),
    seen: async () => seen(),
    close: () => server.close(0),
  }
})

const queue: Queue = { send: async () => {} }

describe('the ingress and who does not end', () => {
  it('cuts off a body that never ends', async () => {
    const app = ingressApp(siteOperator(), { senders: [], queue, clock: systemClock, report() {} })
    const server = await serveReviews(app, { clock: systemClock })
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
    await server.close(0)
    assert.match(answer, /^HTTP\/1.1 413 /)
    assert.match(answer, /connection: close/i)
  })

  it('gives up on a body that does not come, after 10 seconds', async () => {
    const clock = fakeClock()
    const app = ingressApp(siteOperator(), { senders: [], queue, clock, report() {} })
    const body = new ReadableStream({ pull: () => new Promise(() => {}) })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    const asked = app.request('/changes', init)
    await clock.advance(10_000)
    assert.equal((await asked).status, 408)
  })
})
