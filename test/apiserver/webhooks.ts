/** A server of webhooks for tests: real TLS on loopback, answers from a function, every call kept. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { AUTHORITY, SERVER_CERT, SERVER_KEY } from '../kube/certificates.ts'
import type { Api, Body } from './client.ts'

/** What a webhook was sent. */
export interface Call {
  /** `/name` */
  path: string
  query: string
  review: {
    apiVersion: string
    request: {
      uid: string
      name?: string
      operation: string
      subResource?: string
      dryRun: boolean
      kind: { version: string; kind: string }
      requestKind: { version: string }
      userInfo: { username: string; groups: string[] }
      options: Record<string, unknown>
      object: Body | null
      oldObject: Body | null
      desiredAPIVersion: string
      objects: Body[]
    }
  }
}

/** The `response` of the answer (the uid is filled in), or a promise of it. Throwing answers 500. */
export type Answer = (call: Call) => object | Promise<object>

export const allow = { allowed: true }
export const deny = (message: string) => ({ allowed: false, status: { message } })

/** A JSON Patch as an answer. */
export const patch = (...operations: { op: string; path: string; value?: unknown }[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
})

export const caBundle = Buffer.from(AUTHORITY).toString('base64')

/** Answers at `url` + path until the test ends; a path without an answer is allowed. */
export async function startWebhooks(t: TestContext, answers: Record<string, Answer>) {
  const calls: Call[] = []
  const server = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (message, response) => {
    answer(message)
      .then((body) => response.end(JSON.stringify(body)))
      .catch(() => response.writeHead(500).end())
  })
  async function answer(message: IncomingMessage): Promise<object> {
    let text = ''
    for await (const chunk of message.setEncoding('utf8')) text += chunk
    const { pathname, search } = new URL(message.url ?? '/', 'https://localhost')
    const call: Call = { path: pathname, query: search, review: JSON.parse(text) }
    calls.push(call)
    const response = await (answers[pathname] ?? (() => allow))(call)
    const { uid } = call.review.request
    return { ...call.review, request: undefined, response: { uid, ...response } }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, calls, paths: () => calls.map(({ path }) => path) }
}

export const VALIDATING = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
export const MUTATING = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'

export const rule = (operations: string[], resources: string[], group = '') => ({
  operations,
  apiGroups: [group],
  apiVersions: ['*'],
  resources,
})

/** A webhook of a configuration: ConfigMaps, unless `more` says otherwise. */
export const hook = (url: string, path: string, more: object = {}) => ({
  name: `${path}.hooks.example.com`,
  clientConfig: { url: `${url}/${path}`, caBundle },
  rules: [rule(['CREATE', 'UPDATE', 'DELETE'], ['configmaps'])],
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  ...more,
})

export async function configure(api: Api, path: string, name: string, ...webhooks: object[]): Promise<void> {
  const kind = path === MUTATING ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration'
  const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks }
  const { status, text } = await api.post(path, body)
  if (status !== 201) throw new Error(text)
}
