/** The decision of the operator Cluster (R32), alone: what was read, wanted and known in, the next step out. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  CONTAINER,
  type Known,
  type Live,
  nextStep,
  PARTITION,
  ROLLOUT,
  type Step,
} from '../../functions/operators/cluster/step.ts'

interface Facts {
  readonly uid: string
  readonly generation: number
  readonly observed: number | undefined
  readonly image: string
  readonly replicas: number
  readonly partition: number
  /** The partition as the operator set it last. */
  readonly set: string | undefined
  readonly rollout: string | undefined
  readonly pods: number
  readonly ready: number
  readonly updated: number
}

const liveOf = (facts: Facts): Live => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'db',
    uid: facts.uid,
    generation: facts.generation,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    annotations: facts.set === undefined ? {} : { [PARTITION]: facts.set },
  },
  spec: {
    replicas: facts.replicas,
    selector: {},
    serviceName: 'db',
    updateStrategy: { rollingUpdate: { partition: facts.partition } },
    template: {
      metadata: { annotations: facts.rollout === undefined ? {} : { [ROLLOUT]: facts.rollout } },
      spec: { containers: [{ name: 'sidecar' }, { name: CONTAINER, image: facts.image }] },
    },
  },
  ...(facts.observed !== undefined && {
    status: {
      observedGeneration: facts.observed,
      replicas: facts.pods,
      readyReplicas: facts.ready,
      updatedReplicas: facts.updated,
      currentRevision: 'db-1',
    },
  }),
})

/** At rest: three pods of image a, all held. */
const rest: Facts = {
  uid: 'one',
  generation: 5,
  observed: 5,
  image: 'a',
  replicas: 3,
  partition: 3,
  set: '3',
  rollout: undefined,
  pods: 3,
  ready: 3,
  updated: 3,
}
const wanted = { image: 'a', replicas: 3 }
const known: Known = { phase: 'Ready', statefulSet: { uid: 'one', generation: 5 } }
/** In the middle of an upgrade to image b: pod 2 has been let go, and is done. */
const midway: Facts = { ...rest, image: 'b', partition: 2, set: '2', updated: 1 }
const toB = { image: 'b', replicas: 3 }
const upgrading: Known = { ...known, phase: 'Upgrading' }

/** `Upgrading a x 3, first 2 held`, in one line. */
function textOf(step: Step): string {
  if (step.type === 'wait') return `wait: ${step.message}`
  const { image, replicas, partition, rollout } = step.setting
  return `${step.phase}: ${replicas} ${image}, ${partition} held${rollout ? `, ${rollout}` : ''}`
}

describe('nextStep', () => {
  const cases: Record<string, [Facts | undefined, { image: string; replicas: number }, Known, string]> = {
    'creates with all pods held': [undefined, wanted, {}, 'Creating: 3 a, 3 held'],
    'leaves what is as it should be alone': [rest, wanted, known, 'Ready: 3 a, 3 held'],
    'holds a new image': [rest, toB, known, 'Upgrading: 3 b, 3 held'],
    'waits for a generation that it has written itself (R9)': [
      { ...rest, generation: 4, observed: 4 },
      wanted,
      known,
      'wait: the StatefulSet has not been read in generation 5',
    ],
    'waits for the StatefulSet controller (R9)': [
      { ...midway, observed: 4 },
      toB,
      upgrading,
      'wait: the StatefulSet has not been observed in generation 5',
    ],
    'lets the first pod go': [
      { ...midway, partition: 3, set: '3', updated: 0 },
      toB,
      upgrading,
      'Upgrading: 3 b, 2 held',
    ],
    'lets the next pod go when the last is done (D10)': [midway, toB, upgrading, 'Upgrading: 3 b, 1 held'],
    'waits for the pod that was let go': [{ ...midway, ready: 2 }, toB, upgrading, 'Upgrading: 3 b, 2 held'],
    'does not count a pod that is ready but old': [
      { ...midway, updated: 0 },
      toB,
      upgrading,
      'Upgrading: 3 b, 2 held',
    ],
    'pauses where more pods fail than the one let go': [
      { ...midway, ready: 1 },
      toB,
      upgrading,
      'Degraded: 3 b, 2 held',
    ],
    'pauses before the first pod where any fails': [
      { ...midway, partition: 3, set: '3', updated: 0, ready: 2 },
      toB,
      upgrading,
      'Degraded: 3 b, 3 held',
    ],
    'holds all pods again in the end': [
      { ...midway, partition: 0, set: '0', updated: 3 },
      toB,
      upgrading,
      'Upgrading: 3 b, 3 held',
    ],
    'starts anew with a third image, under a name of its own': [
      midway,
      { image: 'c', replicas: 3 },
      upgrading,
      'Upgrading: 3 c, 3 held, one.5',
    ],
    'goes back to the old image under a name of its own': [
      midway,
      wanted,
      upgrading,
      'Upgrading: 3 a, 3 held, one.5',
    ],
    'scales up beside an upgrade that stands still': [
      midway,
      { image: 'b', replicas: 5 },
      upgrading,
      'Scaling: 5 b, 2 held',
    ],
    'scales down below the partition': [
      midway,
      { image: 'b', replicas: 1 },
      upgrading,
      'Scaling: 1 b, 1 held',
    ],
    'takes a new image and a new size at once, all held': [
      midway,
      { image: 'c', replicas: 5 },
      upgrading,
      'Scaling: 5 c, 5 held, one.5',
    ],
    'puts a lowered partition back at once (D1)': [
      { ...midway, partition: 0, observed: 4 },
      toB,
      upgrading,
      'Upgrading: 3 b, 2 held',
    ],
    'goes on from a raised partition, a pod at a time': [
      { ...midway, partition: 7 },
      toB,
      upgrading,
      'Upgrading: 3 b, 2 held',
    ],
    'holds one that it does not know': [
      { ...rest, uid: 'two', generation: 1, observed: 1, set: undefined, partition: 0 },
      wanted,
      known,
      'Waiting: 3 a, 3 held',
    ],
    'does not judge one that it does not know, before it is remembered': [
      { ...rest, uid: 'two', generation: 1, observed: 1 },
      wanted,
      known,
      'Waiting: 3 a, 3 held',
    ],
    'makes one again that was deleted at rest, as it was': [
      undefined,
      wanted,
      known,
      'Degraded: 3 a, 3 held',
    ],
    'makes one again that was deleted in an upgrade, under a name of its own': [
      undefined,
      toB,
      upgrading,
      'Degraded: 3 b, 3 held, one.5',
    ],
    'knows that pods were let go though the partition was raised since': [
      { ...midway, partition: 3 },
      wanted,
      upgrading,
      'Upgrading: 3 a, 3 held, one.5',
    ],
    'keeps on creating until all are ready': [
      { ...rest, pods: 2, ready: 1, updated: 2 },
      wanted,
      { ...known, phase: 'Creating' },
      'Creating: 3 a, 3 held',
    ],
    'holds nothing back where pods are only being created': [
      { ...rest, pods: 1, ready: 0, updated: 1 },
      toB,
      { ...known, phase: 'Creating' },
      'Creating: 3 b, 0 held',
    ],
    'is Ready with no pods': [
      { ...rest, replicas: 0, partition: 0, set: '0', pods: 0, ready: 0, updated: 0 },
      { image: 'a', replicas: 0 },
      known,
      'Ready: 0 a, 0 held',
    ],
  }
  for (const [title, [facts, want, memory, text]] of Object.entries(cases))
    it(title, () => assert.equal(textOf(nextStep(facts && liveOf(facts), want, memory)), text))

  it('waits for the end of one that is being deleted (D6)', () => {
    const live = liveOf(rest)
    const metadata = { ...live.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
    const step = nextStep({ ...live, metadata }, wanted, known)
    assert.equal(textOf(step), 'wait: the StatefulSet is being deleted')
  })
})

const small = fc.nat(5)
const image = fc.constantFrom('a', 'b')
const uid = fc.constantFrom('one', 'two')
const facts: fc.Arbitrary<Facts> = fc.record({
  uid,
  generation: fc.integer({ min: 1, max: 5 }),
  observed: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  image,
  replicas: small,
  partition: small,
  set: fc.option(fc.constantFrom('0', '1', '2', '3', '4', '5', '9', '-1', 'x'), { nil: undefined }),
  rollout: fc.option(fc.constantFrom('one.1', 'two.2'), { nil: undefined }),
  pods: small,
  ready: small,
  updated: small,
})
/** Half of what is known of it agrees with what is read: else hardly any case would get past the first questions. */
const situation = fc
  .record({
    facts,
    isNear: fc.boolean(),
    want: fc.record({ image, replicas: small }),
    known: fc.record({
      phase: fc.constantFrom('Creating', 'Scaling', 'Upgrading', 'Degraded', 'Waiting', 'Ready', undefined),
      statefulSet: fc.option(fc.record({ uid, generation: fc.integer({ min: 1, max: 5 }) }), {
        nil: undefined,
      }),
    } as const),
  })
  .map(({ facts, isNear, want, known }) => {
    if (!isNear) return { facts, want, known }
    const { uid, generation, replicas, image } = facts
    const near = { ...facts, observed: generation, pods: replicas, ready: replicas }
    return { facts: near, want: { image, replicas }, known: { ...known, statefulSet: { uid, generation } } }
  })

const generationIn = ({ statefulSet }: Known): number => statefulSet?.generation ?? 0

describe('nextStep, in any situation', () => {
  const always = (
    title: string,
    check: (given: Facts, step: Step, around: { want: typeof wanted; known: Known }) => void,
  ) =>
    it(title, () =>
      fc.assert(
        fc.property(situation, ({ facts, want, known }) =>
          check(facts, nextStep(liveOf(facts), want, known), { want, known }),
        ),
        { numRuns: 5_000 },
      ),
    )

  always('writes image and size as wanted, and a partition that is one', (_facts, step, { want }) => {
    if (step.type === 'wait') return
    const { image, replicas, partition } = step.setting
    assert.deepEqual([image, replicas], [want.image, want.replicas])
    assert.ok(Number.isInteger(partition) && partition >= 0 && partition <= replicas, `${partition}`)
  })

  always(
    'lets at most one pod go, and only by a newest generation that is fully done (R9, D10)',
    (facts, step, { want, known }) => {
      if (step.type === 'wait' || (known.phase === 'Creating' && facts.image !== want.image)) return
      const letGo = Math.min(facts.partition, want.replicas) - step.setting.partition
      if (letGo <= 0 || (facts.pods === 0 && facts.image !== want.image)) return
      const { uid, generation } = known.statefulSet ?? {}
      assert.equal(letGo, 1)
      assert.equal(uid, facts.uid)
      assert.ok(facts.generation >= (generation ?? 0))
      assert.equal(facts.observed, facts.generation)
      assert.deepEqual([facts.pods, facts.ready], [want.replicas, want.replicas])
      assert.ok(facts.updated >= want.replicas - Math.min(facts.partition, want.replicas))
      assert.deepEqual(
        [facts.image, facts.replicas, facts.rollout],
        [want.image, want.replicas, step.setting.rollout],
      )
    },
  )

  always('decides nothing by a generation older than the newest known (R9)', (facts, step, { known }) => {
    if (known.statefulSet?.uid === facts.uid && facts.generation < generationIn(known))
      assert.equal(step.type, 'wait')
  })

  always(
    'is Ready only where everything is as wanted and was seen to be (R9)',
    (facts, step, { want, known }) => {
      if (step.type === 'wait' || step.phase !== 'Ready') return
      assert.equal(known.statefulSet?.uid, facts.uid)
      assert.ok(facts.generation >= generationIn(known))
      assert.equal(facts.observed, facts.generation)
      assert.deepEqual([facts.image, facts.replicas], [want.image, want.replicas])
      assert.deepEqual([facts.pods, facts.ready], [want.replicas, want.replicas])
      assert.ok(facts.updated >= want.replicas)
    },
  )

  it('gets past the first questions often enough for that to mean something', () => {
    const steps = fc
      .sample(situation, { seed: 1, numRuns: 2_000 })
      .map(({ facts, want, known }) => nextStep(liveOf(facts), want, known))
    const phases = new Set(steps.map((step) => (step.type === 'wait' ? 'wait' : step.phase)))
    assert.equal(phases.size, 7)
  })
})
