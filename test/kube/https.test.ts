/** The transport against real sockets on loopback: reuse, loss, abort, TLS, credentials, proxies. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as http from 'node:http'
import { type AddressInfo, connect as connectSocket } from 'node:net'
import test from 'node:test'
import type { TLSSocket } from 'node:tls'
import { ApiError, type TransportRequest } from '../../lib/kube.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { connect } from '../../lib/kube/rest.ts'
import {
  AUTHORITY,
  CLIENT_CERT,
  CLIENT_KEY,
  OTHER_AUTHORITY,
  SERVER_CERT,
  SERVER_KEY,
} from './certificates.ts'
import { configMaps } from './script.ts'
import { sendJson, startScripted, statusOf } from './server.ts'

const key = { namespace: 'default', name: 'a' }
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key }
const tls = { cert: SERVER_CERT, key: SERVER_KEY }
const plainGet: TransportRequest = { method: 'GET', path: '/a', headers: {} }

test('one connection serves many requests, TLS or not', async () => {
  for (const secure of [undefined, tls]) {
    await using server = await startScripted((_, response) => sendJson(response, object), secure)
    const transport = httpsTransport({ server: server.url, ca: AUTHORITY })
    const kube = connect(transport)
    for (let count = 0; count < 50; count++) assert.deepEqual(await kube.get(configMaps, key), object)
    await kube.patch(configMaps, key, { type: 'merge', body: {} })
    await kube.delete(configMaps, key, { uid: 'u' })
    assert.equal(server.seen.length, 52)
    assert.equal(server.sockets.size, 1)
    assert.match(server.seen[51]?.body ?? '', /"uid":"u"/)
    transport.close()
  }
})

test('the path of the server URL goes before every path, and an IPv6 host is one', async () => {
  await using server = await startScripted((_, response) => sendJson(response, object))
  const transport = httpsTransport({ server: `${server.url}/k8s/clusters/c-1/` })
  await connect(transport).get(configMaps, key)
  assert.equal(server.seen[0]?.url, '/k8s/clusters/c-1/api/v1/namespaces/default/configmaps/a')
  transport.close()
  assert.equal(httpsTransport({ server: 'https://[::1]:6443' }).server, 'https://[::1]:6443')
})

test('an address that is no http URL, a proxy of another scheme and a certificate that is none fail at once', () => {
  assert.throws(() => httpsTransport({ server: 'kube.example:6443' }), /must be an http or https URL/)
  assert.throws(
    () => httpsTransport({ server: 'https://a', proxy: 'socks5://me:hunter2@b' }),
    (error: Error) => {
      assert.match(error.message, /has the scheme socks5; http and https proxies are supported/)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    },
  )
  assert.throws(() => httpsTransport({ server: 'https://a', cert: 'x', key: 'y' }), /PEM/)
})

test('lines and characters that are cut between packets arrive whole', async () => {
  const line = JSON.stringify({
    type: 'ADDED',
    object: { metadata: { name: 'a' }, data: { a: 'żółć 🪢 漢字' } },
  })
  const bytes = Buffer.from(`${line}\n${line}\n`)
  await using server = await startScripted((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const next = (from: number) => {
      if (from >= bytes.length) return response.end()
      response.write(bytes.subarray(from, from + 1), () => setImmediate(next, from + 1))
    }
    next(0)
  })
  const transport = httpsTransport({ server: server.url })
  const got: unknown[] = []
  for await (const one of connect(transport).watch(configMaps, { timeoutSeconds: 5 })) got.push(one)
  assert.deepEqual(got, [JSON.parse(line), JSON.parse(line)])
  transport.close()
})

test('A4: a stream that the server cuts is a broken stream and not its end', async () => {
  await using server = await startScripted((seen, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`, () =>
      setImmediate(() => seen.socket.destroy()),
    )
  })
  const transport = httpsTransport({ server: server.url })
  const watching = connect(transport).watch(configMaps, { timeoutSeconds: 5 })
  assert.deepEqual((await watching.next()).value, { type: 'ADDED', object })
  await assert.rejects(watching.next(), { code: 0, reason: 'Unreachable' })
  transport.close()
})

test('an abort ends a request that waits and a watch that is silent, with its reason, and closes their connections', async () => {
  const reason = new Error('deadline')
  await using server = await startScripted((seen, response) => {
    if (seen.url.includes('watch')) response.writeHead(200).flushHeaders()
  })
  const transport = httpsTransport({ server: server.url })
  const kube = connect(transport)
  const abort = new AbortController()
  const { signal } = abort
  const getting = assert.rejects(kube.get(configMaps, key, { signal }), (error) => error === reason)
  const watching = kube.watch(configMaps, { timeoutSeconds: 5, signal })
  const silent = assert.rejects(watching.next(), (error) => error === reason)
  await until(() => server.seen.length === 2)
  const closed = [...server.sockets].map((socket) => new Promise((resolve) => socket.on('close', resolve)))
  abort.abort(reason)
  await Promise.all([getting, silent, ...closed])
  transport.close()
})

test('whoever leaves a watch early closes its connection', async () => {
  await using server = await startScripted((_, response) => {
    response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
  })
  const transport = httpsTransport({ server: server.url })
  for await (const _ of connect(transport).watch(configMaps, { timeoutSeconds: 5 })) break
  await Promise.all(
    [...server.sockets].map(
      (socket) => socket.destroyed || new Promise((resolve) => socket.on('close', resolve)),
    ),
  )
  transport.close()
})

test('a kept connection that the server closed meanwhile costs a GET nothing, and is an error to a POST', async () => {
  await using server = await startScripted((seen, response) => {
    // The second request on a connection finds it dead, as one does that crosses the server's own closing.
    if (server.seen.filter((one) => one.socket === seen.socket).length > 1) seen.socket.destroy()
    else sendJson(response, object)
  })
  const transport = httpsTransport({ server: server.url })
  const kube = connect(transport)
  await kube.get(configMaps, key)
  assert.deepEqual(await kube.get(configMaps, key), object)
  assert.equal(server.seen.length, 3)
  await assert.rejects(kube.create(configMaps, object), { code: 0, reason: 'Unreachable' })
  assert.equal(server.seen.length, 4, 'a POST may have done its work')
  transport.close()
})

test('a server that is not there is Unreachable, and its address is named', async () => {
  const server = await startScripted(() => {})
  await server[Symbol.asyncDispose]()
  const transport = httpsTransport({
    server: server.url,
    headers: () => ({ authorization: 'Bearer hunter2' }),
  })
  await assert.rejects(connect(transport).get(configMaps, key), (error) => {
    assert(error instanceof ApiError)
    assert.deepEqual([error.code, error.reason], [0, 'Unreachable'])
    assert(
      error.message.startsWith(`get ConfigMap default/a: no answer from ${server.url}: connect ECONNREFUSED`),
    )
    assert.doesNotMatch(error.message, /hunter2/)
    return true
  })
})

test('a server that never answers is given up', async () => {
  await using server = await startScripted(() => {})
  const transport = httpsTransport({ server: server.url, answerSeconds: 0.02 })
  await assert.rejects(transport.send(plainGet), /nothing came within 0.02 s/)
  transport.close()
})

test('A12: the authority, the name and the wish to skip both decide whom TLS trusts', async () => {
  await using server = await startScripted((_, response) => sendJson(response, object), tls)
  const codeWith = async (config: object) => {
    const transport = httpsTransport({ server: server.url, ...config })
    const answer = connect(transport).get(configMaps, key)
    const code = await answer.then(
      () => 'trusted',
      (error: ApiError) => (error.cause as { code?: string }).code,
    )
    transport.close()
    return code
  }
  assert.equal(await codeWith({ ca: AUTHORITY }), 'trusted')
  assert.equal(await codeWith({ ca: AUTHORITY, serverName: 'kube.example' }), 'trusted')
  assert.equal(await codeWith({ ca: AUTHORITY, serverName: 'other.example' }), 'ERR_TLS_CERT_ALTNAME_INVALID')
  assert.equal(await codeWith({ ca: OTHER_AUTHORITY }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  assert.equal(await codeWith({}), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  assert.equal(await codeWith({ insecureSkipTlsVerify: true }), 'trusted')
})

const mutual = { ...tls, ca: AUTHORITY, requestCert: true, rejectUnauthorized: true }

test('a client certificate is shown, and a renewed one with the next request', async () => {
  const peers: string[] = []
  await using server = await startScripted((seen, response) => {
    peers.push(String((seen.socket as TLSSocket).getPeerCertificate().subject.CN))
    sendJson(response, object)
  }, mutual)
  let certificate = { cert: CLIENT_CERT, key: CLIENT_KEY }
  const fixed = httpsTransport({ server: server.url, ca: AUTHORITY, ...certificate })
  await connect(fixed).get(configMaps, key)
  const renewed = httpsTransport({ server: server.url, ca: AUTHORITY, certificate: () => certificate })
  await connect(renewed).get(configMaps, key)
  await connect(renewed).get(configMaps, key)
  assert.equal(server.sockets.size, 2)
  certificate = { ...certificate }
  await connect(renewed).get(configMaps, key)
  assert.equal(server.sockets.size, 3)
  assert.deepEqual(peers, ['ada', 'ada', 'ada', 'ada'])
  fixed.close()
  renewed.close()
})

test('a 401 asks for fresh credentials once, and what is refused again is thrown', async () => {
  await using server = await startScripted((seen, response) =>
    seen.headers.authorization === 'Bearer new'
      ? sendJson(response, object)
      : sendJson(response, statusOf(401, 'Unauthorized', 'Unauthorized'), 401),
  )
  let current = { authorization: 'Bearer old' }
  const asked: boolean[] = []
  const headers = async (refused: boolean) => {
    asked.push(refused)
    if (refused) current = { authorization: 'Bearer new' }
    return current
  }
  const transport = httpsTransport({ server: server.url, headers })
  assert.deepEqual(await connect(transport).get(configMaps, key), object)
  assert.deepEqual(asked, [false, false, true])
  assert.equal(server.sockets.size, 1)

  const hopeless = httpsTransport({ server: server.url, headers: () => ({ authorization: 'Bearer bad' }) })
  await assert.rejects(connect(hopeless).get(configMaps, key), { code: 401, reason: 'Unauthorized' })
  assert.equal(server.seen.length, 4)
  transport.close()
  hopeless.close()
})

test('a proxy tunnels TLS and forwards plain http, with its credentials', async () => {
  await using secure = await startScripted((_, response) => sendJson(response, object), tls)
  await using plain = await startScripted((_, response) => sendJson(response, object))
  const asked: (string | undefined)[] = []
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']} ${request.headers.host}`)
    sendJson(response, object)
  })
  proxy.on('connect', (request: http.IncomingMessage, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
    const target = connectSocket(secure.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = `http://me:pass%20word@127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const basic = `Basic ${Buffer.from('me:pass word').toString('base64')}`

  const tunnelled = httpsTransport({ server: secure.url, ca: AUTHORITY, proxy: address })
  for (let count = 0; count < 3; count++)
    assert.deepEqual(await connect(tunnelled).get(configMaps, key), object)
  assert.equal(secure.sockets.size, 1)
  const forwarded = httpsTransport({ server: plain.url, proxy: address })
  assert.deepEqual(await connect(forwarded).get(configMaps, key), object)
  assert.deepEqual(asked, [
    `127.0.0.1:${secure.port} ${basic}`,
    `${plain.url}/api/v1/namespaces/default/configmaps/a ${basic} 127.0.0.1:${plain.port}`,
  ])

  const wary = httpsTransport({ server: secure.url, ca: OTHER_AUTHORITY, proxy: address })
  await assert.rejects(connect(wary).get(configMaps, key), { reason: 'Unreachable', message: /certificate/ })
  tunnelled.close()
  forwarded.close()
  wary.close()
  proxy.closeAllConnections()
  proxy.close()
})

test('a proxy that refuses is named', async () => {
  const proxy = http.createServer().on('connect', (_, socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'))
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  const transport = httpsTransport({ server: 'https://kube.example:6443', proxy: `http://127.0.0.1:${port}` })
  await assert.rejects(connect(transport).get(configMaps, key), {
    message: `get ConfigMap default/a: no answer from https://kube.example:6443: proxy 127.0.0.1:${port} answered CONNECT with 407`,
  })
  proxy.close()
})

/** Waits for something that other callbacks bring about. */
async function until(isSo: () => boolean) {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
