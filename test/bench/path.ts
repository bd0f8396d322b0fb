/** The `path` benchmark: what a change costs on its way to the status. */
import { spawnSync } from 'node:child_process'
import { ConfigMap, type Kube } from '../../lib/index.ts'
import type { SentCall } from '../../lib/kube/rest.ts'
import { installCrds } from '../../lib/manifest/install.ts'
import { systemClock as clock } from '../../lib/clock.ts'
import { bareRate, clientNodeRate, fairleadRate, runFairlead } from './loops.ts'
import {
  benchOperator,
  createSamples,
  freshNamespace,
  openTarget,
  Sample,
  sampleNamed,
  type Target,
} from './target.ts'

const CONCURRENCIES = [1, 10, 50]
const RATES = [1, 10, 100]
/** Each figure is the median of so many, the three loops taking turns, so that a slow minute hits all. */
const ROUNDS = 3
const WATCHED_OBJECTS = 10_000

export async function benchPath({
  kubeconfig,
  objects,
}: {
  kubeconfig: string | undefined
  objects: number
}): Promise<object> {
  const target = await openTarget(kubeconfig)
  const { api, close } = await target.connect()
  await installCrds(api, benchOperator('default', 1), { clock })
  console.log(
    target.isReal
      ? 'against the API server of the kubeconfig'
      : 'against the embedded API server (its own process)',
  )
  const figures = {
    reconcilesPerSecond: await rates(target, objects),
    latencyMs: await latencies(target),
    runsPerObject: await runsPerObject(target, objects),
    callsPerReconcile: await callsPerReconcile(target),
    relay: await relayMemory(target, api),
  }
  close()
  target.stop()
  return figures
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

async function rates(target: Target, objects: number) {
  const loops = { fairlead: fairleadRate, bare: bareRate, clientNode: clientNodeRate }
  const result: Record<string, Record<string, number>> = { fairlead: {}, bare: {}, clientNode: {} }
  for (const concurrency of CONCURRENCIES) {
    const seen = new Map<string, number[]>()
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, loop] of rotated(Object.entries(loops), round)) {
        globalThis.gc?.()
        seen.set(name, [...(seen.get(name) ?? []), await loop(target, objects, concurrency)])
      }
    for (const [name, values] of seen) Object.assign(result[name] ?? {}, { [concurrency]: median(values) })
    const at = (name: string) => result[name]?.[concurrency] ?? Number.NaN
    console.log(
      `reconciles/s at ${String(concurrency).padStart(2)}: fairlead ${at('fairlead')}, bare loop ${at('bare')} ` +
        `(${ratio(at('fairlead'), at('bare'))}), client-node ${at('clientNode')} (${ratio(at('fairlead'), at('clientNode'))})`,
    )
  }
  return result
}

/** Each loop comes once in each place: what one leaves behind (garbage, closing connections) is not always the same one's. */
const rotated = <T>(items: readonly T[], by: number): T[] => [...items.slice(by), ...items.slice(0, by)]

const ratio = (mine: number, theirs: number): string => `x${(mine / theirs).toFixed(2)}`

/** From sending a change to seeing, on a watch, the status that answers it. */
async function latencies(target: Target) {
  const { api, close } = await target.connect()
  const namespace = await freshNamespace(api, 'latency')
  const objects = 200
  await createSamples(target, namespace, objects)
  const settled = Promise.withResolvers<void>()
  const keys = new Set<string>()
  const running = runFairlead(api, namespace, {
    concurrency: 10,
    report: (happening) => {
      if (happening.type === 'reconciled' && keys.add(happening.key).size === objects) settled.resolve()
    },
  })
  await settled.promise
  const result: Record<string, { p50: number; p99: number }> = {}
  for (const perSecond of RATES) {
    const values = (await changeAtRate(api, namespace, { perSecond, objects })).toSorted((a, b) => a - b)
    const at = (part: number) => Number((values[Math.floor(values.length * part)] ?? Number.NaN).toFixed(1))
    result[perSecond] = { p50: at(0.5), p99: at(0.99) }
    console.log(
      `change to status at ${perSecond}/s: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (${values.length} changes)`,
    )
  }
  await running.stop()
  close()
  return result
}

async function changeAtRate(
  api: Kube,
  namespace: string,
  { perSecond, objects }: { perSecond: number; objects: number },
): Promise<number[]> {
  const count = Math.max(10, Math.min(perSecond * 5, 500))
  const sent = new Map<string, { value: number; at: number }[]>()
  const taken: number[] = []
  const done = Promise.withResolvers<void>()
  const stop = new AbortController()
  const listen = async () => {
    const { resourceVersion } = await api.list(Sample, { namespace, as: 'metadata' })
    const lines = api.watch(Sample, { namespace, resourceVersion, timeoutSeconds: 300, signal: stop.signal })
    for await (const { object } of lines) {
      // A status answers the newest change that it shows and those before it on the same object.
      const waiting = sent.get(object.metadata.name) ?? []
      const answered = waiting.filter(({ value }) => value <= (object.status?.value ?? 0))
      waiting.splice(0, answered.length)
      taken.push(...answered.map(({ at }) => performance.now() - at))
      if (taken.length >= count) done.resolve()
    }
  }
  const listening = listen().catch((error) => stop.signal.aborted || done.reject(error))
  for (let index = 0; index < count; index++) {
    const name = `sample-${index % objects}`
    const value = 1_000_000 + perSecond * 10_000 + index
    sent.set(name, [...(sent.get(name) ?? []), { value, at: performance.now() }])
    void api
      .patch(Sample, { namespace, name }, { type: 'merge', body: { spec: { value } } })
      .catch(done.reject)
    await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond))
  }
  await done.promise
  stop.abort(new Error('measured'))
  await listening
  return taken
}

/** Reconciles per object until nothing more comes, the child being owned and watched. */
async function runsPerObject(target: Target, objects: number): Promise<number> {
  const { api, close } = await target.connect()
  const namespace = await freshNamespace(api, 'runs')
  let last = performance.now()
  const running = runFairlead(api, namespace, { concurrency: 10, report: () => (last = performance.now()) })
  await createSamples(target, namespace, objects)
  while (performance.now() - last < 2000) await new Promise((resolve) => setTimeout(resolve, 100))
  const runs = running.happenings.filter(({ type }) => type === 'reconciled').length / objects
  console.log(`runs per object, child owned and watched: ${runs.toFixed(2)}`)
  await running.stop()
  close()
  return runs
}

/** Every request of a first and of a no-op reconcile, watches apart. */
async function callsPerReconcile(target: Target): Promise<{ first: number; noop: number }> {
  let calls: SentCall[] = []
  const { api, close } = await target.connect((call) => void (call.verb !== 'watch' && calls.push(call)))
  const namespace = await freshNamespace(api, 'calls')
  let wake = Promise.withResolvers<void>()
  const synced = Promise.withResolvers<void>()
  const watches = new Set<string>()
  const running = runFairlead(api, namespace, {
    concurrency: 1,
    report: (happening) => {
      if (happening.type === 'watch' && watches.add(happening.kind).size === 2) synced.resolve()
      if (happening.type === 'reconciled') wake.resolve()
    },
  })
  await synced.promise
  const measure = async (change: () => Promise<unknown>): Promise<number> => {
    wake = Promise.withResolvers<void>()
    await change()
    calls = []
    await wake.promise
    return calls.length
  }
  const { api: other, close: closeOther } = await target.connect()
  const key = { namespace, name: 'sample-0' }
  const first = await measure(() => other.create(Sample, sampleNamed(namespace, 0)))
  const touch = { metadata: { annotations: { touched: 'yes' } } }
  const noop = await measure(() => other.patch(Sample, key, { type: 'merge', body: touch }))
  console.log(`API calls per reconcile: first ${first}, no-op ${noop}`)
  await running.stop()
  close()
  closeOther()
  return { first, noop }
}

/** Memory that the relay needs for what it watches, in a process of its own. */
async function relayMemory(target: Target, api: Kube) {
  const namespace = await freshNamespace(api, 'relay')
  let next = 0
  const lane = async () => {
    for (let index = next++; index < WATCHED_OBJECTS; index = next++) {
      const metadata = { namespace, name: `config-${index}`, labels: { app: 'bench', part: `p${index % 7}` } }
      await api.create(ConfigMap, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata,
        data: { value: String(index) },
      })
    }
  }
  await Promise.all(Array.from({ length: 32 }, lane))
  const script = new URL('relay-memory.ts', import.meta.url).pathname
  const child = spawnSync(process.execPath, [
    '--expose-gc',
    script,
    target.kubeconfig,
    namespace,
    String(WATCHED_OBJECTS),
  ])
  if (child.status !== 0) throw new Error(`relay-memory failed: ${child.stderr}`)
  const figures: { objects: number; rssBytes: number; heapBytes: number } = JSON.parse(String(child.stdout))
  const each = Math.round(figures.heapBytes / figures.objects)
  const mebibytes = (figures.rssBytes / 1024 / 1024).toFixed(0)
  console.log(`relay: ${figures.objects} objects, ${each} B of heap each, RSS grew by ${mebibytes} MiB`)
  return figures
}
