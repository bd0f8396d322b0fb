import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock } from '../fake-clock.ts'
import {
  type Api,
  CONFIGMAPS,
  configMap,
  defineWidgets,
  nextRequest,
  startServer,
  WIDGETS,
  widget,
} from './client.ts'

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

  it('a selector does not look ahead: where objects follow there is a next page, and it may be empty', async (t) => {
    const api = await startServer(t)
    await create(api, ['a', 'b', 'c'])
    const first = await api.get(`${CONFIGMAPS}?limit=2&labelSelector=n+in+(a,b)`)
    assert.deepEqual(namesOf(first.body), ['a', 'b'])
    assert.equal(first.body.metadata.remainingItemCount, undefined)
    const second = await api.get(
      `${CONFIGMAPS}?limit=2&labelSelector=n+in+(a,b)&continue=${first.body.metadata.continue}`,
    )
    assert.deepEqual([namesOf(second.body), second.body.metadata.continue], [[], undefined])
    const last = await api.get(`${CONFIGMAPS}?limit=2&labelSelector=n+in+(b,c)`)
    assert.deepEqual([namesOf(last.body), last.body.metadata.continue], [['b', 'c'], undefined])
  })

  it('a page of a version is of exactly that version, without a word on how it is to match', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(CONFIGMAPS, configMap('a', { v: '1' }))
    const { resourceVersion } = body.metadata
    await api.merge(`${CONFIGMAPS}/a`, { data: { v: '2' } })
    const versions = async (query: string) => {
      const list = (await api.get(`${CONFIGMAPS}?resourceVersion=${resourceVersion}&${query}`)).body
      return [list.metadata.resourceVersion === resourceVersion, list.items[0]?.data.v]
    }
    assert.deepEqual(await versions('limit=1'), [true, '1'])
    assert.deepEqual(await versions('resourceVersionMatch=Exact'), [true, '1'])
    assert.deepEqual(await versions('fieldSelector=metadata.name%3Da&resourceVersionMatch=Exact'), [
      true,
      '1',
    ])
    assert.deepEqual(await versions('limit=1&resourceVersionMatch=NotOlderThan'), [false, '2'])
    assert.deepEqual(await versions('limit=1&fieldSelector=metadata.name%3Da'), [false, '2'])
    assert.deepEqual(await versions(''), [false, '2'])
  })

  it('a token says where to go on in what is listed: one of a namespace begins there in any other', async (t) => {
    const api = await startServer(t)
    for (const namespace of ['default', 'kube-public'])
      for (const name of ['a', 'b', 'c'])
        await api.post(`/api/v1/namespaces/${namespace}/configmaps`, configMap(name))
    const first = await api.get('/api/v1/namespaces/kube-public/configmaps?limit=2')
    const other = await api.get(`${CONFIGMAPS}?continue=${first.body.metadata.continue}`)
    assert.deepEqual(namesOf(other.body), ['c'])
  })

  it('refuses tokens that it did not make in the words of the real server', async (t) => {
    const api = await startServer(t)
    const encoded = (token: unknown) => Buffer.from(JSON.stringify(token)).toString('base64url')
    const good = { v: 'meta.k8s.io/v1', rv: 3, start: 'a' }
    const why = async (token: string) => {
      const { status, body } = await api.get(`${CONFIGMAPS}?continue=${token}`)
      assert.equal(status, 400, token)
      return body.message.replace('invalid continue token: continue key is not valid: ', '')
    }
    assert.equal(
      await why(encoded({ ...good, rv: 0 })),
      'incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    )
    assert.equal(
      await why(encoded({ ...good, start: '' })),
      'encoded start key empty (version meta.k8s.io/v1)',
    )
    assert.equal(await why(encoded({ ...good, start: '../b' })), '../b')
    assert.equal(await why(encoded({ ...good, start: 'a//b' })), 'a//b')
    assert.equal(await why(encoded({})), 'server does not recognize this encoded version ')
    assert.equal(
      await why(encoded({ ...good, rv: '3' })),
      'json: cannot unmarshal string into Go struct field continueToken.rv of type int64',
    )
    assert.equal(
      (await api.get(`${CONFIGMAPS}?continue=${encoded({ V: 'meta.k8s.io/v1', RV: 3, Start: 'a' })}`)).status,
      200,
    )
    assert.equal(await why('a'), 'illegal base64 data at input byte 0')
    assert.equal(await why('garbage'), "invalid character '\\u0081' looking for beginning of value")
  })

  it('names what is wrong with a query in the order of the real server: numbers, selectors, options, fields', async (t) => {
    const api = await startServer(t)
    const query = [
      'limit=x',
      'labelSelector=a%3D%3D%3Db',
      'resourceVersionMatch=Exact',
      'fieldSelector=data.x%3D1',
    ]
    const codes = []
    for (let from = 0; from < query.length; from++)
      codes.push((await api.get(`${CONFIGMAPS}?${query.slice(from).toReversed().join('&')}`)).body.message)
    assert.match(codes[0] ?? '', /ParseInt/)
    assert.match(codes[1] ?? '', /unable to parse requirement/)
    assert.match(codes[2] ?? '', /forbidden unless resourceVersion is provided/)
    assert.match(codes[3] ?? '', /not a known field selector/)
  })

  it('tells versions as large as Go reads them', async (t) => {
    const clock = fakeClock()
    const api = await startServer(t, { clock })
    const asked = nextRequest(api)
    const answer = api.get(`${CONFIGMAPS}?resourceVersion=18446744073709551615`)
    await asked
    await clock.advance(3_000)
    assert.match(
      (await answer).body.message,
      /^Timeout: Too large resource version: 18446744073709551615, current: \d+$/,
    )
  })

  it('reads escapes in field selectors', async (t) => {
    const api = await startServer(t)
    const list = async (selector: string) =>
      (await api.get(`${CONFIGMAPS}?fieldSelector=${encodeURIComponent(selector)}`)).body
    assert.deepEqual((await list('metadata.name=a\\,b\\=c\\\\d')).items, [])
    assert.equal(
      (await list('metadata.name=a\\b')).message,
      'invalid field selector: invalid escape sequence: \\b',
    )
    assert.equal(
      (await list('metadata.name=a=b')).message,
      'invalid field selector: unescaped character in value: 61',
    )
  })

  it('a version of the future is waited for, three seconds long, and then refused with 504', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    await create(api, ['a'])
    for (const path of [
      `${CONFIGMAPS}?resourceVersion=999999&resourceVersionMatch=NotOlderThan`,
      `${CONFIGMAPS}?resourceVersion=999999&resourceVersionMatch=Exact`,
      `${CONFIGMAPS}/a?resourceVersion=999999`,
    ]) {
      const asked = nextRequest(api)
      const answer = api.get(path)
      await asked
      await clock.advance(3_000)
      const late = await answer
      assert.deepEqual([late.status, late.body.reason, late.headers['retry-after']], [504, 'Timeout', '1'])
    }
  })

  it('a version that comes while it is waited for is answered at once', async (t) => {
    const api = await startServer(t, { clock: fakeClock() })
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    const asked = nextRequest(api)
    const answer = api.get(`${CONFIGMAPS}?resourceVersion=${Number(body.metadata.resourceVersion) + 1}`)
    await asked
    await create(api, ['b'])
    assert.deepEqual(namesOf((await answer).body), ['a', 'b'])
  })

  it('a single object of the future is refused without waiting, when it must be of exactly that version', async (t) => {
    const api = await startServer(t, { clock: fakeClock() })
    const { status, headers } = await api.get(
      `${CONFIGMAPS}?fieldSelector=metadata.name%3Da&resourceVersion=999999&resourceVersionMatch=Exact`,
    )
    assert.deepEqual([status, headers['retry-after']], [504, undefined])
  })

  it('before a kind existed there were no objects of it', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    await defineWidgets(api)
    await api.post(WIDGETS, widget('w'))
    const { metadata } = body
    const list = await api.get(
      `${WIDGETS}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`,
    )
    assert.deepEqual([list.status, list.body.items], [200, []])
  })

  it('deletecollection deletes what a list with the same query shows', async (t) => {
    const api = await startServer(t)
    await create(api, ['a', 'b', 'c', 'd'])
    const some = await api.remove(`${CONFIGMAPS}?limit=2`)
    assert.deepEqual([namesOf(some.body), some.body.metadata.remainingItemCount], [['a', 'b'], 2])
    // It is a precondition of each deletion, too.
    const stale = await api.remove(`${CONFIGMAPS}?resourceVersion=${some.body.metadata.resourceVersion}`)
    assert.deepEqual([stale.status, stale.body.reason], [409, 'Conflict'])
    const rest = await api.remove(`${CONFIGMAPS}?limit=2&continue=${some.body.metadata.continue}`)
    assert.deepEqual([namesOf(rest.body), (await api.get(CONFIGMAPS)).body.items], [['c', 'd'], []])
  })
})
