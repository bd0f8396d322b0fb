/** The process measured by the `churn` benchmark, from outside: started, given orders, asked for its figures. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sleep, systemClock as clock } from '../../lib/clock.ts'
import type { Figures, Order, Word } from './churn-meter.ts'

export interface Measured extends AsyncDisposable {
  order(order: Order): void
  /** Resolves when it watches. Rejects where it ends before. */
  readonly ready: Promise<void>
  /** Its figures, once it has been told to `tell`. Rejects where it ends before. */
  readonly figures: Promise<Figures>
  /** Aborts where it ends before it has told its figures; the reason has what it wrote to stderr. */
  readonly signal: AbortSignal
}

/** The end of what is written to stderr is kept. */
const KEPT_LENGTH = 8_192
const LAST_WORDS_MS = 5_000

/** Starts `test/bench/SCRIPT.ts`, its heap limited or as V8 has it; disposed of, it is killed. */
export function startMeasured(
  script: string,
  args: readonly string[],
  heapMebibytes: number | undefined,
): Measured {
  const died = new AbortController()
  const ready = Promise.withResolvers<void>()
  const told = Promise.withResolvers<Figures>()
  const child = fork(fileURLToPath(new URL(`${script}.ts`, import.meta.url)), args, {
    execArgv: ['--expose-gc', ...(heapMebibytes === undefined ? [] : [`--max-heap-size=${heapMebibytes}`])],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let errors = ''
  let isTold = false
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_LENGTH)
  })
  child.on('message', (word: Word) => {
    if (word === 'ready') return ready.resolve()
    isTold = true
    told.resolve(word)
  })
  const closed = once(child, 'close').then(() => {
    if (isTold) return
    const { exitCode, signalCode } = child
    const error = new Error(
      `${script} ended with ${exitCode ?? signalCode} before it was measured:\n${errors}`,
    )
    ready.reject(error)
    told.reject(error)
    died.abort(error)
  })
  // Who waits for neither hears of it by the signal.
  ready.promise.catch(() => {})
  told.promise.catch(() => {})
  return {
    order: (order) => void child.send(order),
    ready: ready.promise,
    figures: told.promise,
    signal: died.signal,
    async [Symbol.asyncDispose]() {
      // One that has told its figures ends by itself, and a profile of it (--cpu-prof) is written then.
      if (isTold) await Promise.race([closed, sleep(clock, LAST_WORDS_MS)])
      child.kill('SIGKILL')
      await closed
    },
  }
}
