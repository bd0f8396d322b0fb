/**
 * What tests of `lead` stand on where time must be exact: an API server that holds one Lease in memory on a fake clock,
 * connections on which each call has the fate that the test gives it, and processes that can be frozen and killed.
 */
import { type Clock, sleep } from '../lib/clock.ts'
import { ApiError, type Kube } from '../lib/kube.ts'
import type { LiveLease } from '../lib/lead/lease.ts'
import { type Leading, lead } from '../lib/lead.ts'
import type { Happening } from '../lib/report.ts'
import type { FakeClock } from './fake-clock.ts'
import { refuse } from './watch.script.ts'

/** Milliseconds until the server acts on a call and until the answer is back from there; Infinity: never. */
export interface Fate {
  readonly there: number
  readonly back: number
  /** Answered instead of acting. */
  readonly failure?: ApiError | undefined
}

export const PROMPT: Fate = { there: 0, back: 0 }
export const LOST: Fate = { there: Number.POSITIVE_INFINITY, back: 0 }
export const failing = (code: number, reason: string): Fate => ({
  ...PROMPT,
  failure: new ApiError(code, reason, `the server said ${reason}`),
})

export interface LeaseServer {
  lease(): LiveLease | undefined
  /** Writes as another tool would, without asking; undefined deletes. */
  edit(lease: object | undefined): void
  /** `deliver` hands an answer to the process that waits for it. */
  connect(fate: () => Fate, deliver?: (answer: () => void) => void): Kube
}

/** A server without a lease. `onWrite` is called for each write of a candidate with the lease before and after. */
export function leaseServer(
  clock: Clock,
  onWrite: (before: LiveLease | undefined, after: LiveLease) => void = () => {},
): LeaseServer {
  let lease: LiveLease | undefined
  let revision = 0
  const store = (object: object): LiveLease => {
    const given = structuredClone(object) as LiveLease
    const resourceVersion = String(++revision)
    lease = {
      ...given,
      metadata: { ...given.metadata, uid: given.metadata.uid ?? `uid-${revision}`, resourceVersion },
    }
    return lease
  }
  const write = (object: object): LiveLease => {
    const before = lease
    const after = store(object)
    onWrite(before, after)
    return after
  }
  const create = (object: object): LiveLease => {
    if (lease !== undefined) throw new ApiError(409, 'AlreadyExists', 'it exists')
    return write(object)
  }
  const update = (object: object): LiveLease => {
    const { metadata } = object as LiveLease
    if (lease?.metadata.resourceVersion !== metadata.resourceVersion || lease.metadata.uid !== metadata.uid)
      throw new ApiError(409, 'Conflict', 'it has been modified')
    return write(object)
  }
  return {
    lease: () => lease,
    edit: (object) => {
      if (object === undefined) lease = undefined
      else store(object)
    },
    connect(fate, deliver = (answer) => answer()) {
      const call = <T>(act: () => unknown, signal: AbortSignal | undefined): Promise<T> => {
        const { promise, resolve, reject } = Promise.withResolvers<T>()
        if (signal?.aborted) reject(signal.reason)
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        const { there, back, failure } = fate()
        const answerOf = (): (() => void) => {
          try {
            if (failure !== undefined) throw failure
            const result = structuredClone(act()) as T
            return () => resolve(result)
          } catch (error) {
            return () => reject(error)
          }
        }
        const arrive = () => {
          const answer = answerOf()
          if (Number.isFinite(back)) clock.after(back, () => deliver(answer))
        }
        if (Number.isFinite(there)) clock.after(there, arrive)
        return promise
      }
      return {
        get: (_, _key, options) => call(() => lease, options?.signal),
        create: (_, object, options) => call(() => create(object), options?.signal),
        update: (_, object, options) => call(() => update(object), options?.signal),
        list: refuse('list'),
        // biome-ignore lint/correctness/useYield: it only throws
        watch: async function* () {
          throw new Error('watch is not scripted')
        },
        patch: refuse('patch'),
        delete: refuse('delete'),
      }
    },
  }
}

/** A process that is a candidate. */
export interface Process {
  readonly identity: string
  readonly happenings: readonly Happening[]
  /** What the report said, as `state detail`. */
  said(): string[]
  /** Its `run`s that have not ended, each with its signal. At most one. */
  readonly runs: ReadonlySet<AbortSignal>
  isFrozen(): boolean
  /** Nothing happens in it any more: no timer, no answer. */
  freeze(): void
  /** Everything that was due meanwhile happens now, in that order. */
  thaw(): void
  /** The time that its clock shows is another from now on; its timers do not care. */
  setClock(offsetMs: number): void
  stop(): void
  /** Of the `lead` call. */
  readonly done: Promise<void>
}

export interface ProcessOptions {
  readonly identity: string
  readonly clock: FakeClock
  readonly random?: () => number
  readonly timing?: Leading['timing']
  /** Real milliseconds in one of its own. */
  readonly pace?: number
  /** How long its `run` takes to end after its signal has aborted. */
  readonly endingMs?: number
  /** Called when a `run` begins. */
  readonly onRun?: () => void
  /** Default: goes on until it is told to end. */
  readonly run?: (signal: AbortSignal) => Promise<void>
  readonly connect: (deliver: (answer: () => void) => void) => Kube
}

/** Starts a candidate. */
export function startProcess(options: ProcessOptions): Process {
  const { identity, clock: base, random = () => 0, pace = 1, endingMs = 0, onRun = () => {} } = options
  const happenings: Happening[] = []
  const runs = new Set<AbortSignal>()
  const stopping = new AbortController()
  let offset = 0
  let waiting: (() => void)[] | undefined
  const inProcess = (task: () => void) => {
    if (waiting === undefined) task()
    else waiting.push(task)
  }
  const clock: Clock = {
    now: () => base.now() + offset,
    after(milliseconds, task) {
      let isCancelled = false
      const cancel = base.after(milliseconds * pace, () =>
        inProcess(() => {
          if (!isCancelled) task()
        }),
      )
      return () => {
        isCancelled = true
        cancel()
      }
    },
  }
  const goOn = async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    if (endingMs > 0) await sleep(clock, endingMs)
  }
  const run = async (signal: AbortSignal) => {
    runs.add(signal)
    onRun()
    await (options.run ?? goOn)(signal).finally(() => runs.delete(signal))
  }
  const report = (happening: Happening) => void happenings.push(happening)
  const api = options.connect(inProcess)
  const where = { namespace: 'default', name: 'web', identity }
  const leading = { api, clock, random, report, timing: options.timing, ...where }
  const done = lead(run, leading, stopping.signal)
  return {
    identity,
    happenings,
    said: () => happenings.map((it) => (it.type === 'lease' ? `${it.state} ${it.detail}`.trim() : it.type)),
    runs,
    isFrozen: () => waiting !== undefined,
    freeze: () => {
      waiting ??= []
    },
    thaw: () => {
      const due = waiting ?? []
      waiting = undefined
      for (const task of due) task()
    },
    setClock: (offsetMs) => {
      offset = offsetMs
    },
    stop: () => inProcess(() => stopping.abort(new Error('the test is over'))),
    done,
  }
}
