/** Many clusters, real TLS servers: tokens, their renewal, and what one that is broken does to others: nothing. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { signedAws } from '../../lib/aws/sign.ts'
import { ApiError, ConfigMap, type Kube } from '../../lib/index.ts'
import { openClusters } from '../../lib/kube/clusters.ts'
import { makeEksToken } from '../../lib/kube/eks.ts'
import { lazyKube } from '../../lib/kube/lazy.ts'
import { fakeClock } from '../fake-clock.ts'
import { scratchFolder } from '../scratch.ts'
import { AUTHORITY, SERVER_CERT, SERVER_KEY } from './certificates.ts'
import { type Answer, startScripted } from './server.ts'

const TLS = { cert: SERVER_CERT, key: SERVER_KEY }
const found: Answer = (_seen, response) =>
  void response.end(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }))
const unauthorized = (response: Parameters<Answer>[1]) => {
  response.statusCode = 401
  response.end(JSON.stringify({ kind: 'Status', code: 401, reason: 'Unauthorized' }))
}
const read = (api: Kube) => api.get(ConfigMap, { namespace: 'default', name: 'a' })
const start = Date.UTC(2026, 10, 28, 12)

const awsTo = (url: string, expiration?: Date) =>
  signedAws({
    region: 'eu-west-1',
    endpoints: { all: url },
    now: () => start,
    credentials: async () => ({
      accessKeyId: 'AKID',
      secretAccessKey: 'secret',
      sessionToken: 'session',
      expiration,
    }),
  })

describe('an EKS token', () => {
  it('is a signed GetCallerIdentity URL of the region’s STS for one cluster, in base64url', async () => {
    const clock = fakeClock(start)
    const place = { eks: 'prod', region: 'eu-central-1' }
    const { value, freshUntil } = await makeEksToken(awsTo('http://127.0.0.1:1'), place, clock)
    const [, encoded = ''] = /^k8s-aws-v1\.([A-Za-z0-9_-]+)$/.exec(value) ?? []
    const url = new URL(Buffer.from(encoded, 'base64url').toString())
    assert.equal(url.origin + url.pathname, 'https://sts.eu-central-1.amazonaws.com/')
    const { 'X-Amz-Signature': signature, ...query } = Object.fromEntries(url.searchParams)
    assert.match(signature ?? '', /^[0-9a-f]{64}$/)
    assert.deepEqual(query, {
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKID/20261128/eu-central-1/sts/aws4_request',
      'X-Amz-Date': '20261128T120000Z',
      'X-Amz-Expires': '60',
      'X-Amz-Security-Token': 'session',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    })
    assert.equal(freshUntil, start + 13 * 60_000)
  })

  it('is fresh no longer than the credentials, and is for China’s STS in China', async () => {
    const aws = awsTo('http://127.0.0.1:1', new Date(start + 5 * 60_000))
    const { value, freshUntil } = await makeEksToken(
      aws,
      { eks: 'a', region: 'cn-north-1' },
      fakeClock(start),
    )
    assert.equal(freshUntil, start + 4 * 60_000)
    assert.match(
      Buffer.from(value.slice(11), 'base64url').toString(),
      /^https:\/\/sts\.cn-north-1\.amazonaws\.com\.cn\//,
    )
  })
})

describe('clusters', () => {
  it('finds an EKS cluster by its name, with one token and one connection for all calls, until it is stale', async () => {
    await using kube = await startScripted(found, TLS)
    await using eks = await startScripted((_seen, response) => {
      const certificateAuthority = { data: Buffer.from(AUTHORITY).toString('base64') }
      response.end(JSON.stringify({ cluster: { endpoint: kube.url, certificateAuthority } }))
    })
    const clock = fakeClock(start)
    const clusters = openClusters({ prod: { eks: 'prod-eu' } }, { aws: awsTo(eks.url), clock })
    assert.equal(eks.seen.length, 0)
    for (let count = 0; count < 3; count++) await read(await clusters.api('prod'))
    assert.deepEqual(
      eks.seen.map(({ method, url }) => `${method} ${url}`),
      ['GET /clusters/prod-eu'],
    )
    assert.match(
      eks.seen[0]?.headers.authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d+\/eu-west-1\/eks\//,
    )
    assert.equal(new Set(kube.seen.map(({ headers }) => headers.authorization)).size, 1)
    assert.match(kube.seen[0]?.headers.authorization ?? '', /^Bearer k8s-aws-v1\./)
    assert.equal(kube.sockets.size, 1)
    clusters.close()
  })

  it('reads a token again when the server refuses it: from a file, and from a reference', async () => {
    let accepted = 'one'
    await using kube = await startScripted((seen, response) => {
      if (seen.headers.authorization === `Bearer ${accepted}`) found(seen, response)
      else unauthorized(response)
    }, TLS)
    const path = join(scratchFolder(), 'token')
    writeFileSync(path, 'one\n')
    let stored = 'one'
    const ages: number[] = []
    const clusters = openClusters(
      {
        file: { server: kube.url, ca: AUTHORITY, token: `file:${path}` },
        ssm: { server: kube.url, ca: AUTHORITY, token: 'ssm:/t' },
      },
      {
        clock: fakeClock(start),
        readReference: async (_reference, maxAgeSeconds) => {
          ages.push(maxAgeSeconds)
          return stored
        },
      },
    )
    for (const name of clusters.names) await read(await clusters.api(name))
    accepted = 'two'
    stored = 'two'
    writeFileSync(path, 'two\n')
    for (const name of clusters.names) await read(await clusters.api(name))
    assert.deepEqual(ages, [300, 0])
    clusters.close()
  })

  it('shows a service token of Cloudflare Access with every request, besides its own', async () => {
    await using kube = await startScripted(found, TLS)
    const access = { id: 'env:ID', secret: 'env:SECRET' }
    const clusters = openClusters(
      { guarded: { server: kube.url, ca: AUTHORITY, token: 'env:TOKEN', access } },
      { clock: fakeClock(start), readEnv: (name) => `the-${name}\n` },
    )
    await read(await clusters.api('guarded'))
    const { authorization, 'cf-access-client-id': id, ...others } = kube.seen[0]?.headers ?? {}
    assert.deepEqual(
      [authorization, id, others['cf-access-client-secret']],
      ['Bearer the-TOKEN', 'the-ID', 'the-SECRET'],
    )
    clusters.close()
  })

  it('refuses a cluster that only a Worker can reach', () => {
    const tunnel = { server: 'https://kubernetes.default.svc', token: 'env:T', via: 'K8S' }
    assert.throws(
      () => openClusters({ tunnel }, { clock: fakeClock(start) }),
      /^Error: FAIRLEAD_CLUSTERS: cluster "tunnel"\.via: is a binding of a Worker: elsewhere "server" is reached itself$/,
    )
  })

  it('names the setting and what it knows for a cluster that it does not', async () => {
    const clusters = openClusters({ a: { eks: 'a' }, b: { eks: 'b' } }, { clock: fakeClock(start) })
    await assert.rejects(
      clusters.api('toString'),
      /^Error: cluster "toString" is not in FAIRLEAD_CLUSTERS, which has a, b$/,
    )
  })

  it('remembers for a few seconds that credentials cannot be had, and for one cluster only', async () => {
    await using kube = await startScripted(found, TLS)
    let token: string | undefined
    let asked = 0
    const clock = fakeClock(start)
    const clusters = openClusters(
      {
        broken: { server: kube.url, ca: AUTHORITY, token: 'env:BROKEN' },
        fine: { server: kube.url, ca: AUTHORITY, token: 'env:FINE' },
      },
      {
        clock,
        readEnv(name) {
          if (name === 'FINE') return 'ok'
          asked += 1
          return token
        },
      },
    )
    const isRefused = (error: unknown) =>
      error instanceof ApiError &&
      error.code === 0 &&
      /^cluster "broken": BROKEN, .* is not set$/.test(error.message)
    await assert.rejects(clusters.api('broken'), isRefused)
    await assert.rejects(clusters.api('broken'), isRefused)
    assert.equal(asked, 1)
    await read(await clusters.api('fine'))
    token = 'ok'
    await clock.advance(3_000)
    await read(await clusters.api('broken'))
    clusters.close()
  })

  it('refuses at once for a while what goes to a server that is not there', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await new Promise((resolve) => taken.close(resolve))
    const clock = fakeClock(start)
    const sent: number[] = []
    const clusters = openClusters(
      { gone: { server: `http://127.0.0.1:${port}` } },
      { clock, onCall: ({ status }) => sent.push(status) },
    )
    const api = await clusters.api('gone')
    const isUnreachable = (text: RegExp) => (error: unknown) =>
      error instanceof ApiError &&
      error.code === 0 &&
      error.reason === 'Unreachable' &&
      text.test(error.message)
    await assert.rejects(read(api), isUnreachable(/ECONNREFUSED/))
    await assert.rejects(read(api), isUnreachable(/did not answer a moment ago: .*ECONNREFUSED/))
    await clock.advance(5_000)
    await assert.rejects(read(api), isUnreachable(/no answer from .*ECONNREFUSED/))
    clusters.close()
  })

  it('gives up a connection that is not made in time, TLS and all, but waits for an answer', async () => {
    // Takes connections and says nothing: no TLS ever comes about.
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const clusters = openClusters(
      { silent: { server: `https://127.0.0.1:${port}`, token: 'env:T' } },
      { clock: fakeClock(start), readEnv: () => 't', connectSeconds: 0.05 },
    )
    await assert.rejects(read(await clusters.api('silent')), /no connection within 0\.05 s/)
    clusters.close()
    silent.close()
  })

  it('a watch that is silent outlives both limits', async () => {
    let end = () => {}
    await using kube = await startScripted((_seen, response) => {
      response.flushHeaders()
      end = () => void response.end()
      setTimeout(end, 120)
    })
    const clusters = openClusters(
      { local: { server: kube.url } },
      { clock: fakeClock(start), connectSeconds: 0.03, answerSeconds: 0.05 },
    )
    const api = await clusters.api('local')
    for await (const line of api.watch(ConfigMap, { timeoutSeconds: 60, resourceVersion: '1' }))
      assert.fail(line.type)
    clusters.close()
  })
})

describe('a lazy client', () => {
  it('opens with its first call, and passes on what opening rejects with', async () => {
    let opened = 0
    const api = lazyKube(async () => {
      opened += 1
      throw new Error('not now')
    })
    assert.equal(opened, 0)
    await assert.rejects(read(api), /not now/)
    await assert.rejects(api.watch(ConfigMap, { timeoutSeconds: 1 }).next(), /not now/)
    assert.equal(opened, 2)
  })
})
