/** What every function on AWS begins with: settings, references and clusters from the environment. */
import assert from 'node:assert/strict'
import { afterEach, describe, it, mock } from 'node:test'
import { clustersReader } from '../../functions/clusters.ts'
import { readAws } from '../../functions/env.ts'
import { ConfigMap } from '../../lib/index.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { startScripted } from '../kube/server.ts'
import { asked } from '../review.samples.ts'

const NAMES = [
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_ENDPOINT_URL',
  'FAIRLEAD_CLUSTERS',
  'FAIRLEAD_REVIEW_KEYS',
]
const set = (settings: Record<string, string>) => Object.assign(process.env, settings)
const CREDENTIALS = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' }

describe('clusters of a function', () => {
  afterEach(() => {
    for (const name of NAMES) delete process.env[name]
    mock.timers.reset()
  })

  it('come from FAIRLEAD_CLUSTERS, which may be a reference', async () => {
    await using kube = await startScripted((_seen, response) =>
      response.end(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })),
    )
    const config = JSON.stringify({ east: { server: kube.url } })
    await using ssm = await startScripted((_seen, response) =>
      response.end(JSON.stringify({ Parameter: { Value: config } })),
    )
    set({ ...CREDENTIALS, AWS_ENDPOINT_URL: ssm.url, FAIRLEAD_CLUSTERS: 'ssm:/fairlead/clusters' })
    const clusters = await clustersReader('fairlead-test')()
    assert.deepEqual(clusters.names, ['east'])
    assert.equal(ssm.seen[0]?.body, '{"Name":"/fairlead/clusters","WithDecryption":true}')
    const api = await clusters.api('east')
    await api.get(ConfigMap, { namespace: 'default', name: 'a' })
    assert.equal(kube.seen[0]?.headers['user-agent'], 'fairlead-test')
    clusters.close()
  })

  it('are the same until the text of a reference has changed, which is looked at every five minutes, or now', async () => {
    mock.timers.enable({ apis: ['Date'] })
    let names = ['east']
    await using ssm = await startScripted((_seen, response) => {
      const clusters = names.map((name) => [name, { server: 'http://127.0.0.1:1' }])
      response.end(JSON.stringify({ Parameter: { Value: JSON.stringify(Object.fromEntries(clusters)) } }))
    })
    set({ ...CREDENTIALS, AWS_ENDPOINT_URL: ssm.url, FAIRLEAD_CLUSTERS: 'ssm:/fairlead/clusters' })
    const read = clustersReader('x')
    const first = await read()
    assert.equal(await read(0), first)
    names = ['east', 'west']
    mock.timers.tick(299_999)
    assert.equal(await read(), first)
    assert.equal(ssm.seen.length, 2)
    mock.timers.tick(1)
    assert.deepEqual((await read()).names, ['east', 'west'])
    names = ['north']
    assert.deepEqual((await read(0)).names, ['north'])
    assert.deepEqual((await read()).names, ['north'])
  })

  it('are refused by the name of the setting that is missing', async () => {
    await assert.rejects(clustersReader('x')(), /^Error: FAIRLEAD_CLUSTERS is not set/)
    set({ FAIRLEAD_CLUSTERS: 'ssm:/a' })
    await assert.rejects(clustersReader('x')(), /^Error: AWS_REGION is not set$/)
    set({ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'A' })
    await assert.rejects(clustersReader('x')(), /^Error: AWS_SECRET_ACCESS_KEY is not set$/)
  })

  it('need no AWS where none of them does', async () => {
    set({ FAIRLEAD_CLUSTERS: '{"local":{"server":"http://127.0.0.1:1"}}' })
    assert.deepEqual((await clustersReader('x')()).names, ['local'])
  })

  it('takes addresses of services as the SDKs do, an empty one for none', () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_S3: 'http://s3' }
    assert.deepEqual([readAws(env)?.endpoints.all, readAws(env)?.endpoints.s3], [undefined, 'http://s3'])
  })

  it('serve a review function, whose keys may be a reference too', async () => {
    const keys = `k1=${Buffer.alloc(32, 7).toString('base64url')}`
    await using ssm = await startScripted((_seen, response) =>
      response.end(JSON.stringify({ Parameter: { Value: keys } })),
    )
    await using kube = await startScripted((_seen, response) =>
      response.end(JSON.stringify({ kind: 'List', metadata: {}, items: [] })),
    )
    const FAIRLEAD_CLUSTERS = JSON.stringify({ east: { server: kube.url } })
    set({ ...CREDENTIALS, AWS_ENDPOINT_URL: ssm.url, FAIRLEAD_CLUSTERS, FAIRLEAD_REVIEW_KEYS: 'ssm:/keys' })
    const { handler } = await import('../../functions/review/lambda.ts')
    const path = await capabilityPath(parseKeys(keys), 'east')
    const invoke = async (rawPath: string) =>
      (await handler({
        version: '2.0',
        rawPath,
        rawQueryString: '',
        headers: { 'content-type': 'application/json' },
        requestContext: { http: { method: 'POST' }, domainName: 'x' },
        body: JSON.stringify(
          asked(
            {
              apiVersion: 'v1',
              kind: 'Pod',
              metadata: { name: 'a', namespace: 'default' },
              spec: { containers: [] },
            },
            POD,
          ),
        ),
        isBase64Encoded: false,
      } as never)) as { statusCode: number; body: string }
    assert.equal((await invoke('/v1/east/k1/x/validate/pod-quota')).statusCode, 404)
    assert.equal((await invoke(`${path}/validate/pod-quota`)).statusCode, 200)
    assert.match(kube.seen[0]?.url ?? '', /^\/api\/v1\/namespaces\/default\//)
    assert.equal(kube.seen[0]?.headers['user-agent'], 'fairlead-review')
    assert.equal(ssm.seen.length, 1)
  })
})

const POD = {
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  name: 'a',
}
