/**
 * One Worker in the bare runtime, whose `fetch` is the runtime's own. The harness beside this hands outgoing requests to
 * Node's `fetch`, which ends a broken answer like a whole one and passes no abort on: what depends on the network is seen here.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { build } from 'esbuild'
import { scratchFolder } from '../scratch.ts'
import { COMPATIBILITY } from './harness.ts'

export interface Workerd extends AsyncDisposable {
  readonly url: string
}

/** Bundles the module at `entry` (from the repository's root) and serves its default export on loopback until disposed of. */
export async function startWorkerd(entry: string): Promise<Workerd> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'esnext',
    conditions: ['workerd', 'worker'],
    external: ['node:*', 'cloudflare:*'],
  })
  const config = join(scratchFolder(), 'workerd.capnp')
  writeFileSync(config, configOf(outputFiles[0]?.text ?? ''))
  const child = spawn(workerd(), ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', (code) => reject(new Error(`workerd ended with ${code}`))),
  )
  ended.catch(() => {})
  const port = await Promise.race([portOf(child.stdio[3] as Readable), ended])
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended.catch(() => {})
    },
  }
}

/** The runtime that wrangler brings. */
function workerd(): string {
  const { resolve } = createRequire(import.meta.url)
  const fromWrangler = createRequire(resolve('wrangler/package.json'))
  return fromWrangler('workerd').default
}

/** As `workerd.capnp` has it. Text in it is quoted as in JSON. */
const configOf = (script: string): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.mjs", esModule = ${JSON.stringify(script)})],
      compatibilityDate = "${COMPATIBILITY.compatibility_date}",
    )),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);`

/** workerd tells on its control channel where it listens. */
async function portOf(control: Readable): Promise<number> {
  for await (const line of createInterface(control)) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number }
    if (event === 'listen' && port !== undefined) return port
  }
  throw new Error('workerd does not listen')
}
