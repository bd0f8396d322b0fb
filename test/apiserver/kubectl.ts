/** Stock kubectl against a server of its own, for tests. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startServer } from './client.ts'

const isInstalled = spawnSync('kubectl', ['version', '--client']).status === 0
/** Why tests with kubectl are left out here, or false. */
export const skip = isInstalled ? false : 'no kubectl is installed'

/** A server, and kubectl set up for it: resolves with what was printed, whatever the exit status. */
export async function startKubectl(t: TestContext) {
  const api = await startServer(t)
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'config')
  writeFileSync(config, JSON.stringify(api.server.kubeconfig()))
  let files = 0
  const kubectl = (...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      const all = ['--kubeconfig', config, '--cache-dir', join(folder, 'cache'), ...args]
      execFile('kubectl', all, { timeout: 20_000 }, (_error, stdout, stderr) => resolve(stdout + stderr))
    })
  const file = (object: object): string => {
    const path = join(folder, `${++files}.json`)
    writeFileSync(path, JSON.stringify(object))
    return path
  }
  return { api, kubectl, file }
}
