/** What Wrangler would upload for a Worker, made offline, and how long that takes to start in workerd. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { CONFIG, environmentOf, type WorkerName } from '../../infra/cloudflare/workers.ts'
import { scratchFolder } from '../scratch.ts'

interface Binding {
  readonly name: string
  readonly type: string
  readonly class_name?: string
  readonly script_name?: string
  readonly queue_name?: string
}

export interface Upload {
  readonly name: WorkerName
  /** The whole of it, as a form. */
  readonly file: string
  /** What Wrangler said. */
  readonly output: string
  readonly metadata: {
    readonly bindings: readonly Binding[]
    readonly limits: { readonly cpu_ms: number }
  }
  /** The files of which something is in it. */
  readonly inputs: readonly string[]
  readonly code: string
  readonly bytes: number
  readonly gzipBytes: number
}

/** `wrangler deploy --dry-run`. Rejects with what Wrangler said where that fails. */
export async function uploadOf(name: WorkerName): Promise<Upload> {
  const file = join(scratchFolder(), `${name}.form`)
  const output = await wrangler(['deploy', '--dry-run', '--env', environmentOf(name), '--outfile', file])
  const form = readFileSync(file)
  const boundary = form.subarray(2, form.indexOf('\r\n')).toString()
  const type = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const parts = await new Response(form, { headers: type }).formData()
  const metadata = JSON.parse(String(parts.get('metadata')))
  const bytesOf = async (part: string) => {
    const found = parts.get(part)
    if (!(found instanceof File)) throw new Error(`${name}: no ${part} in what is uploaded`)
    return Buffer.from(await found.arrayBuffer())
  }
  const code = await bytesOf(metadata.main_module)
  const { sources: inputs } = JSON.parse(String(await bytesOf(`${metadata.main_module}.map`)))
  return {
    ...{ name, file, output, metadata, inputs },
    code: String(code),
    bytes: code.length,
    gzipBytes: gzipSync(code).length,
  }
}

/** What Wrangler makes of `wrangler.toml` for a Worker: a dry run does not tell all of it. */
export async function configOf(name: WorkerName, config = CONFIG) {
  const { unstable_readConfig: readConfig } = await import('wrangler')
  return readConfig({ config, env: environmentOf(name) }, { hideWarnings: true })
}

/** The classes of which a Worker makes Durable Objects when it is deployed. */
export async function classesOf(name: WorkerName): Promise<readonly string[]> {
  const { migrations } = await configOf(name)
  return migrations.flatMap(({ new_sqlite_classes: made = [] }) => made)
}

/** Milliseconds in which workerd was busy with the start of a Worker, by the samples of a profile of one start. */
export async function startupMs({ name, file }: Pick<Upload, 'name' | 'file'>): Promise<number> {
  const profile = join(scratchFolder(), 'startup.cpuprofile')
  await wrangler([
    'check',
    'startup',
    '--workerBundle',
    file,
    '--env',
    environmentOf(name),
    '--outfile',
    profile,
  ])
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(profile, 'utf8')) as Profile
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]))
  const isBusy = (_: number, index: number) => names.get(samples[index] ?? 0) !== '(idle)'
  return timeDeltas.filter(isBusy).reduce((sum, delta) => sum + delta, 0) / 1000
}

/** As V8 writes it: microseconds between samples. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string } }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const WRANGLER = resolve('node_modules/wrangler/bin/wrangler.js')

/** Nothing is asked of anybody, and no newer version looked for. */
const OFFLINE = { CI: '1', NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' }

async function wrangler(args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...OFFLINE }
  const run = promisify(execFile)(process.execPath, [WRANGLER, ...args, '--config', CONFIG], { env })
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`wrangler ${args[0]} has failed: ${error.stdout}${error.stderr}`)
  })
  return `${stdout}${stderr}`
}
