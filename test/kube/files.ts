/** Kubeconfig files in fresh directories, and a server that looks at tokens. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type ScriptedServer, sendJson, startScripted, statusOf } from './server.ts'

export const key = { namespace: 'default', name: 'a' }
export const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key }
export const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A directory with these executable files in it, removed when the tests of the file are done. */
export async function directoryOf(files: Record<string, string>) {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-kubeconfig-'))
  after(() => rm(directory, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, name), text, { mode: 0o755 })
  return directory
}

/** A kubeconfig with one context `main`. JSON is YAML. */
export const configOf = (cluster: object, user: object, context: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', ...context } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  })

/** A server that lets in whoever shows a token of `good`, and says who came. */
export const startGuarded = (good: Set<string>, tls?: object): Promise<ScriptedServer> =>
  startScripted(
    (seen, response) =>
      good.has(seen.headers.authorization ?? '')
        ? sendJson(response, object)
        : sendJson(response, statusOf(401, 'Unauthorized', 'Unauthorized'), 401),
    tls,
  )
