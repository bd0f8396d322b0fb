/** A `Kube` whose calls are made in workerd by `fetch.worker.ts`: arguments and aborts go there, answers and errors come back. */
import { ApiError, type ApiErrorDetails, type Kube, type WatchLine } from '../../lib/kube.ts'

/** What can be said of a transport as JSON. */
export interface BridgeConfig {
  readonly server: string
  readonly answerSeconds?: number
  readonly tokens?: readonly string[]
}

export interface Asking {
  readonly verb: keyof Kube
  readonly args: readonly unknown[]
  readonly options: object
  readonly isAborted: boolean
}

/** What came of a call, or one line of a watch. `aborted`: it ended with the reason of its signal. */
export type Told =
  | { readonly type: 'value'; readonly value?: unknown }
  | { readonly type: 'line'; readonly line: WatchLine }
  | { readonly type: 'end' | 'aborted' }
  | { readonly type: 'broken'; readonly message: string }
  | {
      readonly type: 'failed'
      readonly code: number
      readonly reason: string
      readonly message: string
      readonly details: ApiErrorDetails | undefined
    }

interface Options {
  readonly signal?: AbortSignal | undefined
}

/** The client of the Worker at `url`. */
export function bridgedKube(url: string, config: BridgeConfig): Kube {
  const place = `${url.replace('http', 'ws')}/?config=${encodeURIComponent(JSON.stringify(config))}`
  const call = async <T>(verb: keyof Kube, args: unknown[], options: Options = {}): Promise<T> => {
    for await (const told of calling(place, { verb, args }, options))
      if (told.type === 'value') return told.value as T
    throw new Error(`${verb} had no answer`)
  }
  return {
    get: (resource, key, options) => call('get', [resource, key], options),
    list: (resource, options) => call('list', [resource], options),
    create: (resource, object, options) => call('create', [resource, object], options),
    update: (resource, object, options) => call('update', [resource, object], options),
    patch: (resource, key, patch, options) => call('patch', [resource, key, patch], options),
    delete: (resource, key, options) => call('delete', [resource, key], options),
    async *watch<T>(resource: object, options: Options) {
      for await (const told of calling(place, { verb: 'watch', args: [resource] }, options))
        if (told.type === 'line') yield told.line as WatchLine<T>
        else if (told.type === 'end') return
      throw new Error('the watch did not end')
    },
  }
}

/** All that is told of one call. Throws what the call threw; leaving ends it over there. */
async function* calling(
  place: string,
  asked: Pick<Asking, 'verb' | 'args'>,
  { signal, ...options }: Options,
) {
  const socket = new WebSocket(place)
  const told = messagesOf(socket)
  const opened = new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const abort = () => socket.send('abort')
  try {
    await opened
    const asking: Asking = { ...asked, options, isAborted: signal?.aborted === true }
    socket.send(JSON.stringify(asking))
    signal?.addEventListener('abort', abort)
    for await (const one of told) {
      if (one.type === 'aborted') throw signal?.reason
      if (one.type === 'broken') throw new Error(one.message)
      if (one.type === 'failed') throw new ApiError(one.code, one.reason, one.message, one.details)
      yield one
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    socket.close()
  }
}

/** Its messages from now on, in order, until it is closed. */
function messagesOf(socket: WebSocket): AsyncGenerator<Told> {
  const waiting: Told[] = []
  let isClosed = false
  let wake = () => {}
  socket.addEventListener('message', ({ data }) => {
    waiting.push(JSON.parse(String(data)))
    wake()
  })
  socket.addEventListener('close', () => {
    isClosed = true
    wake()
  })
  const woken = () => new Promise<void>((resolve) => (wake = resolve))
  return (async function* () {
    for (;;) {
      const next = waiting.shift()
      if (next !== undefined) yield next
      else if (isClosed) return
      else await woken()
    }
  })()
}
