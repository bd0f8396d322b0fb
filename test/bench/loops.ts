/**
 * Three ways to bring 1,000 objects that are created at once to their status: Fairlead whole; the same calls through the same client with no
 * framework around them; and what people write with client-node (informer, apply, status). Each returns reconciles per second.
 */
import { OWNER } from '../../lib/apply/child.ts'
import {
  APPLIED,
  ConfigMap,
  type Happening,
  type Kube,
  type Metadata,
  recorder,
  systemClock as clock,
} from '../../lib/index.ts'
import { noInventory } from '../../lib/inventory/memory.ts'
import { embeddedQueue } from '../../lib/queue/embedded.ts'
import { statusPatch } from '../../lib/reconcile/status.ts'
import { reside } from '../../lib/resident.ts'
import { benchOperator, childOf, createSamples, freshNamespace, Sample, type Target } from './target.ts'

export interface Running {
  /** Every happening so far. */
  readonly happenings: readonly Happening[]
  stop(): Promise<void>
}

/** Runs Fairlead over a namespace until it is stopped. */
export function runFairlead(
  api: Kube,
  namespace: string,
  { concurrency, report }: { concurrency: number; report: (happening: Happening) => void },
): Running {
  const stopping = new AbortController()
  const happenings: Happening[] = []
  const hear = (happening: Happening) => {
    happenings.push(happening)
    report(happening)
  }
  const using = {
    api,
    queue: embeddedQueue({ clock, report: hear }),
    inventory: noInventory,
    record: recorder(api, 'bench', { clock, report: hear }),
    report: hear,
    clock,
    random: Math.random,
  }
  const running = reside(benchOperator(namespace, concurrency), using, stopping.signal)
  return {
    happenings,
    async stop() {
      stopping.abort(new Error('measured'))
      await running
    },
  }
}

const perSecond = (count: number, start: number): number =>
  Math.round((count * 1000) / (performance.now() - start))

export async function fairleadRate(target: Target, count: number, concurrency: number): Promise<number> {
  const { api, close } = await target.connect()
  const namespace = await freshNamespace(api, 'fairlead')
  const [synced, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const watches = new Set<string>()
  const keys = new Set<string>()
  const running = runFairlead(api, namespace, {
    concurrency,
    report(happening) {
      if (happening.type === 'watch' && watches.add(happening.kind).size === 2) synced.resolve()
      if (happening.type === 'reconciled' && keys.add(happening.key).size === count) done.resolve()
    },
  })
  await synced.promise
  const start = performance.now()
  await createSamples(target, namespace, count)
  await done.promise
  const rate = perSecond(count, start)
  await running.stop()
  close()
  return rate
}

/** Runs each item that is added, so many at once; `done` resolves when `count` of them have ended. */
function startPool<T>(count: number, concurrency: number, run: (item: T) => Promise<void>) {
  const waiting: T[] = []
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  let busy = 0
  let finished = 0
  const fill = (): void => {
    while (busy < concurrency) {
      const item = waiting.shift()
      if (item === undefined) return
      busy++
      run(item).then(() => {
        busy--
        if (++finished === count) resolve()
        fill()
      }, reject)
    }
  }
  const add = (item: T): void => {
    waiting.push(item)
    fill()
  }
  return { add, done, reject }
}

/**
 * The same calls, the two watches among them: read the object, read the child, apply it, write the status.
 */
export async function bareRate(target: Target, count: number, concurrency: number): Promise<number> {
  const { api, close } = await target.connect()
  const namespace = await freshNamespace(api, 'bare')
  const stop = new AbortController()
  const watching = {
    namespace,
    initial: true,
    timeoutSeconds: 300,
    as: 'metadata',
    signal: stop.signal,
  } as const
  const pool = startPool(count, concurrency, (key: Metadata) => reconcileBare(api, key))
  const synced = Promise.withResolvers<void>()
  const watchSamples = async () => {
    for await (const { type, object } of api.watch(Sample, watching)) {
      if (type === 'BOOKMARK') synced.resolve()
      if (type === 'ADDED') pool.add(object.metadata)
    }
  }
  const watchChildren = async () => {
    for await (const { type } of api.watch(ConfigMap, watching)) if (type === 'DELETED') return
  }
  const ended = [watchSamples(), watchChildren()].map((watch) =>
    watch.catch((error) => stop.signal.aborted || pool.reject(error)),
  )
  await synced.promise
  const start = performance.now()
  await createSamples(target, namespace, count)
  await pool.done
  const rate = perSecond(count, start)
  stop.abort(new Error('measured'))
  await Promise.all(ended)
  close()
  return rate
}

/** What it sends is what Fairlead sends, marks and conditions included: the difference is the framework alone. */
async function reconcileBare(
  api: Kube,
  key: { namespace?: string; name: string; resourceVersion: string },
): Promise<void> {
  const sample = await api.get(Sample, key, { notOlderThan: key.resourceVersion })
  if (sample === undefined) return
  await api.get(ConfigMap, key, { notOlderThan: '0' })
  const { uid, resourceVersion, generation } = sample.metadata
  const child = childOf(sample)
  const marks = { labels: { [OWNER]: uid }, annotations: { [APPLIED]: '0123456789abcd/0123456789abcd' } }
  const object = { ...child, metadata: { ...child.metadata, ...marks } }
  await api.patch(ConfigMap, key, { type: 'apply', object, force: true }, { fieldManager: 'bare' })
  const conclusion = { type: 'done' } as const
  const status = statusPatch(sample, { value: sample.spec.value }, { conclusion, now: Date.now() })
  const body = { metadata: { uid, resourceVersion }, status: { ...status, observedGeneration: generation } }
  await api.patch(Sample, key, { type: 'merge', body }, { subresource: 'status', fieldManager: 'bare' })
}

/** client-node's own types say Date where the server sends text; what the loop uses is the same in both. */
const isSample = (object: object): object is Sample => 'spec' in object

/** client-node 2.0.1 as its documentation shows it: an informer, typed calls, a queue by name. */
export async function clientNodeRate(target: Target, count: number, concurrency: number): Promise<number> {
  const { api, close } = await target.connect()
  const namespace = await freshNamespace(api, 'clientnode')
  const k8s = await import('@kubernetes/client-node')
  const config = new k8s.KubeConfig()
  config.loadFromFile(target.kubeconfig)
  const objects = config.makeApiClient(k8s.CustomObjectsApi)
  const core = config.makeApiClient(k8s.CoreV1Api)
  const at = { group: 'bench.fairlead.dev', version: 'v1', namespace, plural: 'benchmarks' }
  const path = `/apis/${at.group}/${at.version}/namespaces/${namespace}/${at.plural}`
  const informer = k8s.makeInformer(config, path, () => objects.listNamespacedCustomObject(at))
  const reconcileOne = async (sample: Sample): Promise<void> => {
    const { name } = sample.metadata
    const body = childOf(sample)
    const apply = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply)
    await core.patchNamespacedConfigMap(
      { name, namespace, body, fieldManager: 'clientnode', force: true },
      apply,
    )
    await objects.replaceNamespacedCustomObjectStatus({
      ...at,
      name,
      body: { ...sample, status: { value: sample.spec.value } },
    })
  }
  const pool = startPool(count, concurrency, reconcileOne)
  informer.on('add', (object) => {
    if (isSample(object)) pool.add(object)
  })
  informer.on('error', pool.reject)
  const connected = new Promise<void>((resolve) => informer.on('connect', () => resolve()))
  await informer.start()
  await connected
  const start = performance.now()
  await createSamples(target, namespace, count)
  await pool.done
  const rate = perSecond(count, start)
  await informer.stop()
  close()
  return rate
}
