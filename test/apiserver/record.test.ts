/** Recording against the embedded server: what is particular to a run becomes tokens, the rest stays as it was sent and came. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { record } from './transcripts/record/record.ts'
import type { Recorder } from './transcripts/record/recorder.ts'
import { connectTo } from './transcripts/replay/connect.ts'
import { lookup } from './transcripts/replay/pointer.ts'
import { replay } from './transcripts/replay/run.ts'
import { parseScenario } from './transcripts/replay/scenario.ts'
import { startWebhooks } from './transcripts/replay/webhooks.ts'

const server = await startApiServer()
const connection = connectTo({ server: server.url })
const webhooks = await startWebhooks()
after(async () => {
  connection.close()
  webhooks.close()
  await server.close()
})

const configMap = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
})

/** Records a source; `at` reads places of its steps, which are counted from 0. */
async function recorded(run: (t: Recorder) => Promise<unknown>) {
  const source = { area: 'test', name: 'test-it', about: 'A test.', run }
  const { scenario, warnings } = await record(source, { connection, webhooks }, 'v1.36.0')
  return { scenario, warnings, at: (pointer: string) => lookup(scenario, `/steps${pointer}`) }
}

describe('a recording', { concurrency: 4 }, () => {
  it('is of format 1, with what its source says of it', async () => {
    const { scenario } = await recorded((t) => t.ns())
    const { steps, ...head } = scenario
    assert.deepEqual(head, {
      format: 1,
      name: 'test-it',
      area: 'test',
      about: 'A test.',
      kubernetes: 'v1.36.0',
      cleanup: ['/api/v1/namespaces/t-<run>'],
    })
    assert.deepEqual(lookup(scenario, '/steps/0/request'), {
      method: 'POST',
      path: '/api/v1/namespaces',
      headers: { 'content-type': 'application/json' },
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 't-<run>' } },
    })
    assert.equal(lookup(scenario, '/steps/0/setup'), true)
    assert.equal(lookup(scenario, '/steps/0/response/body/metadata/uid'), '<uid:1>')
  })

  it('numbers versions by their order, an object once and each list anew', async () => {
    const { at } = await recorded(async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const a = await t.post(p, configMap('a'))
      await t.get(p)
      await t.get(p)
      await t.put(`${p}/a`, configMap('a', { labels: { l: '1' }, resourceVersion: a.rv }))
      await t.get(`${p}/a`)
    })
    const versions = [1, 2, 3, 4, 5].map((step) => at(`/${step}/response/body/metadata/resourceVersion`))
    assert.deepEqual(versions, ['<rv:2>', '<listrv:3>', '<listrv:4>', '<rv:5>', '<rv:5>'])
    assert.equal(at('/4/request/body/metadata/resourceVersion'), '<rv:2>')
  })

  it('knows again what it takes from an answer: versions in paths, continue tokens, times', async () => {
    const { at } = await recorded(async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      await t.post(p, configMap('a', { finalizers: ['example.com/hold'] }))
      await t.post(p, configMap('b'))
      const page = await t.get(`${p}?limit=1`)
      await t.get(`${p}?limit=1&continue=${page.body.metadata.continue}`)
      await t.get(`${p}/a?resourceVersion=${page.rv}`)
      const b = await t.get(`${p}/b`)
      await t.put(`${p}/b`, b.body)
      await t.merge(`${p}/a`, { metadata: { finalizers: null } })
    })
    assert.equal(at('/3/response/body/metadata/continue'), '<continue:1>')
    assert.match(String(at('/4/request/path')), /limit=1&continue=<continue:1>$/)
    assert.match(String(at('/5/request/path')), /resourceVersion=<listrv:\d>$/)
    assert.equal(at('/7/request/body/metadata/creationTimestamp'), '<ref:07#/metadata/creationTimestamp>')
  })

  it('knows generated names and allocated addresses and ports', async () => {
    const { at } = await recorded(async (t) => {
      await t.ns()
      const a = await t.post(`${t.core}/configmaps`, configMap('', { name: undefined, generateName: 'x-' }))
      await t.get(`${t.core}/configmaps/${a.name}`)
      await t.post(`${t.core}/services`, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's' },
        spec: { type: 'NodePort', ports: [{ port: 80 }], selector: { a: 'b' } },
      })
    })
    assert.equal(at('/1/response/body/metadata/name'), 'x-<suffix:1>')
    assert.equal(at('/2/request/path'), '/api/v1/namespaces/t-<run>/configmaps/x-<suffix:1>')
    assert.equal(at('/3/response/body/spec/clusterIP'), '<ip:1>')
    assert.deepEqual(at('/3/response/body/spec/clusterIPs'), ['<ip:1>'])
    assert.equal(at('/3/response/body/spec/ports/0/nodePort'), '<port:1>')
  })

  it('leaves uids and times alone that the source made up', async () => {
    const uid = '55555555-5555-4555-8555-555555555555'
    const { at } = await recorded(async (t) => {
      await t.ns()
      await t.post(`${t.core}/configmaps`, { ...configMap('a'), data: { uid, at: '2001-02-03T04:05:06Z' } })
    })
    assert.deepEqual(at('/1/response/body/data'), { uid, at: '2001-02-03T04:05:06Z' })
  })

  it('refuses a time of the run that no earlier answer held', async () => {
    const now = new Date().toISOString()
    const run = async (t: Recorder) => {
      await t.ns()
      await t.merge(`${t.core}/configmaps/a`, { data: { now } })
    }
    await assert.rejects(
      recorded(run),
      /the time .* at \/request\/body\/data\/now comes from no earlier answer/,
    )
  })

  it('puts a token in place of ages in Tables, in watches too', async () => {
    const { at } = await recorded(async (t) => {
      await t.ns()
      const p = `${t.core}/configmaps`
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
      const list = await t.get(p, { accept })
      const watch = await t.watch(`${p}?watch=true&resourceVersion=${list.rv}`, { accept })
      await t.post(p, configMap('a'))
      await t.post(p, configMap('b'))
      await watch.read(2)
      await watch.close({ settle: 20 })
    })
    assert.deepEqual(at('/5/events/0/object/rows/0/cells'), ['a', 0, '<age>'])
    assert.equal(at('/5/events/1/object/columnDefinitions'), null)
    assert.deepEqual(at('/5/events/1/object/rows/0/cells'), ['b', 0, '<age>'])
  })

  it('keeps what it is told to: places, masks, notes, an order that is left open', async () => {
    const { at } = await recorded(async (t) => {
      await t.ns()
      await t.get(`/api/v1/namespaces/${t.N}`, { pick: ['/kind', '/none'], note: 'Picked.' })
      await t.get(`/api/v1/namespaces/${t.N}`, { mask: { '/metadata/*': '<any>' }, anyOrder: ['/body'] })
      await t.get('/version', { ignoreBody: 'it differs' })
    })
    assert.deepEqual(at('/1/response'), {
      status: 200,
      headers: { 'content-type': 'application/json' },
      pick: { '/kind': 'Namespace' },
    })
    assert.equal(at('/1/note'), 'Picked.')
    assert.equal(at('/2/response/body/metadata/uid'), '<any>')
    assert.deepEqual(at('/2/response/mask'), { '/metadata/*': '<any>' })
    assert.deepEqual(at('/2/anyOrder'), ['/body'])
    assert.deepEqual(at('/3/response'), {
      status: 200,
      headers: { 'content-type': 'application/json' },
      bodyIgnored: 'it differs',
    })
  })

  it('warns of what did not come as announced', async () => {
    const { warnings } = await recorded(async (t) => {
      await t.ns()
      const watch = await t.watch(`${t.core}/secrets?watch=true`)
      await watch.read(1, { within: 0.05 })
      await watch.read(0, { end: 'server', within: 0.05 })
      await watch.read(0, { bookmark: true, end: 'client', settle: 20 })
      await t.wait(`${t.core}/secrets/none`, [{ status: 200 }], { within: 0.05 })
    })
    assert.deepEqual(
      warnings.map((warning) => warning.replace(/namespaces\/t-\w+/, 'namespaces/N')),
      [
        'watch w1: 0 events, 1 announced',
        'watch w1: the stream is still open',
        'watch w1: no bookmark',
        'wait /api/v1/namespaces/N/secrets/none: not within 0.05 s',
      ],
    )
  })

  it('deletes what was made, though its source fails', async () => {
    let made = ''
    const run = async (t: Recorder) => {
      made = await t.ns()
      throw new Error('nothing to say')
    }
    await assert.rejects(recorded(run), /nothing to say/)
    const { body } = await connection.request({ method: 'GET', path: `/api/v1/namespaces/${made}` })
    assert.equal(lookup(body, '/reason') ?? lookup(body, '/status/phase'), 'NotFound')
  })

  it('is the same the next time, and replays with no difference', async () => {
    const run = async (t: Recorder) => {
      await t.ns()
      const w = await t.crd({ kind: 'Widget', scope: 'Cluster', plural: 'widgetry' })
      const a = await t.post(w.path, w.obj('a', { size: 1 }))
      await t.apply(`${w.path}/b`, w.obj('b', { size: 2 }), { fm: 'me', force: true })
      await t.json(`${w.path}/b`, [{ op: 'test', path: '/spec/size', value: 2 }])
      await t.smp(`${w.path}/b`, { spec: { size: 3 } })
      await t.del(`${w.path}/a`, { preconditions: { uid: a.uid } })
      const e = await t.watch(`${w.path}?watch=true&resourceVersion=${a.rv}`)
      await e.read(2)
    }
    const [one, two] = [await recorded(run), await recorded(run)]
    assert.deepEqual(one.scenario, two.scenario)
    const outcome = await replay(parseScenario(one.scenario, 'test-it'), connection, webhooks)
    assert.deepEqual([outcome.diffs, outcome.total], [[], 11])
  })
})
