/** Event source mappings as AWS runs them, over any `Sqs`: receive, invoke, delete what is done, leave the rest to its visibility. */
import type { Received, Sqs } from '../../../lib/queue/sqs/calls.ts'

/** So many may do something at once. */
export interface Slots {
  acquire(): Promise<void>
  release(): void
}

export function slots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  return {
    async acquire() {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    release() {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    },
  }
}

export interface Mapping {
  readonly sqs: Sqs
  readonly queue: string
  readonly batchSize: number
  readonly waitSeconds: number
  /** One is taken before a batch is asked for; the function releases it. */
  readonly slots: Slots
  /** The function: gives the ids that are not done. Rejects where it died. */
  invoke(batch: readonly Received[]): Promise<readonly string[]>
}

/** Runs until `signal` aborts; resolves when what is running then has ended. */
export async function runMapping(mapping: Mapping, signal: AbortSignal): Promise<void> {
  const { sqs, queue, batchSize, waitSeconds, slots: free } = mapping
  const running = new Set<Promise<void>>()
  const end = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  while (!signal.aborted) {
    await Promise.race([free.acquire(), end])
    if (signal.aborted) break
    const batch = await sqs.receive(queue, { most: batchSize, waitSeconds, signal })
    if (batch.length === 0) {
      free.release()
      continue
    }
    const invocation = invoke(mapping, batch).finally(() => running.delete(invocation))
    running.add(invocation)
  }
  await Promise.all(running)
}

async function invoke({ sqs, queue, invoke: call }: Mapping, batch: readonly Received[]): Promise<void> {
  const failed = await call(batch).catch(() => batch.map(({ id }) => id))
  const done = batch.filter(({ id }) => !failed.includes(id)).map(({ handle }) => handle)
  if (done.length > 0) await sqs.remove(queue, done)
}
