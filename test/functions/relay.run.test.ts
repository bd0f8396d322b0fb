/** What ends a resident relay, and what does not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runRelay } from '../../functions/relay/run.ts'
import { DatabaseError } from '../../lib/database.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { noInventory } from '../../lib/inventory/memory.ts'
import type { Message } from '../../lib/message.ts'
import { defineOperator } from '../../lib/operator.ts'
import { relayMetrics } from '../../lib/relay/metrics.ts'
import type { Happening } from '../../lib/report.ts'
import { fakeClock } from '../fake-clock.ts'
import { fleetOf } from '../fleet.ts'
import { App, apps } from '../relay.run.ts'
import { metadataServer } from '../relay.server.ts'

const operator = defineOperator('test', [apps()])
const web = { namespace: 'default', name: 'web' }

function start(clusters: ReturnType<typeof fleetOf>, { inventory = noInventory, clock = fakeClock() } = {}) {
  const sent: string[] = []
  const failures: string[] = []
  const queue = {
    send: async (messages: readonly Message[]) => void sent.push(...messages.map(({ cluster }) => cluster)),
  }
  const reportOf = (cluster: string) => (happening: Happening) => {
    if (happening.type === 'failed') failures.push(`${cluster}: ${happening.error}`)
  }
  const metrics = relayMetrics(clock)
  const stopping = new AbortController()
  const relays = { clusters, queue, inventory, metrics, reportOf, clock, random: () => 0 }
  const running = runRelay(operator, relays, stopping.signal)
  return { clock, sent, failures, running, stop: () => stopping.abort(new Error('the test is over')) }
}

describe('runRelay', () => {
  it('tries a cluster again until it can be reached, later and later, while the others go on', async () => {
    const [east, west] = [metadataServer(), metadataServer()]
    for (const server of [east, west]) server.put(App, web)
    let isThere = false
    const clock = fakeClock()
    const tries: number[] = []
    const run = start(
      fleetOf({
        east: async () => east.api,
        west: async () => {
          tries.push(clock.now())
          if (isThere) return west.api
          throw new Error('no such secret')
        },
      }),
      { clock },
    )
    await run.clock.advance(10_000)
    assert.deepEqual(run.sent, ['east'])
    assert.deepEqual(
      tries.slice(1).map((at, index) => at - (tries[index] ?? 0)),
      [500, 1_000, 2_000, 4_000],
    )
    assert.equal(run.failures[0], 'west: no such secret')
    isThere = true
    await run.clock.advance(60_000)
    assert.deepEqual(run.sent, ['east', 'west'])
    run.stop()
    await run.clock.advance(0)
    await run.running
    assert.equal(run.clock.pending(), 0)
  })

  it('ends when it is stopped while a connection hangs', async () => {
    const run = start(fleetOf({ west: () => new Promise<never>(() => {}) }))
    await run.clock.advance(0)
    run.stop()
    await run.running
  })

  it('ends all clusters with the error of an inventory that is at its end', async () => {
    const full = new DatabaseError('full', 'the disk is full')
    const east = metadataServer()
    const west = metadataServer()
    const commit: Inventory['commit'] = async (source) => {
      if (source.startsWith('west')) throw full
    }
    const run = start(fleetOf({ east: async () => east.api, west: async () => west.api }), {
      inventory: { ...noInventory, commit },
    })
    const rejected = assert.rejects(run.running, full)
    await run.clock.advance(5_000)
    await rejected
  })
})
