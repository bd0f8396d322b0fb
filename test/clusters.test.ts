import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseClusters } from '../lib/clusters.ts'

const parse = (config: object) => parseClusters(JSON.stringify(config))

describe('the setting of clusters', () => {
  it('takes clusters in EKS, by address and by kubeconfig', () => {
    const config = {
      prod: { eks: 'prod-eu', region: 'eu-west-1' },
      east: { server: 'https://10.0.0.1:6443', ca: 'PEM', token: 'ssm:/fairlead/east' },
      laptop: { server: 'http://127.0.0.1:8080' },
      tunnel: { server: 'https://kubernetes.default.svc', token: 'env:T', via: 'K8S' },
      guarded: { server: 'https://x', token: 'env:T', access: { id: 'env:ID', secret: 'env:SECRET' } },
      'kind.1': { kubeconfig: '/home/ada/.kube/config', context: 'kind' },
    }
    assert.deepEqual(parse(config), config)
  })

  const refused: [string, object, RegExp][] = [
    [
      'a token itself',
      { a: { server: 'https://x', token: 'eyJhbGciOi' } },
      /cluster "a"\.token: must say where .* no place for a secret$/,
    ],
    ['no token where there is a network', { a: { server: 'https://x' } }, /cluster "a": needs a token/],
    [
      'no token but a host that begins like loopback',
      { a: { server: 'http://127.0.0.1.evil.example' } },
      /needs a token/,
    ],
    ['a token over plain http', { a: { server: 'http://x', token: 'env:T' } }, /must be https/],
    ['a name that is no label', { 'a/b': { eks: 'x' } }, /cluster "a\/b": must be 1 to 63/],
    [
      'a cluster that is none of the three',
      { a: { url: 'https://x' } },
      /must have "eks", "server" or "kubeconfig"/,
    ],
    ['a field that nobody knows', { a: { eks: 'x', rgion: 'y' } }, /cluster "a": Unrecognized key: "rgion"/],
    [
      'an address with credentials',
      { a: { server: 'https://u:p@x', token: 'env:T' } },
      /\.server: must be an http or https URL$/,
    ],
    [
      'a service token itself',
      { a: { server: 'https://x', token: 'env:T', access: { id: 'env:ID', secret: 'eyJhbGciOi' } } },
      /cluster "a"\.access\.secret: must be env:NAME: a setting is no place for a secret$/,
    ],
    [
      'half a service token',
      { a: { server: 'https://x', token: 'env:T', access: { id: 'env:ID' } } },
      /cluster "a"\.access\.secret: /,
    ],
    [
      'a binding that cannot be one',
      { a: { server: 'https://x', token: 'env:T', via: 'K 8' } },
      /cluster "a"\.via: must be the name of a binding$/,
    ],
    ['none', {}, /one cluster at least/],
  ]
  for (const [what, config, rule] of refused)
    it(`refuses ${what}, and names setting, cluster and rule`, () => {
      assert.throws(
        () => parse(config),
        (error) => {
          assert.match(String(error), /^Error: FAIRLEAD_CLUSTERS/)
          assert.match(String(error), rule)
          assert.doesNotMatch(String(error), /eyJhbGciOi|u:p@/)
          return true
        },
      )
    })

  it('refuses what is not JSON without quoting it', () => {
    assert.throws(() => parseClusters('{"a": {"token": "secret'), /^Error: FAIRLEAD_CLUSTERS must be JSON$/)
  })
})
