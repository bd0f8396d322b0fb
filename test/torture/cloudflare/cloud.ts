/**
 * The Cloudflare of a torture: the Workers of `wrangler.toml` that relay and work, bundled from their entries with the operator
 * under torture and with objects that can be told to die, and a journal that they post to.
 */
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from 'esbuild'
import { localSecrets } from '../../../infra/cloudflare/local/secrets.ts'
import { type LocalWorkers, startLocalWorkers } from '../../../infra/cloudflare/local/workers.ts'
import { insteadOfOperator } from '../../../infra/operator.ts'
import type { Stage } from '../stage.ts'

export interface Cloud extends AsyncDisposable {
  readonly workers: LocalWorkers
}

export interface CloudSettings {
  /** Keys whose turn is forgotten come back after so long (default: as they do, half a minute). */
  readonly lookMs?: number | undefined
  /** Told each line of a Worker. */
  readonly log: (line: string) => void
}

/** Between the deaths of a relay, at most. */
const RELAY_ALARM_MS = 2_000

const KEYS = { review: '', queue: Buffer.alloc(32, 8).toString('base64url') }

/** Runs on the API server of a stage until it is disposed of. */
export async function openCloud(
  { serverUrl, journal, folder }: Stage,
  { lookMs, log }: CloudSettings,
): Promise<Cloud> {
  const bundles = { work: join(folder, 'work'), relay: join(folder, 'relay') }
  await Promise.all([bundle('work', bundles.work), bundle('relay', bundles.relay)])
  const server = createServer(async (request, response) => {
    appendFileSync(journal, `${await text(request)}\n`)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const workers = await startLocalWorkers({
    only: ['work', 'relay'],
    bundles,
    log,
    secrets: {
      ...localSecrets(serverUrl, KEYS),
      TORTURE_JOURNAL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      TORTURE_RELAY_ALARM_MS: String(RELAY_ALARM_MS),
      ...(lookMs !== undefined && { TORTURE_KEY_ALARM_MS: String(lookMs) }),
    },
  })
  return {
    workers,
    async [Symbol.asyncDispose]() {
      await workers.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** As Wrangler would, but for what it does for readers of its logs. */
const bundle = (name: 'work' | 'relay', folder: string) =>
  build({
    entryPoints: { cloudflare: `test/torture/cloudflare/${name}.worker.ts` },
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', 'cloudflare:*'],
    keepNames: false,
    minify: true,
    logLevel: 'error',
    plugins: [insteadOfOperator('test/torture/cloudflare/operator.ts')],
  })
