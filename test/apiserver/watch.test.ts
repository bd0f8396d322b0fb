import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fakeClock } from '../fake-clock.ts'
import { CONFIGMAPS, configMap, startServer } from './client.ts'

const STREAM = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'

describe('watches of the embedded API server', () => {
  it('A1: a streaming list gives what exists, then the bookmark that ends it, then changes', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    const watch = await api.watch(`${CONFIGMAPS}?${STREAM}`)
    assert.equal((await watch.next())?.type, 'ADDED')
    const bookmark = await watch.next()
    assert.deepEqual(
      [bookmark?.type, bookmark?.object.metadata.annotations],
      ['BOOKMARK', { 'k8s.io/initial-events-end': 'true' }],
    )
    await api.remove(`${CONFIGMAPS}/a`)
    assert.equal((await watch.next())?.type, 'DELETED')
    watch.close()
  })

  it('A3: a watch resumes where it stopped and misses nothing', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    await api.merge(`${CONFIGMAPS}/a`, { data: { v: '1' } })
    await api.post(CONFIGMAPS, configMap('b'))
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${body.metadata.resourceVersion}`)
    assert.equal((await watch.next())?.type, 'MODIFIED')
    assert.equal((await watch.next())?.object.metadata.name, 'b')
    watch.close()
  })

  it('A4: a version that is too old is told in the stream, as 410, and ends it', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    api.server.expireHistory()
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${body.metadata.resourceVersion}`)
    assert.equal(watch.message.statusCode, 200)
    const line = await watch.next()
    assert.deepEqual([line?.type, line?.object.code, line?.object.reason], ['ERROR', 410, 'Expired'])
    assert.equal(await watch.next(), undefined)
  })

  it('entering a selector is ADDED, leaving it DELETED with the last state inside', async (t) => {
    const api = await startServer(t)
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&labelSelector=on%3Dyes`)
    await api.post(CONFIGMAPS, configMap('a', { v: '1' }))
    await api.merge(`${CONFIGMAPS}/a`, { metadata: { labels: { on: 'yes' } } })
    await api.merge(`${CONFIGMAPS}/a`, { metadata: { labels: { on: 'no' } }, data: { v: '2' } })
    assert.equal((await watch.next())?.type, 'ADDED')
    const left = await watch.next()
    assert.deepEqual(
      [left?.type, left?.object.metadata.labels, left?.object.data],
      ['DELETED', { on: 'yes' }, { v: '1' }],
    )
    watch.close()
  })

  it('A6: timeoutSeconds ends the stream, after a last bookmark for those who asked', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    const watch = await api.watch(`${CONFIGMAPS}?${STREAM}&timeoutSeconds=5`)
    await watch.next()
    await clock.advance(5_000)
    assert.equal((await watch.next())?.type, 'BOOKMARK')
    assert.equal(await watch.next(), undefined)
  })

  it('closeWatches ends every stream and leaves the server up', async (t) => {
    const api = await startServer(t)
    const watch = await api.watch(`${CONFIGMAPS}?watch=1`)
    api.server.closeWatches()
    assert.equal(await watch.next(), undefined)
    assert.equal((await api.get('/readyz')).text, 'ok')
  })

  it('a watcher that does not read is cut once it is behind the history, others go on', async (t) => {
    const api = await startServer(t, { historySize: 4 })
    const slow = await api.watch(`${CONFIGMAPS}?watch=1`)
    slow.message.pause()
    const cut = once(slow.message, 'error').catch(() => undefined)
    const quick = await api.watch(`${CONFIGMAPS}?watch=1`)
    const data = { blob: 'x'.repeat(900_000) }
    let seen = 0
    for (let turn = 0; turn < 40; turn++) {
      await api.send('PUT', `${CONFIGMAPS}/big`, { body: configMap('big', data) })
      if (turn === 0) await api.post(CONFIGMAPS, configMap('big', data))
      data.blob = `${turn}`.padStart(900_000, 'x')
      if ((await quick.next()) !== undefined) seen++
    }
    assert.equal(seen, 40)
    slow.message.resume()
    await cut
    quick.close()
    assert.ok(slow.message.destroyed || slow.message.readableAborted)
  })
})
