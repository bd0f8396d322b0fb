import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { CONFIGMAPS, configMap, startServer } from './client.ts'

const WATCHERS = 300
const READERS = 5
const CHANGES = 400
/** Together they are more than sockets hold back for readers who do not read. */
const BYTES = 100_000
const HISTORY = 50

/** A watch whose answer has begun, and of which nothing more is read. */
function openSilent(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${CONFIGMAPS}?watch=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`),
    )
    socket.on('error', () => {})
    socket.once('data', () => resolve(socket.pause()))
  })
}

describe('watchers that do not read, before the embedded API server', () => {
  it('are cut off once they are behind the history; readers among them miss nothing, and memory stays bounded', async (t) => {
    const api = await startServer(t, { historySize: HISTORY })
    await api.post(CONFIGMAPS, configMap('a'))
    const silent = await Promise.all(Array.from({ length: WATCHERS }, () => openSilent(api.server.url)))
    const readers = await Promise.all(
      Array.from({ length: READERS }, () => api.watch(`${CONFIGMAPS}?watch=1`)),
    )
    for (const reader of readers) assert.equal((await reader.next())?.type, 'ADDED')
    const before = process.memoryUsage().rss
    const padding = 'x'.repeat(BYTES)
    let most = 0
    for (let change = 0; change < CHANGES; change++) {
      await api.merge(`${CONFIGMAPS}/a`, { data: { change: String(change), padding } })
      for (const reader of readers) assert.equal((await reader.next())?.object.data.change, String(change))
      most = Math.max(most, process.memoryUsage().rss)
    }
    // Each of them was sent 40 MB: what is held for them all is a fraction of it.
    assert.ok((most - before) / 2 ** 20 < 1024, `${Math.round((most - before) / 2 ** 20)} MiB`)
    const ended = silent.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const socket of silent) socket.resume()
    await Promise.all(ended)
    for (const reader of readers) reader.close()
  })

  it('a reader that goes away with lines on their way does no harm', async (t) => {
    const api = await startServer(t)
    const watches = await Promise.all(Array.from({ length: 50 }, () => api.watch(`${CONFIGMAPS}?watch=1`)))
    const writes = Array.from({ length: 50 }, (_, at) => api.post(CONFIGMAPS, configMap(`c${at}`)))
    for (const watch of watches.slice(0, 40)) watch.close()
    await Promise.all(writes)
    for (const watch of watches.slice(40)) {
      const names = new Set<string>()
      while (names.size < 50) names.add((await watch.next())?.object.metadata.name ?? 'the stream has ended')
      assert.equal(names.has('the stream has ended'), false)
      watch.close()
    }
  })
})
