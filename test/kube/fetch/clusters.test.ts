/** The clusters of a Worker: what can be reached from one and how, and what is refused with which way out. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClusterConfig } from '../../../lib/clusters.ts'
import { ApiError, ConfigMap, type Kube } from '../../../lib/index.ts'
import type { Fetch } from '../../../lib/kube/fetch.ts'
import { type FetchClustersOptions, fetchClusters } from '../../../lib/kube/fetch/clusters.ts'
import { fakeClock } from '../../fake-clock.ts'
import { sendJson, startScripted, statusOf } from '../server.ts'

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
const read = (api: Kube) => api.get(ConfigMap, { namespace: 'default', name: 'a' })
const open = (one: ClusterConfig, options: Partial<FetchClustersOptions> = {}) =>
  fetchClusters(
    { one },
    { clock: fakeClock(), readEnv: (name) => `the-${name}`, fetchOf: () => undefined, ...options },
  )

describe('clusters of a Worker', () => {
  it('are reached by address, with a token and a service token that are secrets, and by name', async () => {
    await using server = await startScripted((_, response) => sendJson(response, object))
    const access = { id: 'env:ID', secret: 'env:SECRET' }
    const clusters = open({ server: server.url, token: 'env:TOKEN', access }, { userAgent: 'fairlead-test' })
    assert.deepEqual(clusters.names, ['one'])
    assert.deepEqual(await read(await clusters.api('one')), object)
    assert.equal(await clusters.api('one'), await clusters.api('one'))
    const { headers } = server.seen[0] ?? {}
    assert.equal(headers?.authorization, 'Bearer the-TOKEN')
    assert.equal(headers?.['cf-access-client-id'], 'the-ID')
    assert.equal(headers?.['cf-access-client-secret'], 'the-SECRET')
    assert.equal(headers?.['user-agent'], 'fairlead-test')
    await assert.rejects(clusters.api('two'), /cluster "two" is not in FAIRLEAD_CLUSTERS, which has one$/)
    clusters.close()
  })

  it('may have a name that begins with digits, and through a binding an address', () => {
    const token = 'env:TOKEN'
    for (const one of [
      { server: 'https://10.0.0.1.nip.io', token },
      { server: 'https://192.0.2.1:6443', token, via: 'K8S' },
    ])
      assert.deepEqual(open(one, { fetchOf: () => fetch }).names, ['one'])
  })

  it('are reached through the binding that "via" names, wherever they are', async () => {
    const asked: string[] = []
    const binding: Fetch = async (url) => {
      asked.push(url)
      return Response.json(object)
    }
    const one = { server: 'https://kubernetes.default.svc', token: 'env:TOKEN', via: 'K8S' }
    const clusters = open(one, { fetchOf: (name) => (name === 'K8S' ? binding : undefined) })
    await read(await clusters.api('one'))
    assert.deepEqual(asked, ['https://kubernetes.default.svc/api/v1/namespaces/default/configmaps/a'])
  })

  it('read a secret again when the server refuses the token', async () => {
    await using server = await startScripted((seen, response) =>
      seen.headers.authorization === 'Bearer new'
        ? sendJson(response, object)
        : sendJson(response, statusOf(401, 'Unauthorized', 'Unauthorized'), 401),
    )
    let token = 'old'
    const clusters = open({ server: server.url, token: 'env:TOKEN' }, { readEnv: () => token })
    const api = await clusters.api('one')
    token = 'new'
    assert.deepEqual(await read(api), object)
    assert.equal(server.seen.length, 2)
  })

  it('that lack a secret are unreachable for three seconds, then it is looked for again', async () => {
    const clock = fakeClock()
    let asked = 0
    let token: string | undefined
    const readEnv = () => {
      asked += 1
      return token
    }
    const clusters = open({ server: 'https://x', token: 'env:TOKEN' }, { clock, readEnv })
    const isRefused = (error: unknown) =>
      error instanceof ApiError &&
      error.code === 0 &&
      error.message === 'cluster "one": TOKEN, which is to hold the token, is not set'
    await assert.rejects(clusters.api('one'), isRefused)
    await assert.rejects(clusters.api('one'), isRefused)
    assert.equal(asked, 1)
    token = 'two\nlines'
    await clock.advance(3_000)
    await assert.rejects(clusters.api('one'), /^ApiError: cluster "one": env:TOKEN is no token$/)
    token = 'ok'
    await clock.advance(3_000)
    await clusters.api('one')
  })

  it('that are not there are refused at once for a while', async () => {
    const clock = fakeClock()
    let asked = 0
    const gone: Fetch = async () => {
      asked += 1
      throw Object.assign(new Error('Network connection lost.'), { retryable: true })
    }
    const one = { server: 'https://x', token: 'env:TOKEN', via: 'K8S' }
    const api = await open(one, { clock, fetchOf: () => gone }).api('one')
    await assert.rejects(read(api), { code: 0, message: /Network connection lost\.$/ })
    await assert.rejects(read(api), { code: 0, message: /did not answer a moment ago: Network connection/ })
    assert.equal(asked, 2)
    await clock.advance(5_000)
    await assert.rejects(read(api), { code: 0 })
    assert.equal(asked, 4)
  })

  it('are not forgotten for one write whose connection was lost', async () => {
    let isThere = false
    const fetch: Fetch = async () => {
      if (isThere) return Response.json(object)
      throw Object.assign(new Error('Network connection lost.'), { retryable: true })
    }
    const one = { server: 'https://x', token: 'env:TOKEN', via: 'K8S' }
    const api = await open(one, { fetchOf: () => fetch }).api('one')
    const map = { metadata: { namespace: 'default', name: 'a' } }
    await assert.rejects(api.create(ConfigMap, map), { code: 0, message: /the connection was lost$/ })
    isThere = true
    assert.deepEqual(await read(api), object)
  })

  const refused: [string, ClusterConfig, RegExp][] = [
    ['EKS', { eks: 'prod' }, /cluster "one"\.eks: .*give "server" and "token": "env:NAME"/],
    ['a kubeconfig', { kubeconfig: '/k' }, /cluster "one"\.kubeconfig: .*give "server" and "token"/],
    [
      'an authority',
      { server: 'https://x', token: 'env:T', ca: 'hunter2', via: 'K8S' },
      /cluster "one"\.ca: .*give it to a Workers VPC service, and name its binding as "via"$/,
    ],
    [
      'a token that is on AWS',
      { server: 'https://x', token: 'ssm:/hunter2' },
      /cluster "one"\.token: must be env:NAME on Workers, .*wrangler secret put NAME/,
    ],
    [
      'an IP address',
      { server: 'https://192.0.2.1:6443', token: 'env:T' },
      /cluster "one"\.server: must be a name: .* or go through a Workers VPC service \("via"\)$/,
    ],
    [
      'an IPv6 address',
      { server: 'https://[2001:db8::1]/k8s', token: 'env:T' },
      /cluster "one"\.server: must be a name/,
    ],
    [
      'a binding that is not there',
      { server: 'https://x', token: 'env:T', via: 'HUNTER2' },
      /cluster "one"\.via: must name a binding of the Worker, one of \[\[vpc_services\]\]/,
    ],
  ]
  for (const [what, one, rule] of refused)
    it(`refuses ${what}, and says what to do instead`, () => {
      assert.throws(
        () => open(one),
        (error) => {
          assert.match(String(error), /^Error: FAIRLEAD_CLUSTERS: /)
          assert.match(String(error), rule)
          assert.doesNotMatch(String(error), /hunter2/i)
          return true
        },
      )
    })
})
