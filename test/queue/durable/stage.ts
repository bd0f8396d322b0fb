/** The queue's Durable Objects in workerd, and a test at the other end: what runs comes here to be answered. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestHarness } from 'wrangler'
import type { Delivery, Handle } from '../../../lib/queue.ts'
import type { Depths, Pending } from '../../../lib/queue/desk.ts'
import { COMPATIBILITY, startWorkers } from '../../cloudflare/harness.ts'
import type { QueueUnderTest } from '../../queue.contract.ts'

export interface Stage extends AsyncDisposable {
  readonly harness: TestHarness
  /** A queue of its own, on the time of all. */
  scene(): Scene
}

export interface Scene extends QueueUnderTest {
  readonly name: string
  /** Keys that run and are not answered. */
  running(): number
  pending(): Promise<readonly Pending[]>
  drop(keys: readonly string[]): Promise<number>
  /** Lets time pass as `advance` does, and waits for nothing that runs. */
  moveOn(milliseconds: number): Promise<void>
  /** Ends the key's Durable Object, or the index's, in the middle of whatever it does. */
  kill(key: string): Promise<void>
  killIndex(): Promise<void>
}

/** One Worker for all scenes of a file. `isLive`: on the platform's time; else on one that moves with `advance` alone. */
export async function startStage({ isLive = false } = {}): Promise<Stage> {
  const handles = new Map<string, Handle>()
  const running = new Map<string, number>()
  const count = (scene: string, by: number) => running.set(scene, (running.get(scene) ?? 0) + by)
  const server = createServer(async (request, response) => {
    const scene = request.url?.slice(1) ?? ''
    count(scene, 1)
    const answer = await answerOf(request, handles.get(scene), goneWith(response))
    count(scene, -1)
    response.writeHead('error' in answer ? 500 : 200).end(answer.error ?? JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const harness = await startWorkers([
    { config: configOf({ TEST: `http://127.0.0.1:${port}`, LIVE: isLive }) },
  ])
  const call = async <T>(verb: string, scene: string, ...args: unknown[]): Promise<T> => {
    const answer = await harness.fetch(`/${verb}/${scene}`, { method: 'POST', body: JSON.stringify(args) })
    if (answer.status !== 200) throw new Error(await answer.text())
    return ((await answer.json()) as { result: T }).result
  }
  let scenes = 0
  return {
    harness,
    scene: () => sceneOf(`scene${scenes++}`, { call, handles, running, isLive }),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await harness.close()
    },
  }
}

const configOf = (vars: Record<string, string | boolean>) => ({
  name: 'queue',
  main: 'test/queue/durable/queue.worker.ts',
  ...COMPATIBILITY,
  vars,
  durable_objects: {
    bindings: [
      { name: 'KEYS', class_name: 'Key' },
      { name: 'INDEX', class_name: 'Index' },
    ],
  },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Key', 'Index'] }],
})

/** Aborts when nobody is there any more to be answered. */
function goneWith(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('whoever asked is gone')))
  return gone.signal
}

async function answerOf(
  request: IncomingMessage,
  handle: Handle | undefined,
  signal: AbortSignal,
): Promise<{ readonly verdict?: unknown; readonly error?: string }> {
  const delivery = JSON.parse(await text(request)) as Delivery
  try {
    const verdicts = await handle?.([delivery], signal)
    return { verdict: verdicts?.get(delivery.id) }
  } catch (error) {
    return { error: String(error) }
  }
}

interface Playing {
  readonly call: <T>(verb: string, scene: string, ...args: unknown[]) => Promise<T>
  readonly handles: Map<string, Handle>
  readonly running: ReadonlyMap<string, number>
  readonly isLive: boolean
}

function sceneOf(name: string, { call, handles, running, isLive }: Playing): Scene {
  // What is begun is begun before anything else is asked.
  let begun: Promise<unknown> = Promise.resolve()
  let begins: number | undefined
  const ask = async <T>(verb: string, ...args: unknown[]): Promise<T> => {
    await begun
    return await call<T>(verb, name, ...args)
  }
  const runningNow = () => running.get(name) ?? 0
  /** Whatever could start has come here, and whatever was answered has gone back. */
  const settled = async () => {
    for (;;) {
      const depths = await ask<readonly Depths[]>('depths')
      if (depths.reduce((sum, { running }) => sum + running, 0) === runningNow()) return
    }
  }
  return {
    name,
    unitMs: 10,
    running: runningNow,
    queue: { send: (messages) => ask('send', messages) },
    run(handle, concurrency) {
      handles.set(name, handle)
      begins = concurrency
      if (!isLive) begun = begun.then(() => call('begin', name, concurrency))
    },
    async advance(milliseconds) {
      const until = (await ask<number>('now')) + milliseconds
      await settled()
      while (await ask<boolean>('step', until)) await settled()
    },
    async moveOn(milliseconds) {
      const until = (await ask<number>('now')) + milliseconds
      while (await ask<boolean>('step', until));
    },
    kill: (key) => ask('die', key),
    async killIndex() {
      await ask('dieIndex')
      // The next one lets keys run when it is told to.
      if (begins !== undefined && !isLive) await call('begin', name, begins)
    },
    stop: () => ask('end'),
    parked: () => ask('parked'),
    async redrive(keys) {
      await ask('redrive', keys)
    },
    drop: (keys) => ask('drop', keys),
    pending: () => ask('pending'),
  }
}
