/** The transport over `fetch`, on Node and in workerd, against the embedded API server and real sockets on loopback. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import test, { after, before, describe, it } from 'node:test'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { ApiError, type Kube } from '../../lib/kube.ts'
import { fetchTransport } from '../../lib/kube/fetch.ts'
import { startWorkerd, type Workerd } from '../cloudflare/workerd.ts'
import { kubeContract } from '../kube.contract.ts'
import { type BridgeConfig, bridgedKube } from './bridge.ts'
import { kubeTo } from './fetch.worker.ts'
import { configMaps } from './script.ts'
import { sendJson, startScripted, statusOf } from './server.ts'

const key = { namespace: 'default', name: 'a' }
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key }

let workerd: Workerd
before(async () => {
  workerd = await startWorkerd('test/kube/fetch.worker.ts')
})
after(() => workerd[Symbol.asyncDispose]())

const places: [string, (config: BridgeConfig) => Kube][] = [
  ['in workerd', (config) => bridgedKube(workerd.url, config)],
  ['on Node', kubeTo],
]

for (const [place, connectTo] of places) {
  kubeContract(`fetch ${place} against the embedded API server`, async () => {
    const server = await startApiServer()
    const { expireHistory, close } = server
    return { kube: connectTo({ server: server.url }), expireHistory, close }
  })

  describe(`fetch ${place}`, { concurrency: true }, () => cases(connectTo))
}

function cases(connectTo: (config: BridgeConfig) => Kube) {
  it('puts the path of the server URL before every path, and sends what a call says', async () => {
    await using server = await startScripted((_, response) => sendJson(response, object))
    const kube = connectTo({ server: `${server.url}/k8s/clusters/c-1/`, tokens: ['t'] })
    assert.deepEqual(await kube.get(configMaps, key), object)
    await kube.delete(configMaps, key, { uid: 'u' })
    const [got, deleted] = server.seen
    assert.equal(got?.url, '/k8s/clusters/c-1/api/v1/namespaces/default/configmaps/a')
    const { accept, authorization, 'user-agent': agent } = got?.headers ?? {}
    assert.deepEqual([accept, authorization, agent], ['application/json', 'Bearer t', 'fairlead'])
    assert.match(deleted?.body ?? '', /"uid":"u"/)
    assert.equal(deleted?.headers['content-type'], 'application/json')
  })

  it('asks for a watch without compression, which holds changes back', async () => {
    await using server = await startScripted((_, response) => response.end())
    for await (const line of connectTo({ server: server.url }).watch(configMaps, { timeoutSeconds: 5 }))
      assert.fail(line.type)
    assert.equal(server.seen[0]?.headers['accept-encoding'], 'identity')
  })

  it('puts lines and characters together that are cut between packets', async () => {
    const data = { a: 'żółć 🪢 漢字' }
    const line = JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a' }, data } })
    const bytes = Buffer.from(`${line}\n${line}\n`)
    await using server = await startScripted((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const next = (from: number) => {
        if (from >= bytes.length) return response.end()
        response.write(bytes.subarray(from, from + 1), () => setImmediate(next, from + 1))
      }
      next(0)
    })
    const got: unknown[] = []
    for await (const one of connectTo({ server: server.url }).watch(configMaps, { timeoutSeconds: 5 }))
      got.push(one)
    assert.deepEqual(got, [JSON.parse(line), JSON.parse(line)])
  })

  it('A4: takes a stream that the server cuts for a broken stream and not for its end', async () => {
    await using server = await startScripted((seen, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`, () =>
        setImmediate(() => seen.socket.destroy()),
      )
    })
    const watching = connectTo({ server: server.url }).watch(configMaps, { timeoutSeconds: 5 })
    assert.deepEqual((await watching.next()).value, { type: 'ADDED', object })
    await assert.rejects(watching.next(), { code: 0, reason: 'Unreachable' })
  })

  it('takes an answer that breaks off for none', async () => {
    await using server = await startScripted((seen, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"kind":', () => setImmediate(() => seen.socket.destroy()))
    })
    const getting = connectTo({ server: server.url }).get(configMaps, key)
    await assert.rejects(getting, { code: 0, reason: 'Unreachable' })
  })

  it('ends a request that waits and a watch that is silent by an abort, with its reason, and their connections', async () => {
    const reason = new Error('deadline')
    await using server = await startScripted((seen, response) => {
      if (seen.url.includes('watch')) response.writeHead(200).flushHeaders()
    })
    const kube = connectTo({ server: server.url })
    const abort = new AbortController()
    const { signal } = abort
    const getting = assert.rejects(kube.get(configMaps, key, { signal }), (error) => error === reason)
    const watching = kube.watch(configMaps, { timeoutSeconds: 5, signal })
    const silent = assert.rejects(watching.next(), (error) => error === reason)
    await until(() => server.seen.length === 2)
    const closed = closings(server.sockets)
    abort.abort(reason)
    await Promise.all([getting, silent, closed])
  })

  it('closes the connection of a watch that is left early', async () => {
    await using server = await startScripted((_, response) => {
      response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    })
    for await (const _ of connectTo({ server: server.url }).watch(configMaps, { timeoutSeconds: 5 })) break
    await closings(server.sockets)
  })

  it('asks again for a GET whose connection was lost, once, and not for a POST', async () => {
    let lost = 1
    await using server = await startScripted((seen, response) => {
      if (lost-- > 0) seen.socket.destroy()
      else sendJson(response, object)
    })
    const kube = connectTo({ server: server.url })
    assert.deepEqual(await kube.get(configMaps, key), object)
    assert.equal(server.seen.length, 2)
    lost = 2
    await assert.rejects(kube.get(configMaps, key), { code: 0, reason: 'Unreachable' })
    assert.equal(server.seen.length, 4)
    lost = 1
    await assert.rejects(kube.create(configMaps, object), { reason: 'Unreachable', message: /was lost$/ })
    assert.equal(server.seen.length, 5, 'a POST may have done its work')
  })

  it('names a server that is not there, and no token', async () => {
    const server = await startScripted(() => {})
    await server[Symbol.asyncDispose]()
    const getting = connectTo({ server: server.url, tokens: ['hunter2'] }).get(configMaps, key)
    await assert.rejects(getting, (error) => {
      assert(error instanceof ApiError)
      assert.deepEqual([error.code, error.reason], [0, 'Unreachable'])
      assert(error.message.startsWith(`get ConfigMap default/a: no answer from ${server.url}: `))
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  })

  it('gives up a server that never answers, and waits for one that has begun to', async () => {
    await using server = await startScripted((seen, response) => {
      if (!seen.url.includes('watch')) return
      response.flushHeaders()
      setTimeout(() => response.end(), 150)
    })
    const kube = connectTo({ server: server.url, answerSeconds: 0.05 })
    await assert.rejects(kube.get(configMaps, key), { message: /nothing came within 0.05 s$/ })
    for await (const line of kube.watch(configMaps, { timeoutSeconds: 5 })) assert.fail(line.type)
  })

  it('asks for fresh credentials once after a 401, and throws what is refused again', async () => {
    await using server = await startScripted((seen, response) =>
      seen.headers.authorization === 'Bearer new'
        ? sendJson(response, object)
        : sendJson(response, statusOf(401, 'Unauthorized', 'Unauthorized'), 401),
    )
    const kube = connectTo({ server: server.url, tokens: ['old', 'new'] })
    assert.deepEqual(await kube.get(configMaps, key), object)
    assert.equal(server.seen.length, 2)
    const hopeless = connectTo({ server: server.url, tokens: ['bad'] })
    await assert.rejects(hopeless.get(configMaps, key), { code: 401, reason: 'Unauthorized' })
    assert.equal(server.seen.length, 3)
  })

  it('follows no redirect, and says where it led without what the address holds', async () => {
    await using elsewhere = await startScripted((_, response) => sendJson(response, object))
    for (const [status, location, place] of [
      [302, `${elsewhere.url}/login?token=hunter2`, elsewhere.url],
      [307, '/other', ''],
      [308, 'https://[', 'elsewhere'],
    ] as const) {
      await using server = await startScripted((_, response) => {
        response.writeHead(status, { location }).end('<html>')
      })
      const getting = connectTo({ server: server.url, tokens: ['t'] }).get(configMaps, key)
      await assert.rejects(getting, (error) => {
        assert(error instanceof ApiError)
        assert.equal(error.reason, 'Unreachable')
        assert.match(error.message, /the API server's own address, and behind Cloudflare Access/)
        assert(error.message.includes(`redirects (${status}) to ${place || server.url}, `), error.message)
        assert.doesNotMatch(error.message, /hunter2|html/)
        return true
      })
    }
    assert.equal(elsewhere.seen.length, 0)
  })

  it('says what Cloudflare means by its codes, and leaves the API server its own', async () => {
    let status = 526
    await using server = await startScripted((_, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>')
    })
    const kube = connectTo({ server: server.url })
    await assert.rejects(kube.get(configMaps, key), {
      reason: 'Unreachable',
      message: /does not trust its certificate \(526\), .* Workers VPC service \("via"\)/,
    })
    status = 530
    await assert.rejects(kube.get(configMaps, key), { message: /its tunnel is down \(530\)$/ })
    status = 500
    await assert.rejects(kube.get(configMaps, key), { code: 500, reason: 'InternalError' })
  })
}

test('an address that is no http URL fails at once; its path and an IPv6 host are no trouble', () => {
  assert.throws(() => fetchTransport({ server: 'kube.example:6443' }), /must be an http or https URL/)
  assert.equal(fetchTransport({ server: 'https://[::1]:6443/a' }).server, 'https://[::1]:6443')
})

test('requests go through the `fetch` that is given, with what the platform is to know', async () => {
  const asked: [string, RequestInit][] = []
  const transport = fetchTransport({
    server: 'https://kubernetes.default.svc',
    async fetch(url, init) {
      asked.push([url, init])
      return new Response('{}')
    },
  })
  await transport.send({ method: 'GET', path: '/api', headers: { accept: 'application/json' } })
  const [url, init] = asked[0] ?? []
  assert.equal(url, 'https://kubernetes.default.svc/api')
  assert.deepEqual([init?.redirect, init?.cache], ['manual', 'no-store'])
})

/** All of these are closed. */
const closings = (sockets: Iterable<Socket>) =>
  Promise.all(
    [...sockets].map((socket) => socket.destroyed || new Promise((resolve) => socket.on('close', resolve))),
  )

/** Waits for something that other callbacks bring about. */
async function until(isSo: () => boolean) {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
