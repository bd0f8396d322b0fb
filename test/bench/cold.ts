/**
 * The `cold` benchmark: how long each function on AWS takes from the start of its process until it can be called, beside a
 * process that does nothing, and what the AWS client adds where it is loaded with the first message; and how long workerd is
 * busy with the start of each Worker.
 */
import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Bundle, bundle, firstOutputs } from '../../infra/aws/bundle.ts'
import { FUNCTIONS, type Setting } from '../../infra/aws/functions.ts'
import { environmentOf } from '../../infra/aws/local/environment.ts'
import { WORKERS } from '../../infra/cloudflare/workers.ts'
import { startupMs, uploadOf } from '../infra/upload.ts'
import { scratchFolder } from '../scratch.ts'

const ROUNDS = 15
const CLIENT = '@aws-sdk/client-sqs/dist-es/index.js'

const queue = (name: string) => `https://sqs.us-east-1.amazonaws.com/000000000000/${name}`
/** Enough for a function to start with; nothing is called. */
const SETTINGS: Record<Setting, string> = {
  FAIRLEAD_SQS_READY: queue('ready.fifo'),
  FAIRLEAD_SQS_DELAY: queue('delay'),
  FAIRLEAD_SQS_BACKGROUND: queue('background'),
  FAIRLEAD_SQS_DEAD: queue('dead.fifo'),
  FAIRLEAD_CLUSTERS: '{"default":{"server":"https://127.0.0.1:6443"}}',
  FAIRLEAD_INVENTORY: 's3://bucket/prefix',
  FAIRLEAD_REVIEW_KEYS: `k1=${Buffer.alloc(32, 7).toString('base64url')}`,
  FAIRLEAD_INGRESS: JSON.stringify({ hook: { cluster: 'default', hmac: { keys: { k1: 'a'.repeat(43) } } } }),
}

/** A process to start again and again. */
interface Cold {
  readonly name: string
  readonly script: string
  readonly env: Record<string, string>
  readonly bytes: number
  readonly clientBytes: number
}

/** Milliseconds: until the function could be called, and from there until the AWS client was there. */
interface Times {
  readonly ready: number
  readonly client: number
}

/** Bytes, and medians in milliseconds, without and with what Node keeps of a module compiled before. */
interface Figures extends Times {
  readonly bytes: number
  readonly clientBytes: number
  readonly cachedReady: number
  readonly cachedClient: number
}

/** Runs and prints the benchmark; resolves with the figures. */
export async function benchCold(): Promise<object> {
  const folder = scratchFolder()
  const bare: Cold = {
    ...scripted(folder, 'bare', 'const ready = performance.now()'),
    env: {},
    bytes: 0,
    clientBytes: 0,
  }
  const all = [bare, ...(await bundled(folder))]
  const plain = new Map<string, Times[]>()
  const cached = new Map<string, Times[]>()
  const cache = { NODE_COMPILE_CACHE: join(folder, 'cache') }
  for (const cold of all) await start(cold, cache)
  // In turns, so that a slow minute hits all.
  for (let round = 0; round < ROUNDS; round++)
    for (const cold of all) {
      plain.set(cold.name, [...(plain.get(cold.name) ?? []), await start(cold)])
      cached.set(cold.name, [...(cached.get(cold.name) ?? []), await start(cold, cache)])
    }
  rmSync(folder, { recursive: true })
  const figuresOf = ({ name, bytes, clientBytes }: Cold): Figures => ({
    bytes,
    clientBytes,
    ready: medianOf(plain.get(name), 'ready'),
    client: medianOf(plain.get(name), 'client'),
    cachedReady: medianOf(cached.get(name), 'ready'),
    cachedClient: medianOf(cached.get(name), 'client'),
  })
  const figures = Object.fromEntries(all.map((cold) => [cold.name, figuresOf(cold)]))
  const floor = figuresOf(bare).ready
  console.log(`cold Node itself: ${floor} ms`)
  for (const [name, found] of Object.entries(figures))
    if (name !== bare.name) console.log(lineOf(name, found, floor))
  return { cold: figures, workers: await benchWorkers() }
}

/** Starts are profiled in samples of a millisecond or so: a median of a few says enough. */
const WORKER_ROUNDS = 5

async function benchWorkers(): Promise<object> {
  const figures: Record<string, object> = {}
  for (const name of WORKERS) {
    const upload = await uploadOf(name)
    const times: number[] = []
    for (let round = 0; round < WORKER_ROUNDS; round++) times.push(await startupMs(upload))
    const startup = rounded(times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN)
    const { bytes, gzipBytes } = upload
    figures[name] = { bytes, gzipBytes, startup }
    console.log(
      `cold Worker ${name.padEnd(8)} ${kilobytes(bytes)}, ${kilobytes(gzipBytes)} gzipped: busy for ${startup} ms`,
    )
  }
  return figures
}

function lineOf(name: string, found: Figures, floor: number): string {
  const { bytes, clientBytes, ready, client, cachedReady, cachedClient } = found
  const added = rounded(ready - floor)
  const line = `cold ${name.padEnd(8)} ${kilobytes(bytes)}: ready after ${ready} ms (Node itself and ${added} ms), ${cachedReady} ms with NODE_COMPILE_CACHE`
  if (clientBytes === 0) return line
  return `${line}; the AWS client, ${kilobytes(clientBytes)}: ${client} ms more, ${cachedClient} ms`
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(5)} kB`
const rounded = (value: number): number => Math.round(value * 10) / 10
const medianOf = (times: readonly Times[] = [], which: keyof Times): number =>
  rounded(times.map((one) => one[which]).sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN)

async function bundled(folder: string): Promise<Cold[]> {
  const found = Object.entries(FUNCTIONS).filter(([, { entry }]) => existsSync(entry))
  return await Promise.all(
    found.map(async ([name, { entry, memoryMb, settings }]) => {
      const made = await bundle(entry, join(folder, name))
      const client = clientOf(made)
      const env = Object.fromEntries(settings.map((setting) => [setting, SETTINGS[setting]]))
      return {
        ...scripted(made.folder, 'cold', loading(client.file)),
        name,
        env: environmentOf({ name, folder: made.folder, memoryMb, env }, ''),
        bytes: made.firstBytes,
        clientBytes: client.bytes,
      }
    }),
  )
}

const loading = (client: string | undefined): string => `
import { handler } from './index.mjs'
if (typeof handler !== 'function') throw new Error('there is no handler')
const ready = performance.now()
${client === undefined ? '' : `const { SQSClient } = await import('./${client}'); new SQSClient({})`}`

/** `performance.now()` counts from the start of the process. */
function scripted(folder: string, name: string, text: string): Pick<Cold, 'name' | 'script'> {
  const script = join(folder, `${name}.mjs`)
  writeFileSync(
    script,
    `${text}
const client = performance.now() - ready
console.log(JSON.stringify({ ready, client }))
process.exit(0)`,
  )
  return { name, script }
}

/** The chunk that holds the AWS client, and what is read when it is loaded. */
function clientOf({ metafile, folder }: Bundle): { file: string | undefined; bytes: number } {
  const { outputs } = metafile
  const nameOf = (path: string) => path.split('/').at(-1) ?? ''
  const pathOf = (is: (path: string) => boolean) => Object.keys(outputs).find(is)
  const client = pathOf((path) => outputs[path]?.entryPoint?.endsWith(CLIENT) ?? false)
  const index = pathOf((path) => path.endsWith(`${nameOf(folder)}/index.mjs`))
  if (client === undefined || index === undefined) return { file: undefined, bytes: 0 }
  const before = firstOutputs(metafile, index)
  const more = firstOutputs(metafile, client).filter((path) => !before.includes(path))
  return { file: nameOf(client), bytes: more.reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0) }
}

/** Rejects with what the process said at last where it fails. */
async function start({ script, env }: Cold, more: Record<string, string> = {}): Promise<Times> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...env, ...more },
  }).catch(({ stderr }: { stderr: string }) => {
    throw new Error(`${script} has failed: ${stderr.slice(-1000)}`)
  })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Times
}
