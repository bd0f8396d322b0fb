/** Stock kubectl on simulated workloads: what it waits for comes true. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { WorkloadOptions } from '../../lib/apiserver/index.ts'
import { startServer } from './client.ts'

const isInstalled = spawnSync('kubectl', ['version', '--client']).status === 0
const skip = isInstalled ? false : 'no kubectl is installed'

/** Resolves with what kubectl printed, whatever its exit status. */
async function startKubectl(t: TestContext, workloads: WorkloadOptions | true = true) {
  const api = await startServer(t, { workloads })
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'config')
  writeFileSync(config, JSON.stringify(api.server.kubeconfig()))
  return (...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      const all = ['--kubeconfig', config, '--cache-dir', join(folder, 'cache'), ...args]
      execFile('kubectl', all, { timeout: 20_000 }, (_error, stdout, stderr) => resolve(stdout + stderr))
    })
}

describe('kubectl on simulated workloads', { skip }, () => {
  it('waits for a rollout, shows its history and undoes it', async (t) => {
    const kubectl = await startKubectl(t, { readyAfterSeconds: 1 })
    await kubectl('create', 'deployment', 'web', '--image=i:1', '--replicas=2')
    const status = ['rollout', 'status', 'deployment/web', '--timeout=15s']
    assert.match(await kubectl(...status), /deployment "web" successfully rolled out/)
    assert.match(await kubectl('get', 'deployment', 'web'), /web\s+2\/2\s+2\s+2/)
    await kubectl('set', 'image', 'deployment/web', '*=i:2')
    assert.match(
      await kubectl(...status),
      /Waiting for deployment "web" rollout to finish[\s\S]*successfully rolled out/,
    )
    assert.match(await kubectl('rollout', 'history', 'deployment/web'), /\n1\s+<none>\n2\s+<none>/)
    assert.match(await kubectl('rollout', 'undo', 'deployment/web'), /rolled back/)
    assert.match(await kubectl(...status), /successfully rolled out/)
    assert.match(await kubectl('rollout', 'history', 'deployment/web'), /\n2\s+<none>\n3\s+<none>/)
    assert.match(await kubectl('rollout', 'restart', 'deployment/web'), /restarted/)
    assert.match(await kubectl(...status), /successfully rolled out/)
    assert.match(await kubectl('get', 'pods', '-l', 'app=web'), /web-\S+\s+1\/1\s+Running\s+0/)
    assert.match(
      await kubectl('wait', '--for=condition=Ready', 'pod', '-l', 'app=web', '--timeout=15s'),
      /condition met/,
    )
  })

  it('tells that a rollout has failed', async (t) => {
    const kubectl = await startKubectl(t, { outcome: () => 'never' })
    await kubectl('create', 'deployment', 'web', '--image=i')
    await kubectl('patch', 'deployment', 'web', '-p', '{"spec":{"progressDeadlineSeconds":1}}')
    assert.match(
      await kubectl('rollout', 'status', 'deployment/web', '--timeout=15s'),
      /error: deployment "web" exceeded its progress deadline/,
    )
  })

  it('deletes with and without what was made, and waits for Jobs', async (t) => {
    const kubectl = await startKubectl(t)
    await kubectl('create', 'deployment', 'web', '--image=i')
    await kubectl('delete', 'deployment', 'web', '--cascade=orphan')
    assert.match(await kubectl('get', 'pods'), /^NAME[^\n]+\nweb-\S+\s+1\/1\s+Running/)
    await kubectl('create', 'deployment', 'web', '--image=i')
    assert.match(
      await kubectl('rollout', 'status', 'deployment/web', '--timeout=15s'),
      /successfully rolled out/,
    )
    await kubectl('delete', 'deployment', 'web', '--cascade=foreground')
    assert.match(await kubectl('get', 'replicasets,pods'), /No resources found/)
    await kubectl('create', 'job', 'j', '--image=i')
    assert.match(await kubectl('wait', '--for=condition=complete', 'job/j', '--timeout=15s'), /condition met/)
    assert.match(await kubectl('get', 'job', 'j'), /j\s+Complete\s+1\/1/)
  })
})
