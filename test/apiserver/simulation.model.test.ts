/** Simulated workloads under whatever others do to their objects meanwhile: they come to rest where they should be. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { randomFrom } from '../random.ts'
import type { Api } from './client.ts'
import {
  APPS,
  counts,
  DEPLOYMENTS,
  deployment,
  image,
  list,
  names,
  PODS,
  REPLICA_SETS,
  revisions,
  startCluster,
  template,
  told,
} from './workloads.ts'

const WEB = `${DEPLOYMENTS}/web`
const DB = `${APPS}/statefulsets/db`

const database = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    replicas: 2,
    selector: { matchLabels: { app: 'db' } },
    template: template('db'),
  },
}

/** Something that a person or another controller may do at any time. */
type Deed = (api: Api, pick: (count: number) => number) => Promise<unknown>

const oneOf = async (api: Api, path: string, pick: (count: number) => number) => {
  const found = await names(api, path)
  return found.length === 0 ? undefined : `${path}/${found[pick(found.length)]}`
}

const removeOne =
  (path: string, body?: object): Deed =>
  async (api, pick) => {
    const found = await oneOf(api, path, pick)
    return found && api.remove(found, body)
  }

const patchOne =
  (path: string, body: (pick: (count: number) => number) => object): Deed =>
  async (api, pick) => {
    const found = await oneOf(api, path, pick)
    return found && api.merge(found, body(pick))
  }

const DEEDS: readonly Deed[] = [
  removeOne(PODS),
  removeOne(PODS, { gracePeriodSeconds: 0 }),
  removeOne(REPLICA_SETS),
  removeOne(REPLICA_SETS, { propagationPolicy: 'Orphan' }),
  removeOne(`${APPS}/controllerrevisions`),
  patchOne(PODS, () => ({ metadata: { labels: { app: 'stray' } } })),
  patchOne(PODS, () => ({ metadata: { ownerReferences: null } })),
  patchOne(PODS, (pick) => ({
    metadata: { annotations: { 'fairlead.dev/outcome': ['never', 'fail', 'ready'][pick(3)] } },
  })),
  patchOne(REPLICA_SETS, (pick) => ({ spec: { replicas: pick(4) } })),
  (api, pick) => api.merge(WEB, { spec: { replicas: pick(4) } }),
  (api, pick) => api.merge(WEB, image(`i:${pick(3)}`)),
  (api, pick) => api.merge(WEB, { spec: { paused: pick(2) === 0 } }),
  (api, pick) => api.merge(DB, { spec: { replicas: pick(4) } }),
  (api, pick) => api.merge(DB, image(`i:${pick(3)}`)),
]

describe('simulated workloads', () => {
  for (const seed of [1, 2, 3, 4])
    it(`come to rest whatever is done to them (seed ${seed})`, async (t) => {
      const random = randomFrom(seed)
      const pick = (count: number) => Math.floor(random() * count)
      const { api, passSeconds } = await startCluster(t, { stopAfterSeconds: 2 })
      await api.post(DEPLOYMENTS, deployment('web', 2))
      await api.post(`${APPS}/statefulsets`, database)
      for (let step = 0; step < 60; step++) {
        await DEEDS[pick(DEEDS.length)]?.(api, pick)
        await passSeconds(pick(4))
      }
      await api.merge(WEB, { spec: { paused: false, replicas: 3, template: template('web', 'i:last') } })
      await api.merge(DB, { spec: { replicas: 3, template: template('db', 'i:last') } })
      for (const { metadata } of await list(api, PODS)) {
        const path = `${PODS}/${metadata.name}`
        await api.merge(path, { metadata: { annotations: null } })
        if ((metadata.labels as { app: string }).app === 'stray') await api.remove(path)
      }
      await passSeconds(3_000)
      const [web, db] = [(await api.get(WEB)).body, (await api.get(DB)).body]
      assert.equal(told(web, 'Progressing'), 'True NewReplicaSetAvailable')
      assert.deepEqual(
        counts(web, 'replicas', 'updatedReplicas', 'availableReplicas', 'unavailableReplicas'),
        [3, 3, 3, 0],
      )
      assert.deepEqual(counts(db, 'replicas', 'updatedReplicas', 'availableReplicas'), [3, 3, 3])
      // Pods whose ReplicaSet was taken away from above them stay, as they do in a cluster.
      const controlled = (await list(api, PODS)).filter(
        ({ metadata }) => metadata.ownerReferences !== undefined,
      )
      assert.deepEqual(
        controlled.map(({ spec }) => (spec.containers as { image: string }[])[0]?.image),
        Array.from({ length: 6 }, () => 'i:last'),
      )
      assert.deepEqual(
        (await revisions(api)).filter(([, size]) => size > 0).map(([, size]) => size),
        [3],
      )
    })
})
