/** The operator Cluster (R32) and reads that are not the newest (R9): delivered on purpose, through the server's fault hook. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Cluster } from '../../functions/operators/cluster.ts'
import { isConflict, type Outcome, StatefulSet } from '../../lib/index.ts'
import { startPath } from '../cluster.ts'
import { partitionOf, replicasOf } from '../statefulsets.ts'
import {
  clusterOf,
  hurried,
  key,
  type Lie,
  operator,
  readyOf,
  startSettled,
  startWorld,
  type World,
  walkTo,
} from './cluster.world.ts'

/** The n-th read is that many versions old, and the truth after the last. */
function ages(list: readonly number[]): Lie {
  const rest = [...list]
  return () => rest.shift() ?? 0
}

/** Both kinds, or one, as they were when the server was at a resourceVersion. */
const asOf =
  (resourceVersion: string, only?: string): Lie =>
  (versions, resource) => {
    if (only !== undefined && only !== resource) return 0
    const isThen = (version: (typeof versions)[number]) =>
      Number(version?.metadata.resourceVersion ?? 0) <= Number(resourceVersion)
    return versions.length - 1 - versions.findLastIndex(isThen)
  }

const JUDGED_NOTHING = ['get clusters', 'get statefulsets', 'patch clusters/status']
const LOOKS_AGAIN: Outcome = { type: 'done', afterSeconds: 1 }
const AWAITS_CHANGE: Outcome = { type: 'done', afterSeconds: 10 }

/** What a reconcile does when it finds out too late to wait: nothing. */
async function assertRefused(world: World): Promise<void> {
  const before = await world.set()
  const outcome = await world.reconcile()
  assert.ok(outcome.type === 'failed' && isConflict(outcome.error), JSON.stringify(outcome))
  assert.equal((await world.set()).metadata.resourceVersion, before.metadata.resourceVersion)
}

async function assertRecovers(world: World): Promise<void> {
  world.deceive(undefined)
  await world.settle()
  const live = await world.live()
  assert.equal(readyOf(live), 'True', JSON.stringify(live.status))
  assert.equal(live.status?.currentImage, live.spec.image)
  assert.deepEqual(world.mistakes, [])
}

describe('Cluster and old reads', () => {
  it('does not judge a StatefulSet of generation 2 whose controller has only seen generation 1 (R9)', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await world.reconcile()
    world.requests.length = 0
    assert.deepEqual(await world.reconcile(), AWAITS_CHANGE)
    assert.deepEqual(world.requests, JUDGED_NOTHING)
    const live = await world.live()
    assert.equal((await world.set()).status?.readyReplicas, 3)
    assert.equal(readyOf(live), 'Unknown')
    assert.equal(live.status?.phase, 'Upgrading')
    await assertRecovers(world)
  })

  it('does not judge a parent of generation 3 by a StatefulSet of generation 2 (R9)', async () => {
    await using world = await startSettled()
    await world.want({ replicas: 4 })
    await world.settle()
    const { resourceVersion } = (await world.set()).metadata
    await world.want({ replicas: 5 })
    await world.reconcile()
    assert.equal((await world.live()).metadata.generation, 3)
    world.deceive(asOf(resourceVersion, 'statefulsets'))
    assert.deepEqual(await world.reconcile(), LOOKS_AGAIN)
    const live = await world.live()
    assert.deepEqual(
      [live.status?.observedGeneration, readyOf(live), live.status?.phase],
      [3, 'Unknown', 'Scaling'],
    )
    await assertRecovers(world)
  })

  it('does not take the StatefulSet from before A -> B -> A for the one after it (R9)', async () => {
    await using world = await startSettled({ image: 'a' })
    const { resourceVersion } = (await world.set()).metadata
    for (const image of ['b', 'a']) {
      await world.want({ image })
      await world.reconcile()
    }
    // Of image a as wanted, all ready, observed as of its own generation: only memory tells that it is not the newest.
    world.deceive(asOf(resourceVersion, 'statefulsets'))
    world.requests.length = 0
    assert.deepEqual(await world.reconcile(), LOOKS_AGAIN)
    assert.deepEqual(world.requests, JUDGED_NOTHING)
    assert.equal(readyOf(await world.live()), 'Unknown')
    await assertRecovers(world)
  })

  it('is not Ready by an old read that matches what it was Ready with', async () => {
    await using world = await startSettled()
    const { resourceVersion } = (await world.set()).metadata
    for (const replicas of [4, 3]) {
      await world.want({ replicas })
      await world.settle()
    }
    world.deceive(asOf(resourceVersion, 'statefulsets'))
    await world.reconcile()
    assert.equal((await world.live()).status?.phase, 'Waiting')
    await assertRecovers(world)
  })

  it('remembers a generation that it has only seen, and does not judge an older one after it (R9)', async () => {
    await using world = await startSettled()
    const { resourceVersion } = (await world.set()).metadata
    const body = { spec: { minReadySeconds: 5 } }
    await world.own.patch(StatefulSet, key, { type: 'merge', body }, { fieldManager: 'someone' })
    assert.deepEqual(await world.reconcile(), AWAITS_CHANGE)
    assert.equal((await world.live()).status?.statefulSet?.generation, 2)
    world.deceive(asOf(resourceVersion, 'statefulsets'))
    await world.reconcile()
    assert.equal(readyOf(await world.live()), 'Unknown')
    await assertRecovers(world)
  })

  it('lets no pod go by a Cluster and a StatefulSet that are both old, and agree (R9)', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 2)
    await world.sets.settle(key)
    // Of this moment the next step would be right.
    const { resourceVersion } = (await world.set()).metadata
    await world.want({ image: 'db:1' })
    await world.reconcile()
    world.deceive(asOf(resourceVersion))
    await assertRefused(world)
    await assertRecovers(world)
  })

  it('lets no pod go by a status that is older than the newest of the same generation (R9)', async () => {
    await using world = await startSettled()
    await world.want({ image: 'db:2' })
    await walkTo(world, 2)
    await world.sets.settle(key)
    const { resourceVersion } = (await world.set()).metadata
    await world.sets.fail(key, 0)
    await world.sets.observe(key)
    world.deceive(asOf(resourceVersion, 'statefulsets'))
    await assertRefused(world)
    await assertRecovers(world)
  })

  it('does not scale back to what a Cluster wanted that is older than the newest (R9)', async () => {
    await using world = await startSettled()
    const { resourceVersion } = await world.live().then(({ metadata }) => metadata)
    await world.want({ replicas: 5 })
    await world.settle()
    world.deceive(asOf(resourceVersion, 'clusters'))
    await assertRefused(world)
    assert.equal(replicasOf(await world.set()), 5)
    await assertRecovers(world)
  })

  it('writes no status over a newer one, though an earlier pass of the same reconcile has proved that (R9)', async () => {
    await using world = await startSettled()
    const { resourceVersion: first } = (await world.set()).metadata
    await world.want({ image: 'db:2' })
    await walkTo(world, 2)
    const { resourceVersion: then } = (await world.live()).metadata
    await world.settle()
    const { resourceVersion: last } = (await world.set()).metadata
    await world.sets.fail(key, 0)
    await world.sets.observe(key)
    // The first pass sees the newest Cluster, the later ones an old one that waits for the StatefulSet.
    let passes = 0
    world.deceive((versions, resource) => {
      if (resource === 'clusters') passes++
      if (passes > 1) return asOf(resource === 'clusters' ? then : first)(versions, resource)
      return asOf(last, 'statefulsets')(versions, resource)
    })
    const before = await world.live()
    await assertRefused(world)
    assert.ok(passes > 1)
    assert.deepEqual((await world.live()).status, before.status)
    await assertRecovers(world)
  })

  it('looks again when apply has read an old StatefulSet, and left the newest as it was', async () => {
    await using world = await startSettled({ image: 'a' })
    const { resourceVersion } = (await world.set()).metadata
    await world.want({ image: 'b' })
    await world.reconcile()
    await world.want({ image: 'a' })
    let reads = 0
    const second = asOf(resourceVersion, 'statefulsets')
    world.deceive((versions, resource) =>
      resource === 'statefulsets' && ++reads === 2 ? second(versions, resource) : 0,
    )
    assert.deepEqual(await world.reconcile(), LOOKS_AGAIN)
    assert.equal((await world.live()).status?.statefulSet?.generation, 2)
    await assertRecovers(world)
  })

  for (const seed of [1, 2, 3])
    it(`upgrades through the whole path while reads are of any age, seed ${seed} (R9, D10)`, async () => {
      await using world = await startWorld()
      const [list = []] = fc.sample(fc.array(age, { minLength: 120, maxLength: 120 }), { seed, numRuns: 1 })
      await world.own.create(Cluster, clusterOf())
      await world.settle()
      await world.want({ image: 'db:2' })
      world.deceive(ages(list))
      const path = await startPath(operator, { cluster: world, clock: hurried })
      while ((await world.live()).status?.currentImage !== 'db:2') {
        const { length } = path.happenings
        if (!(await world.sets.settle(key)) && path.happenings.length === length) await path.next()
      }
      await path.stop()
      assert.deepEqual(world.mistakes, [])
      assert.equal(partitionOf(await world.set()), 3)
    })

  for (const seed of [1, 2, 3, 4])
    it(`takes no step that the newest state forbids, whatever happens and is read, and gets there in the end, seed ${seed} (R9)`, () =>
      fc.assert(
        fc.asyncProperty(fc.array(deed, { minLength: 20, maxLength: 40 }), async (deeds) => {
          await using world = await startSettled({ replicas: 2 })
          for (const one of deeds) await happen(one, world)
          if ((await world.live()).spec.image.includes('broken')) await world.want({ image: 'db:1' })
          await assertRecovers(world)
          const { spec } = await world.live()
          const members = await world.sets.members(key)
          assert.deepEqual(
            members.map(({ image }) => image),
            Array.from({ length: spec.replicas }, () => spec.image),
          )
        }),
        { seed, numRuns: 4 },
      ))
})

/** Most reads are of now or of a moment ago, some of long ago. */
const age = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.nat(4) },
  fc.nat(40),
)

type Deed =
  | { readonly type: 'reconcile'; readonly ages: readonly number[] }
  | { readonly type: 'want'; readonly spec: object }
  | { readonly type: 'observe' | 'act' | 'start' | 'recreate' }
  | { readonly type: 'fail'; readonly ordinal: number }
  | { readonly type: 'edit'; readonly partition: number }

/** What the operator, its users, pods, and people who meddle do. */
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constant('reconcile' as const), ages: fc.array(age, { maxLength: 9 }) }),
  },
  { weight: 10, arbitrary: fc.record({ type: fc.constantFrom('observe' as const, 'act', 'start') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('want' as const),
      spec: fc.oneof(
        fc.record({ image: fc.constantFrom('db:1', 'db:2', 'db:broken') }),
        fc.record({ replicas: fc.nat(4) }),
      ),
    }),
  },
  fc.record({ type: fc.constant('fail' as const), ordinal: fc.nat(3) }),
  fc.record({ type: fc.constant('edit' as const), partition: fc.nat(4) }),
  fc.constant({ type: 'recreate' as const }),
)

async function happen(one: Deed, world: World): Promise<void> {
  const { own, sets } = world
  switch (one.type) {
    case 'reconcile':
      world.deceive(ages(one.ages))
      await world.reconcile()
      world.deceive(undefined)
      return assert.deepEqual(world.mistakes, [])
    case 'want':
      return world.want(one.spec)
    case 'fail':
      return void ((await sets.fail(key, one.ordinal)) && (await sets.observe(key)))
    case 'edit': {
      const body = { spec: { updateStrategy: { rollingUpdate: { partition: one.partition } } } }
      return void (await own.patch(StatefulSet, key, { type: 'merge', body }, { fieldManager: 'someone' }))
    }
    case 'recreate': {
      const { apiVersion, kind, spec } = await world.set()
      // Nobody makes one again that has never worked.
      if (spec?.template.spec?.containers[0]?.image === 'db:broken') return
      await own.delete(StatefulSet, key, { propagation: 'Orphan' })
      return void (await own.create(StatefulSet, { apiVersion, kind, metadata: key, spec }))
    }
    default:
      return void (await sets[one.type](key))
  }
}
