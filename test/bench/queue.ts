/**
 * The `queue` benchmark: microseconds per item for add + get + done through the embedded queue, at several sizes, in memory
 * and on disk, and what a waiting key costs in heap. controller-runtime's priority queue takes about 1.05 us per item in process.
 */
import { rmSync } from 'node:fs'
import { openState } from '../../lib/database/node.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Message } from '../../lib/message.ts'
import type { Handle, Verdict } from '../../lib/queue.ts'
import { type EmbeddedQueue, embeddedQueue } from '../../lib/queue/embedded.ts'
import { sqliteStore } from '../../lib/queue/sqlite.ts'
import { scratchFolder } from '../scratch.ts'

const SIZES = [1_000, 100_000, 1_000_000]
const AIM_MICROSECONDS = 5

/** Messages per `send` on disk: one change at a time, what a busy watch brings at once, a first list. */
const BATCHES = [1, 10, 500]
const ON_DISK = 100_000
const AIM_ON_DISK_MICROSECONDS = 50

/** Runs and prints the benchmark; resolves with the figures. */
export async function benchQueue(): Promise<object> {
  await cycle(embeddedQueue({ clock: systemClock }), messages(20_000))
  const addGetDone: Record<string, number> = {}
  const merge: Record<string, number> = {}
  for (const size of SIZES) {
    const some = messages(size)
    addGetDone[size] = await best(size, () => cycle(embeddedQueue({ clock: systemClock }), some))
    merge[size] = await mergeAll(some)
    console.log(
      `queue ${String(size).padStart(9)} keys: add+get+done ${addGetDone[size]} us, merge ${merge[size]} us per item`,
    )
  }
  const delayed = await delayAll(messages(SIZES.at(-1) ?? 0))
  console.log(`queue   delayed keys: add ${delayed.add} us, change overtakes ${delayed.overtake} us per item`)
  const bytesPerKey = await heapPerKey(messages(100_000))
  console.log(
    `queue    waiting key: ${bytesPerKey} B of heap beside its message (aim ${AIM_MICROSECONDS} us)`,
  )
  const onDisk = await benchOnDisk(messages(ON_DISK))
  return {
    queue: { addGetDoneMicroseconds: addGetDone, mergeMicroseconds: merge, delayed, bytesPerKey, onDisk },
  }
}

/** The same through the file that outlives the process: each send is kept before it resolves, each answer with its turn. */
async function benchOnDisk(sent: readonly Message[]): Promise<Record<string, number>> {
  const result: Record<string, number> = {}
  for (const batch of BATCHES) {
    const folder = scratchFolder()
    const database = openState({ folder })
    const queue = embeddedQueue({ clock: systemClock, store: sqliteStore(database) })
    result[batch] = perItem(await cycle(queue, sent, batch), sent.length)
    database.close()
    rmSync(folder, { recursive: true })
    console.log(
      `queue on disk, ${String(batch).padStart(3)} per send: add+get+done ${result[batch]} us per item ` +
        `(aim ${AIM_ON_DISK_MICROSECONDS} us)`,
    )
  }
  return result
}

const messages = (count: number, more: Partial<Message> = {}): Message[] =>
  Array.from({ length: count }, (_, i) => ({
    version: 1,
    cluster: 'bench',
    controller: 'myapp',
    namespace: `team-${i % 100}`,
    name: `app-${i}`,
    causes: ['created'],
    lane: i % 4 === 0 ? 'background' : 'change',
    resourceVersion: `${1000 + i}`,
    attempt: 0,
    ...more,
  }))

/** Adds all, handles all, waits until all are done; milliseconds. */
async function cycle(queue: EmbeddedQueue, sent: readonly Message[], batch = 1): Promise<number> {
  const stop = new AbortController()
  const begin = performance.now()
  await sendAll(queue, sent, batch)
  const consumed = queue.consume(acknowledge, { concurrency: 10, signal: stop.signal })
  await queue.drained()
  const milliseconds = performance.now() - begin
  stop.abort()
  await consumed
  return milliseconds
}

const done: Verdict = { type: 'ack' }
const acknowledge: Handle = async (deliveries) => new Map(deliveries.map(({ id }) => [id, done]))

/** In batches; of one, as a quiet watch sends them. */
async function sendAll(queue: EmbeddedQueue, sent: readonly Message[], batch = 1): Promise<void> {
  for (let at = 0; at < sent.length; at += batch) await queue.send(sent.slice(at, at + batch))
}

async function best(size: number, run: () => Promise<number>): Promise<number> {
  const runs = size > 500_000 ? 1 : 5
  let least = Infinity
  for (let i = 0; i < runs; i++) least = Math.min(least, await run())
  return perItem(least, size)
}

async function mergeAll(sent: readonly Message[]): Promise<number> {
  const queue = embeddedQueue({ clock: systemClock })
  await sendAll(queue, sent)
  const begin = performance.now()
  await sendAll(queue, sent)
  return perItem(performance.now() - begin, sent.length)
}

/** Every key waits for a time of its own, then a change makes it ready. */
async function delayAll(sent: readonly Message[]): Promise<{ add: number; overtake: number }> {
  const queue = embeddedQueue({ clock: systemClock })
  const later = sent.map((message, i) => ({ ...message, delaySeconds: 3600 + ((i * 7919) % sent.length) }))
  const begin = performance.now()
  await sendAll(queue, later)
  const between = performance.now()
  await sendAll(queue, sent)
  return {
    add: perItem(between - begin, sent.length),
    overtake: perItem(performance.now() - between, sent.length),
  }
}

async function heapPerKey(sent: readonly Message[]): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const queue = embeddedQueue({ clock: systemClock })
  await sendAll(queue, sent)
  globalThis.gc?.()
  const bytes = process.memoryUsage().heapUsed - before
  return queue.depth().change.ready > 0 ? Math.round(bytes / sent.length) : 0
}

const perItem = (milliseconds: number, count: number): number =>
  Number(((milliseconds * 1000) / count).toFixed(2))
