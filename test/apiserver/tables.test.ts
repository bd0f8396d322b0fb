import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMap, CONFIGMAPS, defineWidgets, startServer, WIDGETS, widget } from './client.ts'

const as = (kind: string, version = 'v1') => ({
  headers: { accept: `application/json;as=${kind};v=${version};g=meta.k8s.io` },
})

describe('Tables and metadata of the API server', () => {
  it('come in both versions of meta, rows included', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    const table = JSON.parse((await api.send('GET', CONFIGMAPS, as('Table', 'v1beta1'))).text)
    assert.equal(table.apiVersion, 'meta.k8s.io/v1beta1')
    assert.equal(table.rows[0].object.apiVersion, 'meta.k8s.io/v1beta1')
    const list = JSON.parse(
      (await api.send('GET', CONFIGMAPS, as('PartialObjectMetadataList', 'v1beta1'))).text,
    )
    assert.deepEqual(
      [list.apiVersion, list.items[0].kind, list.items[0].apiVersion],
      ['meta.k8s.io/v1beta1', 'PartialObjectMetadata', 'meta.k8s.io/v1beta1'],
    )
  })

  it('refuse the metadata of one object for a list only once there is an answer to refuse', async (t) => {
    const api = await startServer(t)
    const wrong = await api.send('POST', CONFIGMAPS, {
      ...as('PartialObjectMetadataList'),
      body: configMap('a'),
    })
    assert.equal(wrong.status, 406)
    assert.match(
      wrong.text,
      /you requested PartialObjectMetadataList, but the requested object is not a list \(\*core.ConfigMap\)/,
    )
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 200)
    assert.equal((await api.send('GET', `${CONFIGMAPS}/b`, as('PartialObjectMetadataList'))).status, 404)
    assert.equal((await api.send('GET', `${CONFIGMAPS}/b?includeObject=Nope`, as('Table'))).status, 404)
    assert.equal((await api.send('GET', `${CONFIGMAPS}/a?includeObject=Nope`, as('Table'))).status, 400)
  })

  it('need all three parameters, and a stream that exists', async (t) => {
    const api = await startServer(t)
    const refused = [
      'as=Table;g=meta.k8s.io',
      'v=v1',
      'g=meta.k8s.io',
      'as=Table;v=v2;g=meta.k8s.io',
      'stream=other',
      'sv=v2',
    ]
    for (const parameters of refused) {
      const { status } = await api.send('GET', CONFIGMAPS, {
        headers: { accept: `application/json;${parameters}` },
      })
      assert.equal(status, 406, parameters)
    }
    for (const parameters of ['stream=watch', 'sv=v1', 'unknown=1']) {
      const { status } = await api.send('GET', CONFIGMAPS, {
        headers: { accept: `application/json;${parameters}` },
      })
      assert.equal(status, 200, parameters)
    }
  })

  it('mark the rows of pods that are over', async (t) => {
    const api = await startServer(t)
    const pods = '/api/v1/namespaces/default/pods'
    await api.post(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    })
    await api.merge(`${pods}/p/status`, { status: { phase: 'Failed' } })
    const table = JSON.parse((await api.send('GET', `${pods}?includeObject=None`, as('Table'))).text)
    assert.deepEqual(table.rows[0].conditions, [
      { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
    ])
    assert.deepEqual(table.rows[0].cells.slice(0, 4), ['p', '0/1', 'Failed', '0'])
  })

  it('show the scale of built-in and custom kinds with columns of their own', async (t) => {
    const api = await startServer(t)
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const spec = {
      replicas: 2,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    }
    await api.post(path, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec })
    const table = JSON.parse((await api.send('GET', `${path}/d/scale`, as('Table'))).text)
    assert.deepEqual(
      table.columnDefinitions.map(
        ({ name, type, format }: { name: string; type: string; format: string }) => [name, type, format],
      ),
      [
        ['Name', 'string', ''],
        ['Desired', 'integer', ''],
        ['Available', 'integer', ''],
        ['Age', 'string', ''],
      ],
    )
    assert.deepEqual(table.rows[0].cells.slice(0, 3), ['d', 2, 0])
  })

  it('name the selector of a scale by its keys, whatever its operators', async (t) => {
    const api = await startServer(t)
    const labels = { app: 'x', b: '1' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const made = async (path: string, apiVersion: string, kind: string, selector: object) => {
      await api.post(path, { apiVersion, kind, metadata: { name: 'o' }, spec: { selector, template } })
      return (await api.get(`${path}/o/scale`)).body.status.selector
    }
    const absent = { key: 'c', operator: 'DoesNotExist' }
    const among = { key: 'b', operator: 'In', values: ['2', '1'] }
    const selector = { matchLabels: { app: 'x' }, matchExpressions: [absent, among] }
    const sets = '/apis/apps/v1/namespaces/default/replicasets'
    assert.equal(await made(sets, 'apps/v1', 'ReplicaSet', selector), 'app=x,b in (1,2),!c')
    const controllers = '/api/v1/namespaces/default/replicationcontrollers'
    assert.equal(await made(controllers, 'v1', 'ReplicationController', labels), 'app=x,b=1')
  })

  it('of a watch end their initial events with a row of nothing, whole where whole objects were asked for', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    await api.post(WIDGETS, widget('w'))
    const ends = async (path: string, include: string) => {
      const query = `watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&includeObject=${include}`
      const response = await fetch(`${api.server.url}${path}?${query}&timeoutSeconds=1`, as('Table'))
      const events = (await response.text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      return events.find(({ type }) => type === 'BOOKMARK').object.rows[0]
    }
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    const [whole, none, custom] = await Promise.all([
      ends(deployments, 'Object'),
      ends(deployments, 'None'),
      ends(WIDGETS, 'Object'),
    ])
    assert.deepEqual(whole.object.spec, {
      replicas: 0,
      selector: null,
      template: { metadata: {}, spec: { containers: null } },
      strategy: {},
    })
    assert.deepEqual(whole.cells.slice(0, 5), ['', '0/0', 0, 0, '<unknown>'])
    assert.equal(none.object.metadata.annotations['k8s.io/initial-events-end'], 'true')
    assert.equal(custom.object.kind, 'Widget')
  })
})
