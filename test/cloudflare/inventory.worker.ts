/** A Worker for tests: inventories in Durable Objects, asked over HTTP. */
import { DurableObject } from 'cloudflare:workers'
import { durableDatabase } from '../../lib/database/durable.ts'
import type { Cursor } from '../../lib/inventory.ts'
import { sqliteInventory } from '../../lib/inventory/sqlite.ts'

/** A step as JSON; absent where the source is to be loaded. */
export interface Asked {
  readonly source: string
  readonly step?: {
    readonly puts: readonly (readonly [string, string])[]
    readonly deletes: readonly string[]
    readonly cursor: Cursor
  }
}

/** What `load` gives, as JSON. */
export interface Loaded {
  readonly cursor: Cursor
  readonly fingerprints: readonly (readonly [string, string])[]
}

export class Keeper extends DurableObject {
  readonly #inventory = sqliteInventory(durableDatabase(this.ctx.storage))

  /** Loads, or stores a step. */
  async ask({ source, step }: Asked): Promise<Loaded | undefined> {
    if (step !== undefined)
      return void (await this.#inventory.commit(source, { ...step, puts: new Map(step.puts) }))
    const known = await this.#inventory.load(source)
    return known && { cursor: known.cursor, fingerprints: [...known.fingerprints] }
  }
}

interface Env {
  readonly KEEPERS: { getByName(name: string): Keeper }
}

export default {
  async fetch(request: Request, { KEEPERS }: Env): Promise<Response> {
    const keeper = KEEPERS.getByName(new URL(request.url).pathname)
    return Response.json((await keeper.ask((await request.json()) as Asked)) ?? null)
  },
}
