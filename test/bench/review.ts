/**
 * The `review` benchmark: admission reviews per second and their latency over TLS with kept connections, for small and large
 * objects, and how long a function takes from its start to its first answer. The server has a process (a core) of its own.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { bundle } from '../../infra/aws/bundle.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { scratchFolder } from '../scratch.ts'

const CONNECTIONS = [1, 16, 64]
const SIZES = { '2 KB': 2_000, '200 KB': 200_000 } as const
const SECONDS = 4
const COLD_STARTS = 15

interface Server {
  readonly url: string
  readonly ca: string
}

/** Runs and prints the benchmark; resolves with the figures. */
export async function benchReview(): Promise<object> {
  const child = fork(new URL('./review-process.ts', import.meta.url))
  const [server] = (await once(child, 'message')) as [Server]
  const figures: Record<string, object> = {}
  for (const verb of ['validate', 'mutate'])
    for (const [name, bytes] of Object.entries(SIZES))
      for (const connections of CONNECTIONS) {
        const body = reviewOf(bytes)
        await measure({ child, server, verb, body, connections, seconds: 1 })
        const found = await measure({ child, server, verb, body, connections, seconds: SECONDS })
        figures[`${verb}, ${name}, ${connections} connections`] = found
        console.log(
          `review ${verb.padEnd(8)} ${name.padStart(6)} ${String(connections).padStart(2)} connections: ` +
            `${found.perSecond}/s, p50 ${found.p50} ms, p99 ${found.p99} ms, ${found.cpuMicroseconds} us of CPU each`,
        )
      }
  child.disconnect()
  const cold = await coldStarts()
  console.log(
    `review cold start: ${cold.median} ms from process start to first answer (bare node: ${cold.bare} ms), ${cold.bytes} B bundle`,
  )
  return { review: { ...figures, cold } }
}

interface Run {
  readonly child: ChildProcess
  readonly server: Server
  readonly verb: string
  readonly body: string
  readonly connections: number
  readonly seconds: number
}

async function measure({ child, server, verb, body, connections, seconds }: Run) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca: server.ca })
  const latencies: number[] = []
  const before = await usageOf(child)
  const start = performance.now()
  const end = start + seconds * 1000
  const client = async () => {
    while (performance.now() < end) {
      const asked = performance.now()
      await post(`${server.url}/${verb}/myapp?timeout=5s`, body, agent)
      latencies.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  const elapsed = (performance.now() - start) / 1000
  const used = (await usageOf(child)) - before
  agent.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => rounded(latencies[Math.floor(latencies.length * share)] ?? 0)
  return {
    perSecond: Math.round(latencies.length / elapsed),
    p50: at(0.5),
    p99: at(0.99),
    cpuMicroseconds: Math.round(used / latencies.length),
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100

async function usageOf(child: ChildProcess): Promise<number> {
  child.send('usage')
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage]
  return user + system
}

/** Resolves once the whole answer is here. Rejects where it is not the answer of a review that allows. */
const post = (url: string, body: string, agent: Agent) =>
  new Promise<void>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asking = request(url, { method: 'POST', headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        text.includes('"allowed":true') ? resolve() : reject(new Error(`not allowed: ${text.slice(0, 300)}`)),
      )
    })
    asking.on('error', reject)
    asking.end(body)
  })

/** A creation of a MyApp that is filled with annotations up to a size, as managedFields and notes fill it. */
function reviewOf(bytes: number): string {
  const group = 'apps.fairlead.dev'
  const annotations: Record<string, string> = {}
  for (let size = 900; size < bytes; size += 120) annotations[`note.example.com/n${size}`] = 'x'.repeat(90)
  const metadata = { name: 'web', namespace: 'default', annotations }
  const spec = { image: 'nginx:1.27', replicas: 3, service: { port: 80, type: 'ClusterIP' } }
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group, version: 'v1', kind: 'MyApp' },
      resource: { group, version: 'v1', resource: 'myapps' },
      name: 'web',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'ann', groups: ['system:authenticated'] },
      object: { apiVersion: `${group}/v1`, kind: 'MyApp', metadata, spec },
      oldObject: null,
      dryRun: false,
    },
  })
}

/** Starts the bundled Lambda entry in a fresh process, asks it once, and ends it; beside a process that does nothing. */
async function coldStarts() {
  const folder = scratchFolder()
  const made = await bundle('functions/review/lambda.ts', join(folder, 'review'))
  const keys = `k1=${Buffer.alloc(32, 7).toString('base64url')}`
  const invocation = {
    version: '2.0',
    rawPath: `${await capabilityPath(parseKeys(keys), 'bench')}/validate/myapp`,
    rawQueryString: '',
    headers: { 'content-type': 'application/json' },
    requestContext: { http: { method: 'POST' }, domainName: 'x' },
    body: reviewOf(2_000),
    isBase64Encoded: false,
  }
  const script = join(made.folder, 'ask.mjs')
  writeFileSync(
    script,
    `import { handler } from './index.mjs'
const { body } = await handler(${JSON.stringify(invocation)}, {})
if (!body.includes('"allowed":true')) { console.error(body); process.exit(1) }
process.exit(0)`,
  )
  const bareScript = join(folder, 'bare.mjs')
  writeFileSync(bareScript, 'process.exit(0)')
  const [cold, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < COLD_STARTS; round++) {
    cold.push(await timeOf(script, keys))
    bare.push(await timeOf(bareScript, keys))
  }
  rmSync(folder, { recursive: true })
  return { median: medianOf(cold), bare: medianOf(bare), bytes: made.firstBytes }
}

async function timeOf(script: string, keys: string): Promise<number> {
  const start = performance.now()
  const env = { ...process.env, FAIRLEAD_REVIEW_KEYS: keys }
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  return performance.now() - start
}

const medianOf = (values: readonly number[]): number =>
  Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)
