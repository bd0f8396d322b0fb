import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Api, startServer } from './client.ts'

const PODS = '/api/v1/namespaces/default/pods'
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'

const evict = (api: Api, name: string, body: object = {}, query = '') =>
  api.post(`${PODS}/${name}/eviction${query}`, { metadata: { name }, ...body })

/** A pod that runs, ready or not. */
async function runPod(api: Api, name: string, ready = 'True'): Promise<void> {
  const containers = [{ name: 'c', image: 'i' }]
  await api.post(PODS, { metadata: { name, labels: { app: 'a' } }, spec: { containers } })
  const conditions = [{ type: 'Ready', status: ready }]
  await api.merge(`${PODS}/${name}/status`, { status: { phase: 'Running', conditions } })
}

/** A budget of one, and what the disruption controller says of it. */
async function budget(api: Api, status: object, spec: object = {}, name = 'b'): Promise<void> {
  await api.post(BUDGETS, {
    metadata: { name },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } }, ...spec },
  })
  await api.merge(`${BUDGETS}/${name}/status`, { status: { observedGeneration: 1, ...status } })
}

const causeOf = ({ body }: { body: { details?: Record<string, unknown> } }) =>
  ((body.details?.causes ?? []) as { message: string }[])[0]?.message

describe('evictions', () => {
  it('take a pod that no budget counts, and say so with a Status', async (t) => {
    const api = await startServer(t)
    await runPod(api, 'p')
    const { status, body } = await evict(api, 'p')
    assert.deepEqual(
      [status, body],
      [201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }],
    )
    assert.equal((await api.get(`${PODS}/p`)).status, 404)
  })

  it('tell the pod why it goes before it goes', async (t) => {
    const api = await startServer(t)
    await runPod(api, 'p')
    const watch = await api.watch(`${PODS}?watch=1`)
    await watch.next()
    await evict(api, 'p')
    const told = await watch.next()
    const conditions = told?.object.status.conditions as Record<string, string>[]
    const { type, status, reason, message } = conditions.at(-1) ?? {}
    assert.deepEqual(
      [told?.type, type, status, reason, message],
      ['MODIFIED', 'DisruptionTarget', 'True', 'EvictionByEvictionAPI', 'Eviction API: evicting'],
    )
    // It is marked before it is gone.
    const marked = await watch.next()
    assert.ok(marked?.object.metadata.deletionTimestamp)
    assert.equal((await watch.next())?.type, 'DELETED')
    watch.close()
  })

  it('spend what a budget allows, and no more', async (t) => {
    const api = await startServer(t)
    for (const name of ['p', 'q', 'r']) await runPod(api, name)
    await budget(api, { disruptionsAllowed: 2, currentHealthy: 3, desiredHealthy: 1 })
    assert.equal((await evict(api, 'p')).status, 201)
    const once = (await api.get(`${BUDGETS}/b`)).body.status
    assert.deepEqual([once.disruptionsAllowed, Object.keys(once.disruptedPods ?? {})], [1, ['p']])
    await evict(api, 'q')
    const { body } = await api.get(`${BUDGETS}/b`)
    const [condition] = body.status.conditions as Record<string, unknown>[]
    assert.deepEqual(
      [body.status.disruptionsAllowed, condition?.type, condition?.status, condition?.reason],
      [0, 'DisruptionAllowed', 'False', 'InsufficientPods'],
    )
    const managers = body.metadata.managedFields as { manager: string; subresource?: string }[]
    assert.ok(
      managers.some(({ manager, subresource }) => manager === 'kube-apiserver' && subresource === 'status'),
    )
    const refused = await evict(api, 'r')
    assert.deepEqual([refused.status, refused.body.reason], [429, 'TooManyRequests'])
    assert.equal((await api.get(`${PODS}/r`)).status, 200)
  })

  const desired = { desiredHealthy: 1, disruptionsAllowed: 0 }
  const condition = (reason: string, message: string) => ({
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: 'False',
        reason,
        message,
        lastTransitionTime: '2020-01-01T00:00:00Z',
      },
    ],
  })
  for (const [what, status, text] of [
    ['has not been looked at', { observedGeneration: 0 }, 'is still being processed by the server.'],
    ['needs every pod', { ...desired, currentHealthy: 1 }, 'needs 1 healthy pods and has 1 currently'],
    [
      'could not be reckoned',
      { ...desired, currentHealthy: 2, ...condition('SyncFailed', 'oops') },
      'does not allow evicting pods currently because it failed sync: oops',
    ],
    [
      'says why',
      { ...desired, currentHealthy: 2, ...condition('InsufficientPods', 'too few') },
      'does not allow evicting pods currently (InsufficientPods): too few',
    ],
    ['allows none', { ...desired, currentHealthy: 2 }, 'does not allow evicting pods currently'],
  ] as const)
    it(`are refused by a budget that ${what}`, async (t) => {
      const api = await startServer(t)
      await runPod(api, 'p')
      await budget(api, status)
      const refused = await evict(api, 'p')
      assert.equal(refused.status, 429)
      assert.equal(causeOf(refused), `The disruption budget b ${text}`)
      const isEarly = 'observedGeneration' in status
      assert.equal(refused.headers['retry-after'], isEarly ? '10' : undefined)
    })

  it('take pods that are not ready where enough others are, or where the budget does not mind', async (t) => {
    const api = await startServer(t)
    for (const name of ['p', 'q', 'r']) await runPod(api, name, 'False')
    await budget(api, { ...desired, currentHealthy: 1 })
    assert.equal((await evict(api, 'p')).status, 201)
    await api.merge(`${BUDGETS}/b/status`, { status: { currentHealthy: 0 } })
    assert.equal((await evict(api, 'q')).status, 429)
    await api.merge(`${BUDGETS}/b`, { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } })
    assert.equal((await evict(api, 'q')).status, 201)
    assert.equal((await api.get(`${BUDGETS}/b`)).body.status.disruptionsAllowed, 0)
  })

  it('ask no budget about pods that do not run', async (t) => {
    const api = await startServer(t)
    await budget(api, { ...desired, currentHealthy: 0 })
    for (const phase of ['Pending', 'Succeeded', 'Failed']) {
      await runPod(api, 'p')
      await api.merge(`${PODS}/p/status`, { status: { phase } })
      assert.equal((await evict(api, 'p')).status, 201, phase)
    }
  })

  it('do not choose between two budgets', async (t) => {
    const api = await startServer(t)
    await runPod(api, 'p')
    await budget(api, { disruptionsAllowed: 1 })
    await budget(api, { disruptionsAllowed: 1 }, { selector: {} }, 'c')
    const { status, body } = await evict(api, 'p')
    assert.equal(status, 500)
    assert.match(body.message, /more than one PodDisruptionBudget/)
  })

  it('change nothing when they are dry, by either option', async (t) => {
    const api = await startServer(t)
    await runPod(api, 'p')
    await budget(api, { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })
    assert.equal((await evict(api, 'p', {}, '?dryRun=All')).status, 201)
    assert.equal((await evict(api, 'p', { deleteOptions: { dryRun: ['All'] } })).status, 201)
    assert.equal((await api.get(`${BUDGETS}/b`)).body.status.disruptionsAllowed, 1)
    assert.equal((await api.get(`${PODS}/p`)).status, 200)
  })

  it('are deletions with options of their own, and of policy/v1beta1 too', async (t) => {
    const api = await startServer(t)
    await runPod(api, 'p')
    const other = await evict(api, 'p', { deleteOptions: { preconditions: { uid: 'another' } } })
    assert.deepEqual([other.status, other.body.reason], [409, 'Conflict'])
    const odd = await evict(api, 'p', { deleteOptions: { propagationPolicy: 'Foo' } })
    assert.match(odd.body.message, /^DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported/)
    const unnamed = await api.post(`${PODS}/p/eviction`, {})
    assert.equal(unnamed.body.message, 'name in URL does not match name in Eviction object')
    const foreign = await evict(api, 'p', { kind: 'Pod', apiVersion: 'v1' })
    assert.match(foreign.body.message, /converting \(v1.Pod\) to \(policy.Eviction\): unknown conversion/)
    assert.equal((await evict(api, 'nobody')).status, 404)
    assert.equal((await evict(api, 'p', { kind: 'Eviction', apiVersion: 'policy/v1beta1' })).status, 201)
  })
})
