/** A consumer of the queue in this process, from its start to its orderly end. */
import type { ControllerLimit, Handle } from '../queue.ts'
import type { Consumer, Engine } from './engine.ts'
import { refuseIfFailed } from './flush.ts'
import { wake } from './turn.ts'

export interface ConsumeOptions {
  /** Deliveries at once, over all controllers. */
  readonly concurrency: number
  /** Deliveries at once of one controller, and runs of one key; without an entry only `concurrency` bounds it. */
  readonly controllerLimits?: ReadonlyMap<string, ControllerLimit>
  /** Once aborted, nothing new is handed out. */
  readonly signal: AbortSignal
  /**
   * What is running then has this long before the handlers' own signal aborts. Default 20: with the seconds that a handler
   * and the relay take to end, within the 30 that Kubernetes gives a pod.
   */
  readonly graceSeconds?: number
}

/** See `EmbeddedQueue.consume`. */
export async function consume(engine: Engine, handle: Handle, options: ConsumeOptions): Promise<void> {
  const { concurrency, controllerLimits = new Map(), signal, graceSeconds = 20 } = options
  if (!(concurrency >= 1)) throw new RangeError(`consume: concurrency must be >= 1, got ${concurrency}`)
  refuseIfFailed(engine)
  if (signal.aborted) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const grace = new AbortController()
  const consumer: Consumer = {
    handle,
    concurrency,
    controllerLimits,
    signal: grace.signal,
    running: new Map(),
    inFlight: 0,
    isStopping: false,
    onStopped: resolve,
    onFailed: reject,
  }
  let cancelGrace = () => {}
  const stop = () => {
    consumer.isStopping = true
    cancelGrace = engine.clock.after(graceSeconds * 1000, () => grace.abort(signal.reason))
    wake(engine)
  }
  signal.addEventListener('abort', stop, { once: true })
  engine.consumers.add(consumer)
  wake(engine)
  try {
    await promise
  } finally {
    cancelGrace()
    signal.removeEventListener('abort', stop)
  }
}
