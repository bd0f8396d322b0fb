/** The operator Cluster (R32): creation, ordered upgrade, scaling, failures, and what people do to its children. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Cluster } from '../../functions/operators/cluster.ts'
import { ApiError, Event, Pod, Service, StatefulSet } from '../../lib/index.ts'
import { startPath } from '../cluster.ts'
import { partitionOf, replicasOf } from '../statefulsets.ts'
import {
  clusterOf,
  key,
  operator,
  readyOf,
  startSettled,
  startWorld,
  type World,
  walkTo,
} from './cluster.world.ts'

const imagesOf = async ({ sets }: World) => (await sets.members(key)).map(({ image }) => image)

async function eventsOf({ own }: World): Promise<string[]> {
  const { items } = await own.list(Event, { namespace: key.namespace })
  return items.map(({ type, reason, note }) => `${type} ${reason}: ${note}`)
}

describe('Cluster', () => {
  it('carries a new image through the whole path, one pod at a time from the highest ordinal down (R32, D10)', async () => {
    await using world = await startWorld()
    const path = await startPath(operator, { cluster: world })
    // Only changes of the StatefulSet's status wake the operator here: no spec and no label of it changes.
    const upgraded = async (image: string) => {
      for (;;) {
        const { length } = path.happenings
        const isMoved = await world.sets.settle(key)
        const { status } = await world.live()
        if (status?.phase === 'Ready' && status.currentImage === image) return
        if (!isMoved && path.happenings.length === length) await path.next()
      }
    }
    await world.own.create(Cluster, clusterOf())
    await upgraded('db:1')
    await world.want({ image: 'db:2' })
    await upgraded('db:2')
    await path.stop()
    assert.deepEqual(world.partitions, [3, 3, 2, 1, 0, 3])
    assert.deepEqual(world.mistakes, [])
    assert.deepEqual(await imagesOf(world), ['db:2', 'db:2', 'db:2'])
    const { status, metadata } = await world.live()
    assert.equal(readyOf(await world.live()), 'True')
    assert.deepEqual(
      [status?.observedGeneration, status?.readyReplicas, status?.updatedReplicas, status?.targetImage],
      [metadata.generation, 3, 3, 'db:2'],
    )
  })

  it('makes a headless Service and a StatefulSet with a volume for each pod (R32)', async () => {
    await using world = await startSettled({ port: 5432, storage: '10Gi', replicas: 1 })
    const service = await world.own.get(Service, key)
    assert.equal(service?.spec?.clusterIP, 'None')
    assert.equal(service?.spec?.ports?.[0]?.port, 5432)
    const { spec } = await world.set()
    assert.equal(spec?.serviceName, 'db')
    assert.equal(spec?.template.spec?.containers[0]?.ports?.[0]?.containerPort, 5432)
    assert.equal(spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage, '10Gi')
  })

  it('refuses to change what cannot be changed: port, storage, and whether there is storage (R16)', async () => {
    await using world = await startSettled({ storage: '1Gi', replicas: 0 })
    for (const spec of [{ storage: '2Gi' }, { storage: null }, { port: 1 }]) {
      const refused = await world.want(spec).catch((error: unknown) => error)
      assert.ok(refused instanceof ApiError)
      assert.equal(refused.code, 422)
      assert.equal(refused.details?.causes?.[0]?.field, `spec.${Object.keys(spec)[0]}`)
      assert.match(refused.message, /is immutable/)
    }
  })

  it('writes nothing at rest, and sends two calls more than an operator that trusts its reads', async () => {
    await using world = await startSettled()
    const version = (await world.live()).metadata.resourceVersion
    world.requests.length = 0
    await world.reconcile()
    assert.deepEqual(world.requests.sort(), [
      'get clusters',
      'get services',
      'get statefulsets',
      'get statefulsets',
      'patch clusters',
      'patch statefulsets',
    ])
    assert.equal((await world.live()).metadata.resourceVersion, version)
  })

  it('is scaled through its scale subresource, with all pods held (R32)', async () => {
    await using world = await startSettled()
    const body = { spec: { replicas: 5 } }
    await world.own.patch(Cluster, key, { type: 'merge', body }, { subresource: 'scale' })
    await world.reconcile()
    assert.equal((await world.live()).status?.phase, 'Scaling')
    await world.settle()
    assert.deepEqual(world.partitions, [5])
    assert.equal((await world.live()).status?.readyReplicas, 5)
  })

  it('stands still with the upgrade where pods fail, tells so in one Event, and goes on when they recover (D10)', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 1)
    await world.sets.settle(key)
    await world.sets.fail(key, 0)
    await world.sets.fail(key, 2)
    await world.sets.observe(key)
    for (let time = 0; time < 3; time++) await world.reconcile()
    const live = await world.live()
    assert.equal(live.status?.phase, 'Degraded')
    assert.equal(readyOf(live), 'False')
    assert.equal(partitionOf(await world.set()), 1)
    const paused = '1 of 3 pods are ready, 2 run db:2: the upgrade is paused'
    assert.deepEqual(
      (await eventsOf(world)).filter((text) => text.startsWith('Warning')),
      [`Warning Degraded: ${paused}`],
    )
    await world.settle()
    assert.equal((await world.live()).status?.currentImage, 'db:2')
    assert.deepEqual(world.mistakes, [])
  })

  it('starts anew from the top when a new image comes in the middle of an upgrade (D10)', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 1)
    await world.want({ image: 'db:3' })
    await world.settle()
    assert.deepEqual(world.partitions, [3, 2, 1, 3, 2, 1, 0, 3])
    assert.deepEqual(await imagesOf(world), ['db:3', 'db:3', 'db:3'])
    assert.deepEqual(world.mistakes, [])
  })

  it('goes back to the old image from the top too, and does not take pods that never left it for updated (D10)', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 1)
    await world.want({ image: 'db:1' })
    await world.reconcile()
    await world.sets.settle(key)
    await world.reconcile()
    // Pod 0 has run db:1 all the time; were it counted, pod 1 would be let go before pod 2 is back.
    assert.equal((await world.live()).status?.updatedReplicas, 0)
    await world.settle()
    assert.deepEqual(world.partitions, [3, 2, 1, 3, 2, 1, 0, 3])
    assert.deepEqual(world.mistakes, [])
  })

  it('restarts no pod when the new image is withdrawn before the first was let go', async () => {
    await using world = await startSettled()
    const before = await world.own.list(Pod, { namespace: key.namespace })
    await world.want({ image: 'db:2' })
    await world.reconcile()
    await world.sets.settle(key)
    await world.want({ image: 'db:1' })
    await world.settle()
    const after = await world.own.list(Pod, { namespace: key.namespace })
    const uids = ({ items }: typeof before) => items.map(({ metadata }) => metadata.uid)
    assert.deepEqual(uids(after), uids(before))
  })

  it('comes back from an image that does not work, with the pod that it broke', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:broken' })
    await world.settle()
    assert.deepEqual(await imagesOf(world), ['db:1', 'db:1', 'db:broken'])
    assert.equal((await world.live()).status?.phase, 'Upgrading')
    await world.want({ image: 'db:1' })
    await world.settle()
    assert.deepEqual(await imagesOf(world), ['db:1', 'db:1', 'db:1'])
    assert.equal((await world.live()).status?.phase, 'Ready')
    assert.deepEqual(world.mistakes, [])
  })

  it('holds nothing back before all pods were ready once: a first image that does not work is replaced', async () => {
    await using world = await startSettled({ image: 'db:broken' })
    assert.deepEqual(await imagesOf(world), ['db:broken'])
    assert.equal((await world.live()).status?.phase, 'Creating')
    await world.want({ image: 'db:2' })
    await world.settle()
    assert.deepEqual(await imagesOf(world), ['db:2', 'db:2', 'db:2'])
    assert.equal((await world.live()).status?.phase, 'Ready')
    assert.deepEqual(world.mistakes, [])
  })

  it('scales in the middle of an upgrade, which waits where it stood', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 2)
    await world.want({ replicas: 5 })
    await world.reconcile()
    assert.equal((await world.live()).status?.phase, 'Scaling')
    await world.settle()
    assert.deepEqual(world.partitions, [3, 2, 2, 1, 0, 5])
    assert.deepEqual(
      await imagesOf(world),
      Array.from({ length: 5 }, () => 'db:2'),
    )
    assert.deepEqual(world.mistakes, [])
  })

  it('scales an upgrade away that hangs, down to nothing', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:broken' })
    await world.settle()
    await world.want({ replicas: 0 })
    await world.settle()
    assert.deepEqual(await imagesOf(world), [])
    assert.equal((await world.live()).status?.phase, 'Ready')
  })

  it('upgrades a Cluster of no pods, and starts it with the new image', async () => {
    await using world = await startSettled({ replicas: 0 })
    await world.want({ image: 'db:2' })
    await world.settle()
    assert.equal((await world.live()).status?.currentImage, 'db:2')
    await world.want({ replicas: 2 })
    await world.settle()
    assert.deepEqual(await imagesOf(world), ['db:2', 'db:2'])
    assert.deepEqual(world.mistakes, [])
  })

  it('puts a partition back that a person has lowered, and walks down again from one that was raised (D1)', async () => {
    await using world = await startSettled()
    const edit = (partition: number) => {
      const body = { spec: { updateStrategy: { rollingUpdate: { partition } } } }
      return world.own.patch(StatefulSet, key, { type: 'merge', body }, { fieldManager: 'someone' })
    }
    await edit(0)
    await world.settle()
    assert.deepEqual(world.partitions.splice(0), [3])
    await world.want({ image: 'db:2' })
    await walkTo(world, 2)
    await edit(0)
    await world.reconcile()
    await edit(9)
    await world.settle()
    assert.deepEqual(world.partitions, [3, 2, 2, 2, 1, 0, 3])
    assert.deepEqual(world.mistakes, [])
  })

  it('puts an image and a size back that a person has set on the StatefulSet, without restarting a pod (D1)', async () => {
    await using world = await startSettled()
    const operations = [
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'db:9' },
      { op: 'replace', path: '/spec/replicas', value: 2 },
    ]
    const before = (await world.sets.members(key)).map(({ revision }) => revision)
    await world.own.patch(StatefulSet, key, { type: 'json', operations }, { fieldManager: 'someone' })
    await world.settle()
    assert.equal(replicasOf(await world.set()), 3)
    assert.deepEqual(
      (await world.sets.members(key)).map(({ revision }) => revision),
      before,
    )
  })

  it('takes a StatefulSet that a person deleted and made again for another one, whose generations begin anew (A7)', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 1)
    const old = await world.set()
    await world.own.delete(StatefulSet, key, { propagation: 'Orphan' })
    await world.own.create(StatefulSet, { ...old, metadata: { name: key.name, namespace: key.namespace } })
    const made = await world.set()
    assert.equal(made.metadata.generation, 1)
    assert.ok(((await world.live()).status?.statefulSet?.generation ?? 0) > 1)
    await world.reconcile()
    assert.equal((await world.live()).status?.statefulSet?.uid, made.metadata.uid)
    await world.settle()
    assert.deepEqual(world.partitions, [3, 2, 1, 3, 2, 1, 0, 3])
    assert.deepEqual(await imagesOf(world), ['db:2', 'db:2', 'db:2'])
    assert.deepEqual(world.mistakes, [])
  })

  it('deletes no pod of a StatefulSet whose status is not there yet, though it is not ready', async () => {
    await using world = await startSettled()
    const { apiVersion, kind, spec } = await world.set()
    await world.own.delete(StatefulSet, key, { propagation: 'Orphan' })
    await world.own.create(StatefulSet, { apiVersion, kind, metadata: key, spec })
    await world.sets.fail(key, 0)
    await world.reconcile()
    assert.equal((await world.sets.members(key)).length, 3)
  })

  it('gives one that was made again no new image before its controller has seen the old, with which held pods come back', async () => {
    await using world = await startSettled()
    const { apiVersion, kind, spec } = await world.set()
    await world.own.delete(StatefulSet, key, { propagation: 'Orphan' })
    await world.own.create(StatefulSet, { apiVersion, kind, metadata: key, spec })
    await world.want({ image: 'db:broken' })
    await world.reconcile()
    assert.equal((await world.set()).spec?.template.spec?.containers[0]?.image, 'db:1')
    await world.settle()
    assert.deepEqual(await imagesOf(world), ['db:1', 'db:1', 'db:broken'])
    await world.want({ image: 'db:2' })
    await world.settle()
    assert.deepEqual(await imagesOf(world), ['db:2', 'db:2', 'db:2'])
  })

  it('makes a deleted StatefulSet again, with every pod held', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 1)
    await world.own.delete(StatefulSet, key, { propagation: 'Orphan' })
    await world.settle()
    assert.deepEqual(await imagesOf(world), ['db:2', 'db:2', 'db:2'])
    assert.deepEqual(world.mistakes, [])
  })
})
