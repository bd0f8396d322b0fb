import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'

describe('npm run apiserver', () => {
  it('prints where it listens and where its kubeconfig is, serves, and stops cleanly when told', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'apiserver-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const kubeconfig = join(folder, 'config')
    const child = spawn(process.execPath, ['functions/apiserver.ts', '--kubeconfig', kubeconfig], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => void child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const url = /^server: (http:\/\/127\.0\.0\.1:\d+)$/.exec(String((await lines.next()).value))?.[1]
    assert.ok(url)
    assert.equal((await lines.next()).value, `kubeconfig: ${kubeconfig}`)
    const written = JSON.parse(readFileSync(kubeconfig, 'utf8')) as {
      clusters: { cluster: { server: string } }[]
    }
    assert.equal(written.clusters[0]?.cluster.server, url)
    assert.equal(await (await fetch(`${url}/readyz`)).text(), 'ok')
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  })

  it('runs workloads where it is told to', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'apiserver-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const options = ['--kubeconfig', join(folder, 'config'), '--workloads', '--ready-after', '60']
    const child = spawn(process.execPath, ['functions/apiserver.ts', ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => void child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const url = /^server: (.*)$/.exec(String((await lines.next()).value))?.[1]
    const pods = `${url}/api/v1/namespaces/default/pods`
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod })
    await fetch(pods, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { status } = (await (await fetch(`${pods}/p`)).json()) as {
      status: { phase: string; conditions: { type: string; status: string }[] }
    }
    const ready = status.conditions.find(({ type }) => type === 'Ready')
    assert.deepEqual([status.phase, ready?.status], ['Running', 'False'])
  })
})
