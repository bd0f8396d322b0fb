import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFLICT_TRIES, retryOnConflict } from '../lib/conflict.ts'
import { ApiError } from '../lib/kube.ts'
import { fakeClock } from './fake-clock.ts'

const conflict = () => new ApiError(409, 'Conflict', 'the object has been modified')

describe('retryOnConflict (C1, C2, case 30)', () => {
  it('runs the step again after a conflict and tells it which try it is', async () => {
    const clock = fakeClock()
    const tries: number[] = []
    const result = retryOnConflict(
      async (attempt) => {
        tries.push(attempt)
        if (attempt < 2) throw conflict()
        return 'won'
      },
      { clock, random: () => 0.5 },
    )
    await clock.advance(100)
    assert.equal(await result, 'won')
    assert.deepEqual(tries, [0, 1, 2])
  })

  it('gives up after five tries with the last conflict (C2)', async () => {
    const clock = fakeClock()
    let tries = 0
    const result = retryOnConflict(
      async () => {
        tries++
        throw conflict()
      },
      { clock, random: () => 0 },
    ).catch((error) => error)
    await clock.advance(1000)
    assert.equal((await result).reason, 'Conflict')
    assert.equal(tries, CONFLICT_TRIES)
  })

  it('throws any other error at once, AlreadyExists among them', async () => {
    let tries = 0
    const step = async () => {
      tries++
      throw new ApiError(409, 'AlreadyExists', 'exists')
    }
    await assert.rejects(retryOnConflict(step, { clock: fakeClock(), random: () => 0 }), {
      reason: 'AlreadyExists',
    })
    assert.equal(tries, 1)
  })

  it('stops waiting when the signal aborts', async () => {
    const stop = new AbortController()
    const result = retryOnConflict(
      async () => {
        throw conflict()
      },
      { clock: fakeClock(), random: () => 0 },
      stop.signal,
    )
    const reason = new Error('stopping')
    stop.abort(reason)
    await assert.rejects(result, reason)
  })
})
