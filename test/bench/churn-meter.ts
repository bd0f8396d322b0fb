/**
 * The process measured by the `churn` benchmark, from inside: it counts between `begin` and `end`, and tells its figures when
 * it is asked. What it keeps does not grow with what it counts: its own memory is part of what is measured.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

/** What the driver sends. */
export type Order = 'begin' | 'end' | 'tell'

/** What the driver is sent: that it watches, and at the end its figures. */
export type Word = 'ready' | Figures

export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** All of the time between `begin` and `end`, but for the heap: that is before the first object, and when all has come to rest. */
export interface Figures {
  readonly seconds: number
  readonly reconciles: number
  readonly queueMs: Latency
  readonly reconcileMs: Latency
  readonly rssBytes: { readonly mean: number; readonly peak: number }
  readonly heapBytes: { readonly atStart: number; readonly atRest: number }
  readonly cpuSeconds: number
  readonly failures: number
  readonly parked: number
  /** What the first of them were. */
  readonly texts: readonly string[]
  /** Files that outlive the process. */
  readonly stateBytes?: number
}

export interface Meter {
  /** How long a key was ready before it was handed out. */
  waited(milliseconds: number): void
  reconciled(milliseconds: number): void
  failed(text: string): void
  parked(text: string): void
  /** To be called once it watches: from then on there may be objects. */
  ready(): Promise<void>
  /** Resolves when the driver has asked and everything has come to rest. */
  figures(): Promise<Figures>
}

const SAMPLE_MS = 500
const TEXTS = 5
const TEXT_LENGTH = 300

/** Begins to listen to the driver; ends the process when there is none any more. */
export function startMeter(): Meter {
  const counts = emptyCounts()
  const asked = Promise.withResolvers<void>()
  const orders: Record<Order, () => void> = {
    begin: () => begin(counts),
    end: () => end(counts),
    tell: asked.resolve,
  }
  process.on('message', (order: Order) => orders[order]())
  process.on('disconnect', () => process.exit(1))
  const note = (text: string) =>
    void (counts.texts.length < TEXTS && counts.texts.push(text.replaceAll('\n', ' ').slice(0, TEXT_LENGTH)))
  return {
    waited: (milliseconds) => record(counts.queue, milliseconds),
    reconciled: (milliseconds) => record(counts.reconcile, milliseconds),
    failed(text) {
      counts.failures++
      note(text)
    },
    parked(text) {
      counts.parked++
      note(text)
    },
    async ready() {
      counts.heapAtStart = await settledHeap()
      await tell('ready')
    },
    async figures() {
      await asked.promise
      return toFigures(counts, await settledHeap())
    },
  }
}

/** Resolves when it is on its way to the driver. */
export const tell = (word: Word): Promise<void> =>
  new Promise((sent, failed) =>
    process.send?.(word, (error: Error | null) => (error ? failed(error) : sent())),
  )

interface Counts {
  readonly queue: RecordableHistogram
  readonly reconcile: RecordableHistogram
  readonly texts: string[]
  readonly rss: { sum: number; count: number; peak: number }
  heapAtStart: number
  failures: number
  parked: number
  start: number
  seconds: number
  cpu: NodeJS.CpuUsage
  sampling: NodeJS.Timeout | undefined
}

const emptyCounts = (): Counts => ({
  queue: createHistogram(),
  reconcile: createHistogram(),
  texts: [],
  rss: { sum: 0, count: 0, peak: 0 },
  heapAtStart: 0,
  failures: 0,
  parked: 0,
  start: 0,
  seconds: 0,
  cpu: process.cpuUsage(),
  sampling: undefined,
})

function begin(counts: Counts): void {
  counts.queue.reset()
  counts.reconcile.reset()
  counts.failures = 0
  counts.parked = 0
  counts.texts.length = 0
  counts.start = performance.now()
  counts.cpu = process.cpuUsage()
  sample(counts)
  counts.sampling = setInterval(() => sample(counts), SAMPLE_MS)
}

function end(counts: Counts): void {
  clearInterval(counts.sampling)
  counts.seconds = (performance.now() - counts.start) / 1000
  counts.cpu = process.cpuUsage(counts.cpu)
}

function sample({ rss }: Counts): void {
  const bytes = process.memoryUsage.rss()
  rss.sum += bytes
  rss.count++
  rss.peak = Math.max(rss.peak, bytes)
}

/** The histogram counts whole microseconds and knows no zero. */
const record = (histogram: RecordableHistogram, milliseconds: number): void =>
  histogram.record(Math.max(1, Math.round(milliseconds * 1000)))

function latencyOf(histogram: RecordableHistogram): Latency {
  const at = (part: number) => Number((histogram.percentile(part) / 1000).toFixed(1))
  return { p50: at(50), p99: at(99), max: at(100) }
}

/** Waits for what is kept for a moment (quiet windows: half a second) to be gone. */
async function settledHeap(): Promise<number> {
  for (let turn = 0; turn < 20; turn++) {
    globalThis.gc?.()
    await wait(50)
  }
  return process.memoryUsage().heapUsed
}

function toFigures(counts: Counts, heapAtRest: number): Figures {
  const { queue, reconcile, rss, cpu, seconds, failures, parked, texts } = counts
  return {
    seconds,
    reconciles: reconcile.count,
    queueMs: latencyOf(queue),
    reconcileMs: latencyOf(reconcile),
    rssBytes: { mean: Math.round(rss.sum / rss.count), peak: rss.peak },
    heapBytes: { atStart: counts.heapAtStart, atRest: heapAtRest },
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    failures,
    parked,
    texts,
  }
}
