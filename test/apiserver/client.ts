/** A bare HTTP client for tests of the API server: what was sent and what came, nothing hidden. */
import { get as httpGet, type IncomingMessage, request as httpRequest } from 'node:http'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../lib/apiserver/index.ts'

export interface Body {
  kind: string
  metadata: Record<string, unknown> & {
    name: string
    resourceVersion: string
    uid: string
    generation: number
  }
  items: Body[]
  message: string
  reason: string
  code: number
  spec: Record<string, unknown>
  status: Record<string, unknown>
  data: Record<string, string>
  details: Record<string, unknown>
}

export interface Response {
  status: number
  headers: IncomingMessage['headers']
  body: Body
  text: string
}

export interface Sent {
  body?: unknown
  type?: string
  /** A list is sent as several lines. */
  headers?: Record<string, string | string[]>
}

/** A server of its own for one test, closed at its end. */
export async function startServer(t: TestContext, options: ApiServerOptions = {}): Promise<Api> {
  const server = await startApiServer(options)
  t.after(() => server.close())
  return apiOf(server)
}

export type Api = ReturnType<typeof apiOf>

export function apiOf(server: ApiServer) {
  const send = (method: string, path: string, sent: Sent = {}) => request(server.url, method, path, sent)
  const patch = (type: string) => (path: string, body: unknown) => send('PATCH', path, { body, type })
  return {
    server,
    send,
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown) => send('POST', path, { body }),
    put: (path: string, body: unknown) => send('PUT', path, { body }),
    merge: patch('application/merge-patch+json'),
    apply: (path: string, body: unknown, manager: string) =>
      send('PATCH', `${path}?fieldManager=${manager}`, { body, type: 'application/apply-patch+yaml' }),
    remove: (path: string, body?: unknown) => send('DELETE', path, body === undefined ? {} : { body }),
    watch: (path: string) => openWatch(server.url, path),
  }
}

function request(
  url: string,
  method: string,
  path: string,
  { body, type, headers }: Sent,
): Promise<Response> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url + path, {
      method,
      agent: false,
      headers: {
        ...(text === undefined
          ? {}
          : {
              'content-type': type ?? 'application/json',
              'content-length': String(Buffer.byteLength(text)),
            }),
        ...headers,
      },
    })
    sent.on('error', reject)
    sent.on('response', async (message) => {
      let answer = ''
      for await (const chunk of message.setEncoding('utf8')) answer += chunk
      const isJson = /json/.test(message.headers['content-type'] ?? '')
      const parsed = (isJson ? JSON.parse(answer) : {}) as Body
      resolve({ status: message.statusCode ?? 0, headers: message.headers, body: parsed, text: answer })
    })
    sent.end(text)
  })
}

/** Resolves when the server has begun with the next request. */
export const nextRequest = (api: Api): Promise<void> =>
  new Promise((resolve) => {
    const stop = api.server.onRequest(() => {
      stop()
      resolve()
    })
  })

export interface Line {
  type: string
  object: Body
}

/** An open watch: `next` resolves with the next line, or undefined at the end of the stream. */
export async function openWatch(url: string, path: string) {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(url + path, { agent: false }, resolve).on('error', reject)
  })
  const lines = createInterface({ input: message })[Symbol.asyncIterator]()
  return {
    message,
    async next(): Promise<Line | undefined> {
      const { value, done } = await lines.next()
      return done === true ? undefined : (JSON.parse(value) as Line)
    },
    close: () => void message.destroy(),
  }
}

export const CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
export const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'

export const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
})

export const widget = (name: string, spec: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
})

export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1, default: 3 } } },
              status: { type: 'object', properties: { ready: { type: 'boolean' } } },
            },
          },
        },
      },
    ],
  },
}

/** Creates the Widget kind and resolves once it is served. */
export async function defineWidgets(api: Api): Promise<void> {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const watch = await api.watch(`${definitions}?watch=1`)
  await api.post(definitions, widgetDefinition)
  for (let line = await watch.next(); line !== undefined; line = await watch.next()) {
    const conditions = (line.object.status.conditions ?? []) as { type: string; status: string }[]
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) break
  }
  watch.close()
}

/** Resolves once the object is gone: its deletion is seen in a watch, not polled for. */
export async function gone(api: Api, collection: string, name: string): Promise<void> {
  const watch = await api.watch(
    `${collection}?watch=1&fieldSelector=metadata.name=${name}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  )
  let isThere = false
  for (let line = await watch.next(); line !== undefined; line = await watch.next()) {
    if (line.type === 'ADDED') isThere = true
    if (line.type === 'DELETED' || (line.type === 'BOOKMARK' && !isThere)) break
  }
  watch.close()
}
