/**
 * The `restart` benchmark: what it costs a relay to come back when it knows many objects already. How large is what it kept,
 * how long until it watches again; and that nothing is listed and nothing sent, which the server and the queue would see.
 */
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock as clock } from '../../lib/clock.ts'
import { openState } from '../../lib/database/node.ts'
import {
  ConfigMap,
  defineController,
  defineOperator,
  INITIAL_END,
  type Kube,
  type Metadata,
  relay,
  type WatchLine,
  type WatchOptions,
} from '../../lib/index.ts'
import { sqliteInventory } from '../../lib/inventory/sqlite.ts'
import { scratchFolder } from '../scratch.ts'

const OBJECTS = 100_000
const ROUNDS = 3

/** Runs and prints the benchmark; resolves with the figures. */
export async function benchRestart(): Promise<object> {
  const folder = scratchFolder()
  const first = await relayOnce(folder)
  if (first.sent !== OBJECTS) throw new Error(`the first start sent ${first.sent} of ${OBJECTS} objects`)
  const bytes = statSync(join(folder, 'state.db')).size
  const again = []
  for (let round = 0; round < ROUNDS; round++) again.push(await relayOnce(folder))
  rmSync(folder, { recursive: true })
  if (again.some(({ sent, isListed }) => sent > 0 || isListed)) throw new Error('a restart listed or sent')
  const [, { openMs, watchingMs } = first] = again.toSorted((a, b) => a.watchingMs - b.watchingMs)
  const bytesPerObject = Math.round(bytes / OBJECTS)
  console.log(
    `restart with ${OBJECTS} known objects: watching after ${watchingMs} ms, ${openMs} of it to open and check the file; ` +
      `nothing listed, nothing sent (the first start: ${first.watchingMs} ms)`,
  )
  console.log(`inventory: ${bytesPerObject} B per object on disk, ${(bytes / 2 ** 20).toFixed(1)} MiB in all`)
  return {
    restart: { objects: OBJECTS, firstMs: first.watchingMs, openMs, watchingMs, bytes, bytesPerObject },
  }
}

/** Runs a relay over the folder's inventory until it watches and everything before is kept. Milliseconds, whole ones. */
async function relayOnce(folder: string) {
  const begin = performance.now()
  const database = openState({ folder })
  const openMs = performance.now() - begin
  const { api, watching } = serverOf(OBJECTS)
  let sent = 0
  const stop = new AbortController()
  const controller = defineController(ConfigMap, { name: 'bench', reconcile() {} })
  const using = {
    api,
    cluster: 'bench',
    queue: {
      async send(messages: readonly unknown[]) {
        sent += messages.length
      },
    },
    inventory: sqliteInventory(database),
    clock,
    report() {},
  }
  const running = relay(defineOperator('bench', [controller]), using, stop.signal)
  const { initial } = await watching
  const watchingMs = performance.now() - begin
  stop.abort(new Error('measured'))
  await running
  database.close()
  return { openMs: Math.round(openMs), watchingMs: Math.round(watchingMs), sent, isListed: initial === true }
}

/** A server that has so many ConfigMaps and tells them to whoever asks for a list; `watching`: everything has been read. */
function serverOf(count: number): { api: Kube; watching: Promise<WatchOptions> } {
  const { promise: watching, resolve } = Promise.withResolvers<WatchOptions>()
  async function* lines(options: WatchOptions): AsyncGenerator<WatchLine> {
    if (options.initial) {
      for (let i = 0; i < count; i++) yield { type: 'ADDED', object: wrap(metadataOf(i)) }
      const annotations = { [INITIAL_END]: 'true' }
      yield { type: 'BOOKMARK', object: wrap({ ...metadataOf(0), resourceVersion: '9000000', annotations }) }
    }
    resolve(options)
    await new Promise((_, reject) =>
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
    )
  }
  const refuse = () => Promise.reject(new Error('the relay only watches'))
  const watch = (_resource: unknown, options: WatchOptions) => lines(options)
  const api = {
    get: refuse,
    list: refuse,
    create: refuse,
    update: refuse,
    patch: refuse,
    delete: refuse,
    watch,
  }
  return { api: api as Kube, watching }
}

const wrap = (metadata: Metadata) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata })

const metadataOf = (index: number): Metadata => ({
  namespace: `team-${index % 100}`,
  name: `config-${index}`,
  uid: `6f9619ff-8b86-4011-b42d-${String(index).padStart(12, '0')}`,
  resourceVersion: String(1_000_000 + index),
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { app: `app-${index}` },
})
