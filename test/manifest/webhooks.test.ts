import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { operator } from '../../functions/operator.ts'
import { crdsOf, Deployment, defineOperator, defineReview, Pod, webhooksOf } from '../../lib/index.ts'
import { Shop } from '../review.samples.ts'

const address = { url: 'https://reviews.example.com/v1/east/k1/mac', ca: 'PEM' }

interface Rule {
  readonly operations: readonly string[]
  readonly resources: readonly string[]
}
type Webhook = Record<string, unknown> & { readonly name: string; readonly rules: readonly Rule[] }
const webhooks = (reviews: Parameters<typeof defineOperator>[2]) =>
  webhooksOf(defineOperator('test', [], reviews), address, 'test-system').map(({ kind, webhooks: all }) => ({
    kind,
    all: all as Webhook[],
  }))

describe('webhooksOf (R20)', () => {
  it('is narrow, waits 5 s, has no side effects, and stays away from where a cluster heals itself', () => {
    const [validating, ...others] = webhooks({ reviews: [defineReview(Shop, {})] })
    assert.equal(others.length, 0)
    assert.equal(validating?.kind, 'ValidatingWebhookConfiguration')
    assert.deepEqual(validating?.all, [
      {
        name: 'validate.shop.test.fairlead.dev',
        clientConfig: { url: `${address.url}/validate/shop`, caBundle: 'UEVN' },
        rules: [
          {
            apiGroups: ['test.fairlead.dev'],
            apiVersions: ['v1'],
            resources: ['shops'],
            operations: ['CREATE', 'UPDATE'],
            scope: 'Namespaced',
          },
        ],
        matchPolicy: 'Equivalent',
        failurePolicy: 'Fail',
        sideEffects: 'None',
        timeoutSeconds: 5,
        admissionReviewVersions: ['v1'],
        namespaceSelector: {
          matchExpressions: [
            {
              key: 'kubernetes.io/metadata.name',
              operator: 'NotIn',
              values: ['kube-system', 'kube-node-lease', 'test-system'],
            },
          ],
        },
        objectSelector: {},
      },
    ])
  })

  it('says what the author says: policy, labels, conditions, reinvocation, subresource', () => {
    const review = defineReview(Pod, {
      name: 'pods',
      operations: ['CREATE', 'DELETE'],
      failurePolicy: 'Fail',
      timeoutSeconds: 2,
      reinvocation: 'IfNeeded',
      labels: 'app in (a,b),!legacy',
      matchConditions: [{ name: 'people', expression: 'true' }],
      default() {},
      validate() {},
    })
    const [mutating, validating] = webhooks({ reviews: [review] })
    const [mutate] = mutating?.all ?? []
    assert.deepEqual(mutate?.name, 'mutate.pods.fairlead.dev')
    assert.deepEqual(mutate?.reinvocationPolicy, 'IfNeeded')
    assert.deepEqual(mutate?.rules[0]?.operations, ['CREATE'])
    const [validate] = validating?.all ?? []
    assert.deepEqual(validate?.rules[0]?.operations, ['CREATE', 'DELETE'])
    assert.deepEqual([validate?.failurePolicy, validate?.timeoutSeconds], ['Fail', 2])
    assert.deepEqual(validate?.objectSelector, {
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['a', 'b'] },
        { key: 'legacy', operator: 'DoesNotExist' },
      ],
    })
    assert.deepEqual(validate?.matchConditions, [{ name: 'people', expression: 'true' }])
    const scale = defineReview(Deployment, { subresource: 'scale', validate() {} })
    const [{ all } = { all: [] }] = webhooks({ reviews: [scale] })
    assert.deepEqual(all[0]?.rules[0]?.resources, ['deployments/scale'])
    assert.equal(all[0]?.failurePolicy, 'Ignore')
  })

  it('names a Service where the reviews are in the cluster, and no authority where it is a public one', () => {
    const service = { namespace: 'a', name: 'b' }
    const [configuration] = webhooksOf(operator, { service, path: '/v1/x/y/z' }, 'a')
    assert.deepEqual((configuration?.webhooks as Webhook[] | undefined)?.[0]?.clientConfig, {
      service: { ...service, port: 443, path: '/v1/x/y/z/mutate/myapp' },
    })
  })
})

describe('crdsOf', () => {
  it('serves the stored version alone where nobody converts: nothing of another one is pruned in silence', () => {
    const served = (crds: ReturnType<typeof crdsOf>) =>
      crds.flatMap(({ spec }) =>
        spec.versions.map(({ name, served: is }) => `${spec.names.kind} ${name} ${is}`),
      )
    assert.deepEqual(served(crdsOf(operator)), [
      'MyApp v1beta1 false',
      'MyApp v1 true',
      'Cluster v1 true',
      'TsTest v1beta1 false',
      'TsTest v1 true',
    ])
    assert.ok(served(crdsOf(operator, address)).every((text) => text.endsWith('true')))
  })

  it('has kinds with conversions convert at the reviews, and only where there is an address', () => {
    const conversionOf = (crds: ReturnType<typeof crdsOf>) =>
      Object.fromEntries(crds.map(({ spec }) => [spec.names.kind, spec.conversion]))
    assert.deepEqual(conversionOf(crdsOf(operator)), {
      MyApp: undefined,
      Cluster: undefined,
      TsTest: undefined,
    })
    const converting = (name: string) => ({
      strategy: 'Webhook',
      webhook: {
        clientConfig: { url: `${address.url}/convert/${name}`, caBundle: 'UEVN' },
        conversionReviewVersions: ['v1'],
      },
    })
    assert.deepEqual(conversionOf(crdsOf(operator, address)), {
      MyApp: converting('myapp'),
      Cluster: undefined,
      TsTest: converting('tstest'),
    })
  })
})
