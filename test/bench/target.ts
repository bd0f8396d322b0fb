/** What the path benchmark runs against: a real API server, or the embedded one in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import {
  ConfigMap,
  defineController,
  defineKind,
  defineOperator,
  type Kube,
  Namespace,
  type ObjectOf,
} from '../../lib/index.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect, type SentCall } from '../../lib/kube/rest.ts'

/** The object of the benchmark: one child, one number in the status. */
export const Sample = defineKind({
  group: 'bench.fairlead.dev',
  kind: 'Benchmark',
  scope: 'Namespaced',
  versions: {
    v1: {
      storage: true,
      spec: z.object({ value: z.int() }),
      status: z.object({ value: z.int().optional() }),
    },
  },
})
export type Sample = ObjectOf<typeof Sample>

export const sampleNamed = (namespace: string, index: number) => ({
  apiVersion: 'bench.fairlead.dev/v1',
  kind: 'Benchmark',
  metadata: { namespace, name: `sample-${index}` },
  spec: { value: index },
})

export const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }: Sample) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** The child, owned: what every loop applies. */
export const childOf = (sample: Sample) => ({
  apiVersion: 'v1' as const,
  kind: 'ConfigMap' as const,
  metadata: {
    name: sample.metadata.name,
    namespace: sample.metadata.namespace ?? 'default',
    ownerReferences: [ownerOf(sample)],
  },
  data: { value: String(sample.spec.value) },
})

/** The operator under measurement. */
export const benchOperator = (namespace: string, concurrency: number) =>
  defineOperator('bench', [
    defineController(Sample, {
      name: 'bench',
      owns: [ConfigMap],
      events: 'failures',
      namespaces: [namespace],
      concurrency,
      async reconcile(sample, { apply, status }) {
        await apply([childOf(sample)])
        status({ value: sample.spec.value })
      },
    }),
  ])

export interface Target {
  readonly kubeconfig: string
  readonly isReal: boolean
  /** A connection of its own; `onCall` hears of each call. */
  connect(onCall?: (call: SentCall) => void): Promise<{ api: Kube; close(): void }>
  stop(): void
}

export async function openTarget(kubeconfig: string | undefined): Promise<Target> {
  const started = kubeconfig === undefined ? await startServer() : undefined
  const path = kubeconfig ?? started?.kubeconfig ?? ''
  return {
    kubeconfig: path,
    isReal: kubeconfig !== undefined,
    async connect(onCall = () => {}) {
      const transport = httpsTransport(await loadCredentials({ kubeconfig: path }))
      return { api: connect(transport, { userAgent: 'bench', onCall }), close: () => transport.close() }
    },
    stop: () => void started?.child.kill('SIGTERM'),
  }
}

/** The embedded server in another process, so that it does not share the event loop with what is measured. */
async function startServer(): Promise<{ child: ChildProcess; kubeconfig: string }> {
  const child = spawn(process.execPath, ['functions/apiserver.ts', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^kubeconfig: (.+)$/.exec(line)
    if (found?.[1] !== undefined) return { child, kubeconfig: found[1] }
  }
  throw new Error('the API server ended before it was ready')
}

let namespaces = 0

/** A namespace that no earlier measurement has used. */
export async function freshNamespace(api: Kube, purpose: string): Promise<string> {
  const name = `bench-${purpose}-${process.pid}-${namespaces++}`
  await api.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return name
}

/** Creates `count` objects, 32 at a time, on connections of their own. */
export async function createSamples(target: Target, namespace: string, count: number): Promise<void> {
  const { api, close } = await target.connect()
  let next = 0
  const lane = async () => {
    while (next < count) await api.create(Sample, sampleNamed(namespace, next++))
  }
  await Promise.all(Array.from({ length: 32 }, lane))
  close()
}
