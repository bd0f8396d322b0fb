import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Api, CONFIGMAPS, configMap, startServer } from './client.ts'

async function create(api: Api, names: string[]): Promise<void> {
  for (const name of names) await api.post(CONFIGMAPS, configMap(name, {}, { labels: { n: name } }))
}

const namesOf = (page: { items: { metadata: { name: string } }[] }) =>
  page.items.map((item) => item.metadata.name)

describe('lists of the embedded API server', () => {
  it('A5: pages are of one state, whatever is written in between', async (t) => {
    const api = await startServer(t)
    await create(api, ['a', 'b', 'c', 'd'])
    const first = await api.get(`${CONFIGMAPS}?limit=2`)
    assert.deepEqual(namesOf(first.body), ['a', 'b'])
    assert.equal(first.body.metadata.remainingItemCount, 2)
    await create(api, ['bb', 'cc'])
    await api.remove(`${CONFIGMAPS}/c`)
    const second = await api.get(`${CONFIGMAPS}?limit=2&continue=${first.body.metadata.continue}`)
    assert.deepEqual(namesOf(second.body), ['c', 'd'])
    assert.equal(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion)
    assert.deepEqual(namesOf((await api.get(CONFIGMAPS)).body), ['a', 'b', 'bb', 'cc', 'd'])
  })

  it('A4: a continue token older than the history is answered with 410', async (t) => {
    const api = await startServer(t)
    await create(api, ['a', 'b', 'c'])
    const first = await api.get(`${CONFIGMAPS}?limit=1`)
    api.server.expireHistory()
    const late = await api.get(`${CONFIGMAPS}?limit=1&continue=${first.body.metadata.continue}`)
    assert.deepEqual([late.status, late.body.reason], [410, 'Expired'])
  })

  it('R8: label and field selectors choose, and say what they cannot read', async (t) => {
    const api = await startServer(t)
    await create(api, ['a', 'b', 'c'])
    const list = async (query: string) => (await api.get(`${CONFIGMAPS}?${query}`)).body
    assert.deepEqual(namesOf(await list('labelSelector=n+in+(a,c)')), ['a', 'c'])
    assert.deepEqual(namesOf(await list('labelSelector=n!%3Da')), ['b', 'c'])
    assert.deepEqual(namesOf(await list('labelSelector=!n')), [])
    assert.deepEqual(namesOf(await list('fieldSelector=metadata.name%3Db')), ['b'])
    assert.equal(
      (await list('labelSelector=n%3D%3D%3Da')).message,
      "unable to parse requirement: found '=', expected: identifier",
    )
    assert.equal(
      (await list('fieldSelector=data.x%3D1')).message,
      '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
  })

  it('lists all namespaces in the order of namespace and name', async (t) => {
    const api = await startServer(t)
    for (const namespace of ['kube-system', 'default'])
      for (const name of ['z', 'y'])
        await api.post(`/api/v1/namespaces/${namespace}/configmaps`, configMap(name))
    const { items } = (await api.get('/api/v1/configmaps')).body
    assert.deepEqual(
      items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      ['default/y', 'default/z', 'kube-system/y', 'kube-system/z'],
    )
  })

  it('a read that is not older than a version of the future is refused with 504', async (t) => {
    const api = await startServer(t)
    const late = await api.get(`${CONFIGMAPS}?resourceVersion=999999&resourceVersionMatch=NotOlderThan`)
    assert.deepEqual([late.status, late.body.reason, late.headers['retry-after']], [504, 'Timeout', '1'])
  })
})
