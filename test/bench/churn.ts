/**
 * The `churn` benchmark: many objects with a child each, and changes at an even rate for minutes; what the keys wait, what the
 * process takes, and whether anything was lost. Fairlead whole, and then the same changes for a loop around client-node's
 * informers. After the load of the controller sharding thesis (9,000 objects, about 160 changes per second, 50 workers for
 * 15 minutes), where controller-runtime had a p99 of 98.7 ms in the queue and 247 ms per reconcile at 278 MiB and 1.02 CPUs.
 */
import { rmSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { sleep, systemClock as clock } from '../../lib/clock.ts'
import { type Kube, Namespace } from '../../lib/index.ts'
import { installCrds } from '../../lib/manifest/install.ts'
import { randomFrom } from '../random.ts'
import { scratchFolder } from '../scratch.ts'
import { type Act, actAtRate, actsOn, problemsIn, type Wanted, want } from './churn-acts.ts'
import type { Figures } from './churn-meter.ts'
import { startMeasured } from './churn-process.ts'
import { benchOperator, createSamples, freshNamespace, openTarget, type Target } from './target.ts'

export interface Churn {
  readonly kubeconfig: string | undefined
  readonly objects: number
  readonly seconds: number
  /** The limit of the heap of the process measured, as that of a pod sets one. V8 takes what it likes otherwise. */
  readonly heapMebibytes: number | undefined
}

const PER_SECOND = 160
const CONCURRENCY = 50
const SEED = 1
/** All objects have their first status and child within this time, or there is nothing to measure. */
const FIRST_MS = 600_000
/** What is not as it should be so long after the last change is lost. */
const REST_MS = 60_000
/** The aims of the thesis for both, as 99th percentiles. */
const AIM_MS = { queue: 1_000, reconcile: 5_000 }
/** So many times as long as a look took, nobody looks. */
const LOOK_PAUSE = 4
/** Between two lines of progress. */
const PROGRESS_SECONDS = 10

interface Result extends Figures {
  readonly changes: Readonly<Record<Act['type'], number>>
  readonly changesPerSecond: number
  /** Until all objects had been made and had their first status and child. */
  readonly firstSeconds: number
  /** From the last change until everything was as it should be, and seen to be: a list of everything takes its time. */
  readonly settledMs: number
  /** Objects that are not as they should be at the very end. */
  readonly lost: number
}

/** Runs and prints the benchmark; resolves with the figures. Throws a RangeError for loads that would be none, or have no end. */
export async function benchChurn(churn: Churn): Promise<object> {
  const { objects, seconds, kubeconfig, heapMebibytes } = churn
  within('--objects', objects, { least: 2, most: 100_000 })
  within('--seconds', seconds, { least: 1, most: 3_600 })
  if (heapMebibytes !== undefined) within('--heap', heapMebibytes, { least: 64, most: 4_096 })
  const cores = availableParallelism()
  const load = Number((loadavg()[0] ?? 0).toFixed(1))
  console.log(
    `churn: ${objects} objects with a child each, ${PER_SECOND} changes/s for ${seconds} s; ` +
      `${kubeconfig === undefined ? 'the embedded API server' : 'the API server of the kubeconfig'}, this driver and ` +
      `the process measured share ${cores} cores (load average before ${load})` +
      `${heapMebibytes === undefined ? '' : `, heap limited to ${heapMebibytes} MiB`}`,
  )
  const fairlead = await measure('churn-fairlead', churn)
  show('fairlead', fairlead)
  const clientNode = await measure('churn-informer', churn)
  show('client-node', clientNode)
  const compare = (of: (result: Result) => number) => ratio(of(fairlead), of(clientNode))
  console.log(
    `churn fairlead to client-node: RSS mean ${compare(({ rssBytes }) => rssBytes.mean)}, ` +
      `peak ${compare(({ rssBytes }) => rssBytes.peak)}, heap at rest ${compare(({ heapBytes }) => heapBytes.atRest)}, ` +
      `CPU ${compare(({ cpuSeconds }) => cpuSeconds)}, ` +
      `reconcile p99 ${compare(({ reconcileMs }) => reconcileMs.p99)}`,
  )
  return { churn: { objects, seconds, heapMebibytes, cores, load, fairlead, clientNode } }
}

function within(option: string, number: number, { least, most }: { least: number; most: number }): void {
  if (!(Number.isInteger(number) && number >= least && number <= most))
    throw new RangeError(`${option} must be a whole number from ${least} to ${most}, got ${number}`)
}

const ratio = (mine: number, theirs: number): string => `x${(mine / theirs).toFixed(2)}`

/** One of the two on a namespace of its own; with the embedded server on a server of its own, which knows nothing of the other. */
async function measure(script: string, churn: Churn): Promise<Result> {
  const target = await openTarget(churn.kubeconfig)
  process.once('exit', target.stop)
  const { api, close } = await target.connect()
  const folder = scratchFolder()
  try {
    await installCrds(api, benchOperator('default', 1), { clock })
    const namespace = await freshNamespace(api, script)
    try {
      return await run(script, { ...churn, target, api, namespace, folder })
    } finally {
      if (target.isReal) await api.delete(Namespace, { name: namespace })
    }
  } finally {
    close()
    target.stop()
    rmSync(folder, { recursive: true })
  }
}

interface Running extends Churn {
  readonly target: Target
  readonly api: Kube
  readonly namespace: string
  readonly folder: string
}

async function run(script: string, running: Running): Promise<Result> {
  const { api, namespace, objects, target, folder, heapMebibytes } = running
  const wanted: Wanted = new Map(Array.from({ length: objects }, (_, index) => [index, index]))
  const args = [target.kubeconfig, namespace, String(CONCURRENCY), folder]
  await using measured = startMeasured(script, args, heapMebibytes)
  const { signal } = measured
  const look = () => problemsIn(api, namespace, wanted, signal)
  await measured.ready
  progress(`${script}: ${objects} objects are made, each gets its first status and its child`)
  const made = performance.now()
  await createSamples(target, namespace, objects)
  const first = await restAfter(look, FIRST_MS, signal)
  const firstSeconds = (performance.now() - made) / 1000
  if (first.problems.length > 0) throw new Error(`${script}: not even the first: ${first.problems[0]}`)

  measured.order('begin')
  const done = await changeThem(script, { ...running, wanted }, signal)
  const last = await restAfter(look, REST_MS, signal)
  measured.order('end')
  measured.order('tell')
  const figures = await measured.figures
  // Once more, long after: what somebody undoes is lost as well.
  const problems = await look()
  for (const problem of problems.slice(0, 20)) progress(problem)
  return {
    ...figures,
    ...done,
    firstSeconds: Number(firstSeconds.toFixed(1)),
    settledMs: Math.round(last.milliseconds),
    lost: problems.length,
  }
}

/** The changes, and what is wanted after each. */
async function changeThem(
  script: string,
  { api, namespace, objects, seconds, wanted }: Running & { readonly wanted: Wanted },
  signal: AbortSignal,
): Promise<Pick<Result, 'changes' | 'changesPerSecond'>> {
  const changes = { patch: 0, create: 0, delete: 0 }
  const onAct = (act: Act) => {
    want(wanted, act)
    changes[act.type]++
    const count = changes.patch + changes.create + changes.delete
    if (count % (PER_SECOND * PROGRESS_SECONDS) === 0)
      progress(`${script}: ${count / PER_SECOND} of ${seconds} s of changes`)
  }
  const count = PER_SECOND * seconds
  const begun = performance.now()
  const acts = actsOn(objects, count, randomFrom(SEED))
  await actAtRate(api, acts, { namespace, perSecond: PER_SECOND, onAct }, signal)
  const changesPerSecond = Number(((count * 1000) / (performance.now() - begun)).toFixed(1))
  return { changes, changesPerSecond }
}

/** Looks until there is no problem any more, or time is up; seldom, for a look is work for the server. */
async function restAfter(look: () => Promise<string[]>, limitMs: number, signal: AbortSignal) {
  const begin = performance.now()
  for (;;) {
    const start = performance.now()
    const problems = await look()
    const now = performance.now()
    const milliseconds = now - begin
    if (problems.length === 0 || milliseconds > limitMs) return { problems, milliseconds }
    await sleep(clock, LOOK_PAUSE * (now - start), signal)
  }
}

const progress = (text: string): void => void process.stderr.write(`${text}\n`)

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

function show(name: string, result: Result): void {
  const { changes, queueMs, reconcileMs, rssBytes, heapBytes, stateBytes, lost } = result
  const line = (text: string) => console.log(`churn ${name}: ${text}`)
  line(
    `${changes.patch} patches, ${changes.create} creations, ${changes.delete} deletions at ${result.changesPerSecond}/s, ` +
      `${result.reconciles} reconciles, ${result.failures} failures, ${result.parked} parked; ` +
      `${lost === 0 ? 'nothing lost' : `${lost} OBJECTS LOST`}, all seen settled ${result.settledMs} ms after the last change`,
  )
  line(
    `queue p50 ${queueMs.p50} ms, p99 ${queueMs.p99} ms, max ${queueMs.max} ms (aim p99 ${AIM_MS.queue} ms), ` +
      `reconcile p50 ${reconcileMs.p50} ms, p99 ${reconcileMs.p99} ms, max ${reconcileMs.max} ms (aim p99 ${AIM_MS.reconcile} ms)`,
  )
  line(
    `RSS mean ${mebibytes(rssBytes.mean)}, peak ${mebibytes(rssBytes.peak)}, heap at rest ${mebibytes(heapBytes.atRest)} ` +
      `(${mebibytes(heapBytes.atStart)} before the first object), ` +
      `${result.cpuSeconds.toFixed(1)} CPU s (${(result.cpuSeconds / result.seconds).toFixed(2)} CPUs)` +
      `${stateBytes === undefined ? '' : `, state on disk ${mebibytes(stateBytes)}`}; all made and settled at first in ${result.firstSeconds} s`,
  )
  for (const text of result.texts) line(`trouble: ${text}`)
}
