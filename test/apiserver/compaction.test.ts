/** etcd's compaction, which ends the past for lists, and the expiry of the watch cache, which ends it for watches. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Api, CONFIGMAPS, configMap, startServer } from './client.ts'

async function paged(api: Api): Promise<{ token: unknown; version: string }> {
  for (const name of ['a', 'b', 'c', 'd']) await api.post(CONFIGMAPS, configMap(name))
  const { body } = await api.get(`${CONFIGMAPS}?limit=2`)
  await api.merge(`${CONFIGMAPS}/d`, { data: { v: 'new' } })
  return { token: body.metadata.continue, version: body.metadata.resourceVersion }
}

const namesOf = ({ items }: { items: { metadata: { name: string } }[] }) =>
  items.map(({ metadata }) => metadata.name)

describe('compaction in the embedded API server', () => {
  it('A4: a token of a compacted version is answered with one that goes on with what there is now', async (t) => {
    const api = await startServer(t)
    const { token } = await paged(api)
    api.server.compact()
    const late = await api.get(`${CONFIGMAPS}?limit=1&continue=${token}`)
    assert.deepEqual([late.status, late.body.reason], [410, 'Expired'])
    const onward = await api.get(`${CONFIGMAPS}?limit=1&continue=${late.body.metadata.continue}`)
    assert.deepEqual([onward.status, namesOf(onward.body)], [200, ['c']])
    assert.equal(onward.body.metadata.remainingItemCount, 1)
    // The rest is of one state again.
    await api.merge(`${CONFIGMAPS}/d`, { data: { v: 'newest' } })
    const rest = await api.get(`${CONFIGMAPS}?limit=1&continue=${onward.body.metadata.continue}`)
    assert.equal(rest.body.items[0]?.data.v, 'new')
    assert.equal(rest.body.metadata.resourceVersion, onward.body.metadata.resourceVersion)
  })

  it('A4: lists of a compacted version are refused, those of the version compacted at are not', async (t) => {
    const api = await startServer(t)
    const { version } = await paged(api)
    const { body } = await api.get(CONFIGMAPS)
    api.server.compact()
    const old = await api.get(`${CONFIGMAPS}?resourceVersion=${version}&resourceVersionMatch=Exact`)
    assert.deepEqual(
      [old.status, old.body.message],
      [410, 'The resourceVersion for the provided list is too old.'],
    )
    await api.post(CONFIGMAPS, configMap('e'))
    const exact = `resourceVersion=${body.metadata.resourceVersion}&resourceVersionMatch=Exact`
    assert.deepEqual(namesOf((await api.get(`${CONFIGMAPS}?${exact}`)).body), ['a', 'b', 'c', 'd'])
  })

  it('the watch cache goes on serving watches of compacted versions', async (t) => {
    const api = await startServer(t)
    const { version } = await paged(api)
    api.server.compact()
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${version}`)
    assert.deepEqual((await watch.next())?.object.data, { v: 'new' })
    watch.close()
  })

  it('POST /fairlead/compact does so for those who are not in this process', async (t) => {
    const api = await startServer(t)
    const { token, version } = await paged(api)
    assert.equal((await api.get('/fairlead/compact')).status, 405)
    const { status, text } = await api.send('POST', '/fairlead/compact')
    assert.equal(status, 200)
    assert.ok(JSON.parse(text).revision > Number(version))
    assert.equal((await api.get(`${CONFIGMAPS}?continue=${token}`)).status, 410)
  })

  it('expired history is gone for watches and for lists', async (t) => {
    const api = await startServer(t)
    const { token, version } = await paged(api)
    api.server.expireHistory()
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${version}`)
    assert.equal((await watch.next())?.object.code, 410)
    assert.equal((await api.get(`${CONFIGMAPS}?continue=${token}`)).status, 410)
  })
})
