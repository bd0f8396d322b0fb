import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { startServer, widget, widgetDefinition } from './client.ts'

const isInstalled = spawnSync('kubectl', ['version', '--client']).status === 0
const skip = isInstalled ? false : 'no kubectl is installed'

/** A server, and kubectl set up for it: resolves with what was printed, whatever the exit status. */
async function startKubectl(t: TestContext) {
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
  return { kubectl, file }
}

describe('kubectl against the embedded API server', { skip }, () => {
  it('R23: defines a kind, waits for it, applies, explains and shows an object of it', async (t) => {
    const { kubectl, file } = await startKubectl(t)
    assert.match(await kubectl('apply', '-f', file(widgetDefinition)), /created/)
    assert.match(
      await kubectl('wait', '--for=condition=Established', 'crd/widgets.example.com'),
      /condition met/,
    )
    const object = file(widget('w', { size: 5 }))
    assert.match(await kubectl('apply', '-f', object), /widget.example.com\/w created/)
    assert.match(await kubectl('apply', '-f', object), /widget.example.com\/w unchanged/)
    assert.match(await kubectl('apply', '--server-side', '-f', object), /serverside-applied/)
    assert.match(await kubectl('get', 'widgets'), /^NAME\s+AGE\nw\s+\d+s\n$/)
    assert.match(await kubectl('explain', 'widget.spec'), /size\s+<integer>/)
    assert.match(await kubectl('describe', 'widget', 'w'), /Size:\s+5/)
    assert.match(await kubectl('apply', '-f', file(widget('w', { sise: 5 }))), /unknown field "spec.sise"/)
    assert.match(await kubectl('delete', 'widget', 'w'), /deleted/)
  })

  it('creates, labels, patches, scales and deletes built-in objects', async (t) => {
    const { kubectl } = await startKubectl(t)
    assert.match(await kubectl('create', 'namespace', 'n'), /namespace\/n created/)
    assert.match(
      await kubectl('-n', 'n', 'create', 'configmap', 'c', '--from-literal=a=b'),
      /configmap\/c created/,
    )
    assert.match(await kubectl('-n', 'n', 'label', 'configmap', 'c', 'k=v'), /labeled/)
    assert.match(await kubectl('-n', 'n', 'patch', 'configmap', 'c', '-p', '{"data":{"x":"y"}}'), /patched/)
    assert.equal(await kubectl('-n', 'n', 'get', 'cm', '-l', 'k=v', '-o', 'jsonpath={.items[*].data.x}'), 'y')
    await kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=2')
    assert.match(await kubectl('scale', 'deployment', 'web', '--replicas=4'), /scaled/)
    assert.match(await kubectl('get', 'deployments'), /web\s+0\/4/)
    assert.match(await kubectl('delete', 'namespace', 'n'), /deleted/)
    assert.match(await kubectl('get', 'namespace', 'n'), /not found/)
    assert.match(await kubectl('api-resources', '--api-group=apps'), /deployments\s+deploy\s+apps\/v1\s+true/)
  })
})
