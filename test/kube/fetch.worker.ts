/**
 * The client in workerd, for tests on Node: each WebSocket is one call (`bridge.ts`), made here by `connect` over
 * `fetchTransport`. What it answered, threw or told comes back as JSON. All calls with one configuration share a client, as
 * the requests of an isolate do.
 */
import type { WebSocket } from '@cloudflare/workers-types'
import { ApiError, type Kube, type WatchLine } from '../../lib/kube.ts'
import { fetchTransport } from '../../lib/kube/fetch.ts'
import { connect } from '../../lib/kube/rest.ts'
import type { Asking, BridgeConfig, Told } from './bridge.ts'

declare const WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: WebSocket }

const clients = new Map<string, Kube>()

export default {
  fetch(request: Request): Response {
    const config = new URL(request.url).searchParams.get('config') ?? ''
    const kube = clients.get(config) ?? kubeTo(JSON.parse(config))
    clients.set(config, kube)
    const { 0: theirs, 1: ours } = new WebSocketPair()
    ours.accept()
    serve(ours, kube)
    // Node's types know no such member.
    const switching = { status: 101, webSocket: theirs }
    return new Response(null, switching)
  },
}

/** As a test configures it: `tokens` are those that a login has one after the other. */
export function kubeTo({ tokens, ...config }: BridgeConfig): Kube {
  const all = (tokens ?? []).map((token) => ({ authorization: `Bearer ${token}` }))
  let current = 0
  const headers = (refused: boolean) => {
    if (refused && current < all.length - 1) current += 1
    return all[current] ?? {}
  }
  return connect(fetchTransport({ ...config, ...(all.length > 0 && { headers }) }))
}

/** The first message is the call, any other one an abort; so is leaving. */
function serve(socket: WebSocket, kube: Kube): void {
  const abort = new AbortController()
  const reason = new Error('aborted by the test')
  const tell = (told: Told) => socket.send(JSON.stringify(told))
  let isAsked = false
  socket.addEventListener('message', ({ data }) => {
    if (isAsked) return abort.abort(reason)
    isAsked = true
    const asking: Asking = JSON.parse(String(data))
    if (asking.isAborted) abort.abort(reason)
    answer(asking, { kube, signal: abort.signal, tell })
      .catch((error: unknown) => tell(error === reason ? { type: 'aborted' } : failed(error)))
      .finally(() => socket.close())
      // Nobody is there to be told.
      .catch(() => {})
  })
  socket.addEventListener('close', () => abort.abort(reason))
}

interface Answering {
  readonly kube: Kube
  readonly signal: AbortSignal
  tell(told: Told): void
}

async function answer({ verb, args, options }: Asking, { kube, signal, tell }: Answering): Promise<void> {
  const call = kube[verb] as (...given: unknown[]) => unknown
  const answered = call(...args, { ...options, signal })
  if (verb !== 'watch') return tell({ type: 'value', value: await answered })
  for await (const line of answered as AsyncIterable<WatchLine>) tell({ type: 'line', line })
  tell({ type: 'end' })
}

function failed(error: unknown): Told {
  if (!(error instanceof ApiError)) return { type: 'broken', message: String(error) }
  const { code, reason, message, details } = error
  return { type: 'failed', code, reason, message, details }
}
