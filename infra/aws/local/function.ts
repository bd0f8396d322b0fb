/**
 * A function: as many processes as run at once, reused while they are warm. An invocation takes the process that was used
 * last, else a new one, else it waits. Nothing is ever retried here: who invokes decides.
 */
import { type Instance, type InstanceSettings, type Outcome, startInstance } from './instance.ts'
import { slots } from './slots.ts'

export interface LocalFunctionSettings extends Omit<InstanceSettings, 'log'> {
  /** Told each line that a process writes, and the failures that Lambda would log, with the function's name. */
  readonly log: (name: string, line: string) => void
  /** How many processes there may be (reserved concurrency; default 10). */
  readonly concurrency?: number | undefined
  /** How long a process waits for the next invocation before it is ended (default 300; Lambda says no number). */
  readonly idleSeconds?: number | undefined
}

export interface FunctionFigures {
  readonly invocations: number
  readonly errors: number
  readonly coldStarts: number
  readonly initMs: readonly number[]
  readonly durationMs: readonly number[]
}

export interface InstanceView {
  readonly pid: number | undefined
  readonly isBusy: boolean
}

/** One process, from its start to its end; times are milliseconds since the epoch. */
export interface Life {
  readonly pid: number | undefined
  readonly startedAt: number
  /** Absent while it is alive. */
  readonly endedAt?: number
}

export interface LocalFunction {
  readonly name: string
  readonly timeoutSeconds: number
  /** Never rejects but with the signal's reason, where that aborts before a process was free. */
  invoke(event: unknown, options?: { readonly signal?: AbortSignal }): Promise<Outcome>
  /** The processes that there are. */
  instances(): InstanceView[]
  /** Every process that there was, those that are gone included, in the order in which they started. */
  lives(): Life[]
  /** SIGKILL to the process that `pick` chooses (default: the first, busy ones before idle ones); its pid, if there was one. */
  kill(pick?: (busyFirst: readonly InstanceView[]) => InstanceView | undefined): number | undefined
  figures(): FunctionFigures
  /** Lets running invocations end for `graceSeconds` (default 0), then ends every process. */
  close(graceSeconds?: number): Promise<void>
}

interface Pool {
  readonly settings: LocalFunctionSettings
  readonly all: Set<Instance>
  /** The one used last is at the end. */
  readonly idle: Instance[]
  readonly reaping: Map<Instance, NodeJS.Timeout>
  readonly lives: Map<Instance, Life>
  isClosed: boolean
  readonly counted: { invocations: number; errors: number; coldStarts: number }
  readonly initMs: number[]
  readonly durationMs: number[]
}

/** Starts nothing before the first invocation. */
export function startFunction(settings: LocalFunctionSettings): LocalFunction {
  const pool: Pool = {
    settings,
    all: new Set(),
    idle: [],
    reaping: new Map(),
    lives: new Map(),
    isClosed: false,
    counted: { invocations: 0, errors: 0, coldStarts: 0 },
    initMs: [],
    durationMs: [],
  }
  const free = slots(settings.concurrency ?? 10)
  const closing = new AbortController()
  const viewed = (): [Instance, InstanceView][] =>
    [...pool.all]
      .filter((instance) => instance.isAlive())
      .map((instance): [Instance, InstanceView] => [
        instance,
        { pid: instance.pid, isBusy: !pool.idle.includes(instance) },
      ])
      .sort(([, one], [, other]) => Number(other.isBusy) - Number(one.isBusy))
  return {
    name: settings.name,
    timeoutSeconds: settings.timeoutSeconds,
    async invoke(event, { signal } = {}) {
      await free.take(signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]))
      try {
        return await run(pool, event)
      } finally {
        free.give()
      }
    },
    instances: () => viewed().map(([, view]) => view),
    lives: () => [...pool.lives.values()],
    kill(pick = ([first]) => first) {
      const views = viewed()
      const picked = pick(views.map(([, view]) => view))
      const [instance] = views.find(([, view]) => view.pid === picked?.pid) ?? []
      instance?.kill()
      return instance?.pid
    },
    figures: () => ({ ...pool.counted, initMs: [...pool.initMs], durationMs: [...pool.durationMs] }),
    async close(graceSeconds = 0) {
      closing.abort(new Error(`function ${settings.name} is closed`))
      if (graceSeconds > 0) await within(graceSeconds, free.allFree())
      pool.isClosed = true
      for (const instance of pool.all) instance.kill()
      await Promise.all([...pool.all].map(({ ended }) => ended))
      await free.allFree()
      for (const timer of pool.reaping.values()) clearTimeout(timer)
    },
  }
}

async function run(pool: Pool, event: unknown): Promise<Outcome> {
  const { counted, durationMs, settings } = pool
  const instance = warm(pool) ?? (await cold(pool))
  counted.invocations++
  const { outcome, milliseconds } = await instance.invoke(event)
  durationMs.push(milliseconds)
  await instance.rested()
  if (instance.isAlive()) keep(pool, instance)
  if (outcome.type === 'returned') return outcome
  counted.errors++
  settings.log(settings.name, `${outcome.errorType}: ${outcome.errorMessage}`)
  return outcome
}

function warm({ idle, reaping }: Pool): Instance | undefined {
  for (let instance = idle.pop(); instance !== undefined; instance = idle.pop()) {
    clearTimeout(reaping.get(instance))
    reaping.delete(instance)
    if (instance.isAlive()) return instance
  }
  return undefined
}

async function cold(pool: Pool): Promise<Instance> {
  const { settings, all, counted, initMs, idle, reaping, lives } = pool
  const startedAt = Date.now()
  const instance = await startInstance({ ...settings, log: (line) => settings.log(settings.name, line) })
  counted.coldStarts++
  all.add(instance)
  const life = { pid: instance.pid, startedAt }
  lives.set(instance, life)
  if (pool.isClosed) instance.kill()
  void instance.init.then((milliseconds) => milliseconds !== undefined && initMs.push(milliseconds))
  void instance.ended.then(() => {
    all.delete(instance)
    lives.set(instance, { ...life, endedAt: Date.now() })
    if (idle.includes(instance)) idle.splice(idle.indexOf(instance), 1)
    clearTimeout(reaping.get(instance))
    reaping.delete(instance)
  })
  return instance
}

/** For the next invocation, for a while. */
function keep({ settings, idle, reaping }: Pool, instance: Instance): void {
  idle.push(instance)
  const timer = setTimeout(() => instance.kill(), (settings.idleSeconds ?? 300) * 1000)
  reaping.set(instance, timer.unref())
}

async function within(seconds: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}
