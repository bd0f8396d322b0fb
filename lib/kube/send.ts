/**
 * One call on the wire: sends the request, tells who counts, and asks again when the server said that it did no work and
 * when to come back. What comes out is a 2xx answer or an ApiError (or the signal's reason).
 */
import { type Clock, sleep } from '../clock.ts'
import type { ApiError, Transport, TransportRequest, TransportResponse } from '../kube.ts'
import { type Asked, refusal, unreachable } from './failure.ts'

/** One request that reached the wire; `status` is 0 when no answer came. */
export interface SentCall extends Asked {
  readonly status: number
  readonly milliseconds: number
}

/** What all calls of one connection share. */
export interface Line {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: () => number
  readonly retryBudgetSeconds: number
  readonly onCall: ((call: SentCall) => void) | undefined
}

export interface Call extends Asked {
  readonly request: TransportRequest
}

/** client-go tries as often (`rest/request.go`, maxRetries). */
const MOST_TRIES = 10
/** Up to this part is added to a wait, so that those who were refused together do not come back together. */
const JITTER = 0.25

/** Resolves with a 2xx answer whose body is unread; throws what `Kube` promises. */
export async function send(line: Line, call: Call): Promise<TransportResponse> {
  const response = await once(line, call)
  return response.status >= 200 && response.status < 300 ? response : again(line, call, response)
}

/** What a broken connection means to the caller: the signal's reason if it was the caller, else an ApiError. */
export function failureOf(line: Line, call: Call, error: unknown): unknown {
  const signal = call.request.signal
  return signal?.aborted ? signal.reason : unreachable(call, line.transport.server, error)
}

async function again(line: Line, call: Call, refused: TransportResponse): Promise<TransportResponse> {
  const { clock, retryBudgetSeconds } = line
  const deadline = clock.now() + retryBudgetSeconds * 1000
  let response = refused
  for (let tries = 1; ; tries++) {
    const error = await refusal(call, response, clock.now()).catch((broken: unknown) => {
      throw failureOf(line, call, broken)
    })
    const seconds = secondsToWait(error)
    const wait = (seconds ?? 0) * 1000 * (1 + JITTER * line.random())
    if (seconds === undefined || tries >= MOST_TRIES || clock.now() + wait > deadline) throw error
    await sleep(clock, wait, call.request.signal)
    response = await once(line, call)
    if (response.status >= 200 && response.status < 300) return response
  }
}

/**
 * A 429 was turned away before any work. A 5xx is repeated only with a Retry-After, which the API server sends when it did
 * none: so a POST may be sent again too, and a 5xx without one is left to whoever can read before writing again.
 */
function secondsToWait({ code, details }: ApiError): number | undefined {
  if (code === 429) return details?.retryAfterSeconds ?? 1
  return code >= 500 ? details?.retryAfterSeconds : undefined
}

async function once(line: Line, call: Call): Promise<TransportResponse> {
  const { transport, clock, onCall } = line
  call.request.signal?.throwIfAborted()
  const started = onCall === undefined ? 0 : clock.now()
  let status = 0
  try {
    const response = await transport.send(call.request)
    status = response.status
    return response
  } catch (error) {
    throw failureOf(line, call, error)
  } finally {
    const { verb, resource, key } = call
    onCall?.({ verb, resource, key, status, milliseconds: clock.now() - started })
  }
}
