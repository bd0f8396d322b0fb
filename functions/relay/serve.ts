/** The resident relay as a program: its inventory, its lines, its health on a port, and an orderly end. */
import { openState } from '../../lib/database/node.ts'
import type { Fleet } from '../../lib/fleet.ts'
import { type Operator, type Queue, systemClock as clock } from '../../lib/index.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { noInventory } from '../../lib/inventory/memory.ts'
import { sqliteInventory } from '../../lib/inventory/sqlite.ts'
import { relayMetrics } from '../../lib/relay/metrics.ts'
import { type Listening, serveHealth } from '../health.ts'
import { printer } from '../print.ts'
import { runRelay } from './run.ts'

type Deferring = Inventory & { flush?(): Promise<void> }

export interface Serving extends Listening {
  readonly clusters: Fleet
  readonly queue: Queue
  /** A folder to keep the inventory in; it goes before `inventory`. */
  readonly state: string | undefined
  /** Whose state it is, so that it is not taken for another's: a server's address, or the names of the clusters. */
  readonly owner: string
  /** An inventory that is kept elsewhere, and where. What it puts off is stored at the end. */
  readonly inventory?: { readonly store: Deferring; readonly where: string } | undefined
  readonly color: boolean
  print(line: string): void
}

/** Relays and answers probes until `signal` aborts, and resolves when what was held back is sent and stored. */
export async function serveRelay(operator: Operator, serving: Serving, signal: AbortSignal): Promise<void> {
  const { clusters, queue, print, color } = serving
  const metrics = relayMetrics(clock)
  const { store, where, close } = inventoryOf(serving)
  const hasMany = clusters.names.length > 1
  const reportOf = (cluster: string) =>
    printer((line) => print(hasMany ? `${cluster} ${line}` : line), { color, now: clock.now })
  try {
    const health = await serveHealth({ missing: metrics.missing, metrics: metrics.text }, serving)
    for (const line of [`health: ${health.url}`, `inventory: ${where}`, 'ready']) print(line)
    const relays = { clusters, queue, inventory: store, metrics, reportOf, clock, random: Math.random }
    try {
      await runRelay(operator, relays, signal)
    } finally {
      await health.close()
    }
  } finally {
    await close()
  }
}

function inventoryOf({ state, owner, inventory }: Serving) {
  if (state !== undefined) {
    const database = openState({ folder: state, owner })
    return { store: sqliteInventory(database), where: state, close: async () => database.close() }
  }
  const none = { store: noInventory, where: 'none, every object is sent again after a restart' }
  return { ...(inventory ?? none), close: async () => await inventory?.store.flush?.() }
}
