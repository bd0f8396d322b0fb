/** The arithmetic of rollouts: sizes of ReplicaSets, as the real deployment controller chooses them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grown, limitsOf, shared, shrunk } from '../../lib/apiserver/simulation/rolling.ts'

const limits = (replicas: number, maxSurge: number | string, maxUnavailable: number | string) =>
  limitsOf({
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
  })

const part = (replicas: number, available = replicas, maxReplicas = 0) => ({
  replicas,
  available,
  maxReplicas,
})

describe('the sizes of a rollout', () => {
  it('rounds surge up and unavailability down, and never comes to a standstill', () => {
    assert.deepEqual(limits(10, '25%', '25%'), { replicas: 10, maxSurge: 3, maxUnavailable: 2 })
    assert.deepEqual(limits(1, '0%', '25%'), { replicas: 1, maxSurge: 0, maxUnavailable: 1 })
    assert.deepEqual(limits(2, 1, 5), { replicas: 2, maxSurge: 1, maxUnavailable: 2 })
  })

  it('grows the newest as far as the surge allows, not beyond what is wanted', () => {
    assert.equal(grown(limits(10, 3, 2), part(0), [part(10)]), 3)
    assert.equal(grown(limits(10, 3, 2), part(5), [part(8)]), 5)
    assert.equal(grown(limits(10, 3, 2), part(8), [part(0)]), 10)
    assert.equal(grown(limits(4, 3, 2), part(9), []), 4)
  })

  it('shrinks the old ones while enough pods are available, sick pods first', () => {
    const [old, older] = [part(8), part(0)]
    assert.deepEqual([...shrunk(limits(10, 3, 2), part(3, 0), [older, old]).values()], [0, 8])
    assert.deepEqual([...shrunk(limits(10, 3, 2), part(3, 0), [part(10)]).values()], [8])
    assert.deepEqual([...shrunk(limits(10, 3, 2), part(5, 5), [part(8, 4)]).values()], [3])
    assert.deepEqual([...shrunk(limits(10, 3, 2), part(5, 0), [part(8, 7)]).values()], [8])
  })

  it('shares out a new size in proportion, what is left over goes to the largest', () => {
    const [fresh, old] = [part(5, 5, 13), part(8, 8, 13)]
    const sizesFor = (replicas: number) => {
      const sizes = shared(limits(replicas, 3, 2), [fresh, old], 13)
      return [sizes.get(fresh), sizes.get(old)]
    }
    assert.deepEqual(sizesFor(15), [7, 11])
    assert.deepEqual(sizesFor(10), [5, 8])
    assert.deepEqual(sizesFor(4), [3, 4])
    assert.deepEqual(sizesFor(0), [0, 0])
  })
})
