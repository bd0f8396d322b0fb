/**
 * A child process of the `churn` benchmark: what a careful user of client-node 2.0.1 writes. Two informers; the names of objects
 * and of their children's owners in a queue that holds each once; reads from the informers' caches, writes only of what
 * differs; what failed is tried again after a second. Nothing outlives the process.
 */
import * as k8s from '@kubernetes/client-node'
import { startMeter, tell } from './churn-meter.ts'
import { childOf, Sample } from './target.ts'

const [kubeconfig = '', namespace = '', concurrency = ''] = process.argv.slice(2)
const RETRY_MS = 1_000
/** As the examples of client-node have it. */
const RESTART_MS = 5_000
const APPLY = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply)
const MERGE = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch)

const meter = startMeter()
const config = new k8s.KubeConfig()
config.loadFromFile(kubeconfig)
// As it comes, 2.0.1 makes a dispatcher per request, hence a connection, and is out of file descriptors within a minute.
const authenticate = config.applySecurityAuthentication.bind(config)
let dispatcher: ReturnType<k8s.RequestContext['getDispatcher']>
config.applySecurityAuthentication = async (context) => {
  await authenticate(context)
  dispatcher ??= context.getDispatcher()
  if (dispatcher !== undefined) context.setDispatcher(dispatcher)
}
const objects = config.makeApiClient(k8s.CustomObjectsApi)
const core = config.makeApiClient(k8s.CoreV1Api)
const { group, version, plural, kind } = Sample
const at = { group, version, plural, namespace }
const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`
const samples = k8s.makeInformer(config, path, () => objects.listNamespacedCustomObject(at))
const children = k8s.makeInformer<k8s.V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
  core.listNamespacedConfigMap({ namespace }),
)

/** client-node's own types say Date where the server sends text; what the loop uses is the same in both. */
const isSample = (object: object): object is Sample => 'spec' in object

/** Brings one object to its status. Tells whether there was anything to do. */
async function reconcile(name: string): Promise<boolean> {
  const sample = samples.get(name, namespace)
  if (sample === undefined || !isSample(sample) || sample.metadata.deletionTimestamp !== undefined)
    return false
  const { value } = sample.spec
  const body = childOf(sample)
  const child = children.get(name, namespace)
  const isOwned = child?.metadata?.ownerReferences?.some(({ uid }) => uid === sample.metadata.uid)
  const isApplied = isOwned && child?.data?.value === body.data.value
  if (!isApplied)
    await core.patchNamespacedConfigMap({ name, namespace, body, fieldManager: 'bench', force: true }, APPLY)
  const isTold = sample.status?.value === value
  if (!isTold)
    await objects.patchNamespacedCustomObjectStatus({ ...at, name, body: { status: { value } } }, MERGE)
  return !isApplied || !isTold
}

/** Names that wait, each once, with the time since when; one that comes while it runs waits until it has run. */
const waiting = new Map<string, number>()
const running = new Set<string>()

function add(name: string | undefined): void {
  if (name !== undefined && !waiting.has(name)) waiting.set(name, performance.now())
  fill()
}

function fill(): void {
  for (const [name, since] of waiting) {
    if (running.size >= Number(concurrency)) return
    if (running.has(name)) continue
    waiting.delete(name)
    void run(name, since)
  }
}

async function run(name: string, since: number): Promise<void> {
  const start = performance.now()
  running.add(name)
  try {
    const hasWritten = await reconcile(name)
    // Most runs answer events of its own writes, and find nothing to do: they would hide what the others take.
    if (hasWritten) {
      meter.waited(start - since)
      meter.reconciled(performance.now() - start)
    }
  } catch (error) {
    // Deleted meanwhile, and not in the cache yet: no failure.
    if (!(error instanceof k8s.ApiException && error.code === 404)) {
      meter.failed(`${name}: ${error}`)
      setTimeout(() => add(name), RETRY_MS)
    }
  }
  running.delete(name)
  fill()
}

samples.on('change', ({ metadata }) => add(metadata?.name))
children.on('change', ({ metadata }) => {
  add(metadata?.ownerReferences?.find((owner) => owner.kind === kind && owner.controller)?.name)
})
for (const informer of [samples, children]) {
  informer.on('error', (error) => {
    meter.failed(`informer: ${error}`)
    setTimeout(() => void informer.start(), RESTART_MS)
  })
  await informer.start()
}

await meter.ready()
await tell(await meter.figures())
process.exit(0)
