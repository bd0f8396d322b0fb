import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inEach } from '../lib/fleet.ts'
import { fakeClock } from './fake-clock.ts'
import { fleetOf } from './fleet.ts'
import { metadataServer } from './relay.server.ts'

const { api } = metadataServer()

describe('inEach', () => {
  it('is done in every cluster, and names the one that fails', async () => {
    const members = fleetOf({
      a: async () => api,
      b: async () => Promise.reject(new Error('x'.repeat(1_000))),
    })
    const clock = fakeClock()
    const told = await inEach(members, async (_api, cluster) => ({ cluster }), { clock, milliseconds: 10 })
    assert.deepEqual(told, { a: { cluster: 'a' }, b: { error: 'x'.repeat(300) } })
    assert.equal(clock.pending(), 0)
  })

  it('tells tasks to stop when their time is over, and waits for no connection after it', async () => {
    const clock = fakeClock()
    const members = fleetOf({ a: async () => api, b: () => new Promise<never>(() => {}) })
    const task = (_api: unknown, _cluster: string, signal: AbortSignal) =>
      new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('stopped')))
    const running = inEach(members, task, { clock, milliseconds: 10 })
    await clock.advance(10)
    assert.deepEqual(await running, { a: 'stopped', b: { error: 'there was no more time' } })
  })
})
