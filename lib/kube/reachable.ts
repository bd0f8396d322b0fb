/**
 * A transport that remembers for a few seconds that its server cannot be reached, and refuses at once meanwhile: one broken
 * cluster must not hold up what a batch has for others.
 */
import type { Clock } from '../clock.ts'
import { ApiError, type Transport } from '../kube.ts'

/** Long enough for the rest of a batch, short enough for nobody to notice when the server is back. */
const REMEMBER_MS = 5_000

/** The same transport, which fails at once for a while after a request had no answer. What is refused so is `Unreachable`. */
export function failingFast(transport: Transport, clock: Clock): Transport {
  let refuseUntil = Number.NEGATIVE_INFINITY
  let why = ''
  let answered = Number.NEGATIVE_INFINITY
  const { server } = transport
  return {
    ...(server !== undefined && { server }),
    async send(request) {
      const started = clock.now()
      if (started < refuseUntil)
        throw new ApiError(
          0,
          'Unreachable',
          `${server ?? 'the API server'} did not answer a moment ago: ${why}`,
        )
      try {
        const response = await transport.send(request)
        answered = clock.now()
        return response
      } catch (error) {
        // One slow or lost request among others that are answered says nothing about the server.
        if (!request.signal?.aborted && !isLost(error) && answered < started) {
          refuseUntil = clock.now() + REMEMBER_MS
          why = (error instanceof Error ? error.message : String(error)).slice(0, 300)
        }
        throw error
      }
    },
    close: () => transport.close(),
  }
}

/** A connection that broke was there: the next one may well be. */
const isLost = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
