/** `npm start` with its own API server, ended and started again: objects and all that is remembered of them are there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { scratchFolder } from '../scratch.ts'
import { type Program, startProgram } from './process.ts'

interface Seen {
  metadata: { uid: string; resourceVersion: string; ownerReferences?: { uid: string }[] }
  spec: { replicas: number }
}

/** What kubectl would do with the kubeconfig that the program printed. */
async function clusterOf(program: Program) {
  const path = (await program.line(/^kubeconfig: (.+)$/))[1] ?? ''
  await program.line(/^ready$/)
  const { server } = JSON.parse(readFileSync(path, 'utf8')).clusters[0].cluster
  const send = async (method: string, url: string, body?: unknown): Promise<Seen> => {
    const headers = {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    }
    const text = body === undefined ? null : JSON.stringify(body)
    const response = await fetch(`${server}${url}`, { method, headers, body: text })
    assert.ok(response.ok, `${method} ${url}: ${response.status}`)
    return (await response.json()) as Seen
  }
  return { path, send }
}

const APPS = '/apis/apps.fairlead.dev/v1/namespaces/default/myapps'
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/web'
const myApp = {
  apiVersion: 'apps.fairlead.dev/v1',
  kind: 'MyApp',
  metadata: { name: 'web' },
  spec: { image: 'nginx:1.27', replicas: 1 },
}

describe('npm start, again and again', () => {
  it('goes on with its objects after kill -9: nothing is made twice, what changes is acted on', async () => {
    const state = scratchFolder()
    const before = await (async () => {
      await using program = startProgram('embedded', ['--state', state])
      const { send } = await clusterOf(program)
      await send('POST', APPS, myApp)
      await program.line(/reconciled +myapp default\/web/)
      const seen = { app: await send('GET', `${APPS}/web`), deployment: await send('GET', DEPLOYMENT) }
      program.child.kill('SIGKILL')
      await program.ended()
      return seen
    })()
    await using program = startProgram('embedded', ['--state', state])
    const { path, send } = await clusterOf(program)
    assert.equal(path, join(state, 'kubeconfig'))
    await program.line(/synced +watch MyApp +1 objects/)
    const app = await send('GET', `${APPS}/web`)
    const deployment = await send('GET', DEPLOYMENT)
    assert.deepEqual(
      [app.metadata.uid, deployment.metadata.uid, deployment.metadata.ownerReferences?.[0]?.uid],
      [before.app.metadata.uid, before.deployment.metadata.uid, before.app.metadata.uid],
    )
    await send('PATCH', `${APPS}/web`, { spec: { replicas: 2 } })
    await program.line(/applied +Deployment default\/web +changed/)
    const scaled = await send('GET', DEPLOYMENT)
    assert.equal(scaled.spec.replicas, 2)
    assert.ok(Number(scaled.metadata.resourceVersion) > Number(before.deployment.metadata.resourceVersion))
    await using second = startProgram('embedded', ['--state', state])
    assert.deepEqual(await second.ended(), [1, null])
    assert.match(second.lines.join('\n'), /apiserver\.db is in use by process \d+ .*--state.*--memory/)
  })

  it('with --memory nothing stays', async () => {
    await using program = startProgram('embedded', ['--memory'])
    const { send } = await clusterOf(program)
    await send('POST', APPS, myApp)
    const folder = (await program.line(/^state: (.+)$/))[1] ?? ''
    assert.ok(existsSync(folder))
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
    assert.equal(existsSync(folder), false)
  })
})
