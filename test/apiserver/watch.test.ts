import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fakeClock } from '../fake-clock.ts'
import { CONFIGMAPS, configMap, defineWidgets, nextRequest, startServer, WIDGETS, widget } from './client.ts'

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

  it('A1: a watch from no version in particular is a streaming list as well, on the old paths it is not', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    for (const query of ['', '&resourceVersion=0']) {
      const watch = await api.watch(`${CONFIGMAPS}?watch=1&allowWatchBookmarks=true${query}`)
      assert.equal((await watch.next())?.type, 'ADDED')
      assert.deepEqual((await watch.next())?.object.metadata.annotations, {
        'k8s.io/initial-events-end': 'true',
      })
      watch.close()
    }
    const old = await api.watch(
      '/api/v1/watch/namespaces/default/configmaps?allowWatchBookmarks=true&resourceVersion=0',
    )
    assert.equal((await old.next())?.type, 'ADDED')
    await api.post(CONFIGMAPS, configMap('b'))
    assert.equal((await old.next())?.object.metadata.name, 'b')
    old.close()
  })

  it('a bookmark is an object that nobody has set anything of, as Go writes it', async (t) => {
    const api = await startServer(t)
    const bookmark = async (path: string) => {
      const watch = await api.watch(`${path}?${STREAM}`)
      const line = await watch.next()
      watch.close()
      const { metadata, ...rest } = line?.object ?? {}
      return { annotations: metadata?.annotations, ...rest }
    }
    const annotations = { 'k8s.io/initial-events-end': 'true' }
    assert.deepEqual(await bookmark('/api/v1/namespaces/default/pods'), {
      annotations,
      kind: 'Pod',
      apiVersion: 'v1',
      spec: { containers: null },
      status: {},
    })
    assert.deepEqual(await bookmark('/apis/apps/v1/deployments'), {
      annotations,
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      spec: {
        replicas: 0,
        selector: null,
        template: { metadata: {}, spec: { containers: null } },
        strategy: {},
      },
      status: {},
    })
  })

  it('Events have no watch cache: storage pages, does not wait, and forgets when it is compacted', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    const events = '/api/v1/namespaces/default/events'
    const involvedObject = { kind: 'Pod', name: 'p', namespace: 'default' }
    const made = []
    for (const name of ['a', 'b', 'c'])
      made.push(
        (await api.post(events, { apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject }))
          .body,
      )
    assert.equal((await api.get(`${events}?resourceVersion=0&limit=2`)).body.items.length, 2)
    for (const path of [`${events}?resourceVersion=999999`, `${events}/a?resourceVersion=999999`]) {
      const late = await api.get(path)
      assert.deepEqual([late.status, late.headers['retry-after']], [504, undefined], path)
    }
    assert.equal((await api.get(`${events}/a?resourceVersion=x`)).status, 400)
    const eager = await api.watch(`${events}?${STREAM}&resourceVersion=999999`)
    assert.equal((await eager.next())?.object.code, 504)
    const first = made[0]?.metadata.resourceVersion
    const watch = await api.watch(`${events}?watch=1&allowWatchBookmarks=true&resourceVersion=${first}`)
    assert.equal((await watch.next())?.object.metadata.name, 'b')
    assert.equal((await watch.next())?.object.metadata.name, 'c')
    api.server.compact()
    await clock.advance(60_000)
    await api.remove(`${events}/a`)
    assert.equal((await watch.next())?.type, 'DELETED')
    watch.close()
    const late = await api.watch(`${events}?watch=1&resourceVersion=${first}`)
    assert.equal(
      (await late.next())?.object.message,
      'The resourceVersion for the provided watch is too old.',
    )
  })

  it('a streaming list of a version that does not come says so in the stream, after three seconds', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    const asked = nextRequest(api)
    const opening = api.watch(`${CONFIGMAPS}?${STREAM}&resourceVersion=999999`)
    await asked
    await clock.advance(3_000)
    const watch = await opening
    const line = await watch.next()
    assert.deepEqual(
      [watch.message.statusCode, line?.type, line?.object.code, line?.object.reason],
      [200, 'ERROR', 504, 'Timeout'],
    )
    assert.equal(await watch.next(), undefined)
  })

  it('a watch of a version that does not exist yet is silent until it is passed, bookmarks too', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    const future = Number(body.metadata.resourceVersion) + 1
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&allowWatchBookmarks=true&resourceVersion=${future}`)
    await clock.advance(60_000)
    await api.post(CONFIGMAPS, configMap('b'))
    await api.post(CONFIGMAPS, configMap('c'))
    assert.equal((await watch.next())?.object.metadata.name, 'c')
    await clock.advance(60_000)
    assert.equal((await watch.next())?.type, 'BOOKMARK')
    watch.close()
  })

  it('a timeout below zero is over before it begins', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&timeoutSeconds=-1`)
    assert.deepEqual([watch.message.statusCode, await watch.next()], [200, undefined])
  })

  it('a single object is read, not watched, whatever the query says; the old paths watch it', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    assert.equal((await api.get(`${CONFIGMAPS}/a?watch=true`)).body.kind, 'ConfigMap')
    const old = '/api/v1/watch/namespaces/default/configmaps/a'
    const watch = await api.watch(old)
    assert.equal((await watch.next())?.object.metadata.name, 'a')
    watch.close()
    const other = await api.get(`${old}?fieldSelector=metadata.name%3Db`)
    assert.deepEqual(
      [other.status, other.body.message],
      [400, "fieldSelector metadata.name doesn't match requested name"],
    )
    const listed = await api.get(`${old}?sendInitialEvents=true`)
    assert.match(listed.body.message, /sendInitialEvents is forbidden for list/)
  })

  it('the history of a new server reaches back to its beginning', async (t) => {
    const api = await startServer(t)
    const watch = await api.watch('/api/v1/namespaces?watch=1&resourceVersion=1')
    assert.equal((await watch.next())?.object.metadata.name, 'default')
    watch.close()
  })

  it('a kind whose definition changes is watched anew: its watches end, and its history begins again', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    await defineWidgets(api)
    const { body } = await api.post(WIDGETS, widget('a'))
    const { resourceVersion } = body.metadata
    const watch = await api.watch(`${WIDGETS}?watch=1&resourceVersion=${resourceVersion}`)
    const other = await api.watch(`${CONFIGMAPS}?watch=1`)
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com'
    await api.merge(path, { metadata: { labels: { only: 'metadata' } } })
    await clock.advance(1_000)
    await api.post(WIDGETS, widget('b'))
    assert.equal((await watch.next())?.object.metadata.name, 'b')
    await api.merge(path, { spec: { names: { shortNames: ['wd'] } } })
    await clock.advance(1_000)
    assert.equal(await watch.next(), undefined)
    const late = await api.watch(`${WIDGETS}?watch=1&resourceVersion=${resourceVersion}`)
    assert.equal((await late.next())?.object.code, 410)
    await api.post(CONFIGMAPS, configMap('a'))
    assert.equal((await other.next())?.object.metadata.name, 'a')
    other.close()
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
