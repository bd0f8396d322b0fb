/** A key and an index of the queue on Durable Objects without their platform: a storage that can be read, and told to refuse. */
import { DatabaseSync } from 'node:sqlite'
import type { Database, SqlRow } from '../../../lib/database.ts'
import type { Delivery, Verdict } from '../../../lib/queue.ts'
import { openIndex } from '../../../lib/queue/durable/cluster.ts'
import { type Key, type KeyUsing, openKey } from '../../../lib/queue/durable/key.ts'
import type { KeyStorage } from '../../../lib/queue/durable/shelf.ts'
import { type FakeClock, fakeClock } from '../../fake-clock.ts'

/** What a Durable Object has stored, as tests look at it. */
export interface Stored extends KeyStorage {
  alarmAt: number | undefined
  /** What was written, each a row that is paid for. */
  readonly writes: string[]
  /** No write is taken. */
  isRefusing: boolean
}

export function stored(): Stored {
  const records = new Map<string, unknown>()
  const taken = (what: string) => {
    if (storage.isRefusing) throw new Error('no more rows may be written today')
    storage.writes.push(what)
  }
  const storage: Stored = {
    alarmAt: undefined,
    writes: [],
    isRefusing: false,
    kv: {
      get: <T>(key: string) => structuredClone(records.get(key)) as T | undefined,
      put(key, value) {
        taken('record')
        records.set(key, structuredClone(value))
      },
    },
    async setAlarm(time) {
      taken('alarm')
      storage.alarmAt = time
    },
    async deleteAll() {
      taken('everything')
      records.clear()
      storage.alarmAt = undefined
    },
  }
  return storage
}

export interface Bare {
  readonly clock: FakeClock
  readonly storage: Stored
  readonly key: Key
}

/** A key that acknowledges whatever runs, where nothing else is asked for. */
export function bareKey(using: Partial<KeyUsing> = {}): Bare {
  const clock = fakeClock(1_000_000)
  const storage = stored()
  const key = openKey({
    storage,
    clock,
    handle: always({ type: 'ack' }),
    queue: { send: async () => {} },
    note: async () => {},
    report: () => {},
    random: () => 0.5,
    end: () => {},
    ...using,
  })
  return { clock, storage, key }
}

export const always = (verdict: Verdict) => async (deliveries: readonly Delivery[]) =>
  new Map(deliveries.map(({ id }) => [id, verdict]))

/** An index that calls the keys it is given. */
export const bareIndex = (keys: Parameters<typeof openIndex>[0]['keys'], clock = fakeClock()) =>
  openIndex({ keys, clock, database: memory(), report: () => {}, random: () => 0.5, enroll: async () => {} })

function memory(): Database {
  const database = new DatabaseSync(':memory:')
  return {
    run: (sql, ...values) => void database.prepare(sql).run(...values),
    rows: (sql, ...values) => database.prepare(sql).all(...values) as SqlRow[],
    transact: (work) => work(),
  }
}
