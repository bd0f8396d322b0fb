import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { operator } from '../../functions/operator.ts'
import {
  defineOperator,
  type Happening,
  installCrds,
  type Kube,
  type KubeObject,
  keepRegistered,
  type Resource,
  register,
  switchReviews,
  systemClock as clock,
  unregister,
} from '../../lib/index.ts'
import { startCluster } from '../cluster.ts'

interface Configuration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly failurePolicy: string }[]
}
const sort = (kind: string): Resource<Configuration> => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: false,
})
const VALIDATING = sort('ValidatingWebhookConfiguration')
const MUTATING = sort('MutatingWebhookConfiguration')
interface Crd extends KubeObject {
  readonly spec: {
    readonly conversion?: { readonly strategy: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
}
const CRD: Resource<Crd> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}
const key = { name: operator.name }
const myapps = { name: 'myapps.apps.fairlead.dev' }
const registration = {
  operator,
  address: { url: 'https://127.0.0.1:1/v1/a/b/c' },
  namespace: 'fairlead-system',
}

async function registered() {
  const cluster = await startCluster()
  const stop = new AbortController()
  const using = { api: cluster.api, clock, report: () => {}, random: () => 0 }
  await register(registration, using, stop.signal)
  return {
    ...cluster,
    using,
    stop,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await cluster[Symbol.asyncDispose]()
    },
  }
}

/** Asks until it is so; every look is a request, so time passes. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
const namesIn = async (api: Kube, resource: Resource<Configuration>) =>
  (await api.get(resource, key))?.webhooks?.map(({ name }) => name)

const servedIn = async (api: Kube) =>
  (await api.get(CRD, myapps))?.spec.versions.filter(({ served }) => served).map(({ name }) => name)

const VALIDATE = [
  'validate.myapp.apps.fairlead.dev',
  'validate.tstest.apps.fairlead.dev',
  'validate.pod-quota.fairlead.dev',
]

describe('register (R20)', () => {
  it('applies both configurations and the conversions; twice is once', async () => {
    await using cluster = await registered()
    const { api, using: using_, stop } = cluster
    assert.deepEqual(await namesIn(api, VALIDATING), VALIDATE)
    assert.deepEqual(await namesIn(api, MUTATING), ['mutate.myapp.apps.fairlead.dev'])
    assert.equal((await api.get(CRD, myapps))?.spec.conversion?.strategy, 'Webhook')
    const before = (await api.get(VALIDATING, key))?.metadata.resourceVersion
    await register(registration, using_, stop.signal)
    assert.equal((await api.get(VALIDATING, key))?.metadata.resourceVersion, before)
  })

  it('leaves a conversion that somebody else serves as it stands', async () => {
    await using cluster = await registered()
    const { api, using: using_ } = cluster
    await installCrds(api, operator, using_)
    assert.equal((await api.get(CRD, myapps))?.spec.conversion?.strategy, 'Webhook')
    assert.deepEqual(await servedIn(api), ['v1beta1', 'v1'])
    await installCrds(api, operator, { ...using_, address: 'none' })
    assert.deepEqual(await servedIn(api), ['v1'])
  })

  it('restores what somebody edits or deletes, for as long as it is wanted (G5)', async () => {
    await using cluster = await registered()
    const { api, using: using_, stop } = cluster
    const keeping = keepRegistered(registration, using_, stop.signal)
    await api.delete(VALIDATING, key)
    await until(async () => (await namesIn(api, VALIDATING))?.length === 3)
    const webhook = { name: 'mutate.myapp.apps.fairlead.dev', failurePolicy: 'Ignore' }
    await api.patch(MUTATING, key, {
      type: 'json',
      operations: [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }],
    })
    await until(async () => (await api.get(MUTATING, key))?.webhooks?.[0]?.failurePolicy === 'Fail')
    assert.equal((await api.get(MUTATING, key))?.webhooks?.[0]?.name, webhook.name)
    await api.patch(CRD, myapps, {
      type: 'merge',
      body: { spec: { conversion: { strategy: 'None', webhook: null } } },
    })
    await until(async () => (await api.get(CRD, myapps))?.spec.conversion?.strategy === 'Webhook')
    stop.abort()
    await keeping
  })

  it('stays off once it is switched off, and comes back when it is switched on (the emergency switch)', async () => {
    await using cluster = await registered()
    const { api, using: using_, stop } = cluster
    const keeping = keepRegistered(registration, using_, stop.signal)
    assert.equal(await switchReviews(operator, 'off', { api }), 2)
    assert.deepEqual([await namesIn(api, VALIDATING), await namesIn(api, MUTATING)], [undefined, undefined])
    // An edit by somebody else wakes whoever restores; it still restores nothing.
    await api.patch(VALIDATING, key, {
      type: 'merge',
      body: { metadata: { labels: { touched: 'yes', 'fairlead.dev/operator': null } } },
    })
    await until(
      async () =>
        (await api.get(VALIDATING, key))?.metadata.labels?.['fairlead.dev/operator'] === operator.name,
    )
    assert.equal(await namesIn(api, VALIDATING), undefined)
    assert.equal(await switchReviews(operator, 'on', { api }), 2)
    await until(async () => (await namesIn(api, VALIDATING))?.length === 3)
    stop.abort()
    await keeping
  })

  it('stays off over a restart: what is switched off is not taken away', async () => {
    await using cluster = await registered()
    const { api, using: using_, stop } = cluster
    await switchReviews(operator, 'off', { api })
    await unregister(operator, using_, stop.signal)
    await register(registration, using_, stop.signal)
    assert.deepEqual([await namesIn(api, VALIDATING), await namesIn(api, MUTATING)], [undefined, undefined])
    await switchReviews(operator, 'on', { api })
    await register(registration, using_, stop.signal)
    assert.deepEqual(await namesIn(api, VALIDATING), VALIDATE)
  })

  it('restores what went before anybody looked, and tries again what is refused (G5)', async () => {
    await using cluster = await registered()
    const { api, using: using_, stop, server } = cluster
    await api.delete(VALIDATING, key)
    const errors: string[] = []
    const report = (happening: Happening) => {
      if (happening.type === 'failed') errors.push(happening.error)
    }
    server.faults(({ verb, resource }) =>
      verb === 'patch' && resource === VALIDATING.plural && errors.length === 0 ? { status: 500 } : undefined,
    )
    const keeping = keepRegistered(registration, { ...using_, report }, stop.signal)
    await until(async () => (await namesIn(api, VALIDATING))?.length === 3)
    assert.equal(errors.length, 1)
    stop.abort()
    await keeping
  })

  it('refuses to serve objects that are stored in another version while nobody converts them', async () => {
    await using cluster = await registered()
    const { api, using: using_ } = cluster
    const storing = (version: string) => ({
      type: 'merge' as const,
      body: { status: { storedVersions: [version, 'v1'] } },
    })
    await api.patch(CRD, myapps, storing('v1beta1'), { subresource: 'status' })
    await installCrds(api, operator, { ...using_, address: 'none' })
    assert.equal(
      (await api.get(CRD, myapps))?.spec.conversion?.strategy,
      'Webhook',
      'the converter is left standing',
    )
    await api.patch(CRD, myapps, {
      type: 'merge',
      body: { spec: { conversion: { strategy: 'None', webhook: null } } },
    })
    await assert.rejects(
      installCrds(api, operator, using_),
      /CRD myapps\.apps\.fairlead\.dev: objects are stored in v1beta1, and nobody converts them to v1: serve the conversions first/,
    )
  })

  it('is taken away on request, and a sort that has no reviews any more too', async () => {
    await using cluster = await registered()
    const { api, using: using_, stop } = cluster
    const fewer = defineOperator(operator.name, operator.controllers, {
      reviews: operator.reviews.filter(({ name }) => name !== 'myapp'),
      conversions: operator.conversions,
    })
    await register({ ...registration, operator: fewer }, using_, stop.signal)
    assert.equal(await api.get(MUTATING, key), undefined)
    assert.deepEqual(await namesIn(api, VALIDATING), VALIDATE.slice(1))
    await unregister(fewer, using_, stop.signal)
    assert.equal(await api.get(VALIDATING, key), undefined)
    assert.notEqual((await api.get(CRD, myapps))?.spec.conversion?.strategy, 'Webhook')
  })
})
