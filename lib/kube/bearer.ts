/**
 * A bearer token over time: what makes one in, the headers of a transport out. A token is used until it is stale, made
 * anew when the server refuses it, and made once for all who ask at a time.
 */
import type { Clock } from '../clock.ts'
import type { Credentials, Headers } from './credentials.ts'

export interface Token {
  readonly value: string
  /** When another one is to be made, in milliseconds since the epoch. */
  readonly freshUntil: number
}

/** A user whom the server refuses for good must not have a token made for every request. */
const REMAKE_MS = 10_000

/**
 * `make` is told whether the last one was refused. What it rejects with reaches the request that asked. `fixed` are headers that
 * go with every token.
 */
export function bearer(
  make: (refused: boolean) => Promise<Token>,
  clock: Clock,
  fixed: Headers = {},
): Credentials {
  let token: Token | undefined
  let headers: Headers = {}
  let remakeAfter = Number.NEGATIVE_INFINITY
  let making: Promise<Headers> | undefined

  const remake = async (refused: boolean): Promise<Headers> => {
    if (refused) remakeAfter = clock.now() + REMAKE_MS
    const next = await make(refused)
    // The same object for the same token: that is how the transport sees that there is no other.
    if (next.value !== token?.value) headers = { ...fixed, authorization: `Bearer ${next.value}` }
    token = next
    return headers
  }

  return (refused) => {
    const isDue =
      token === undefined || (refused ? clock.now() >= remakeAfter : clock.now() >= token.freshUntil)
    if (!isDue) return making ?? headers
    making ??= remake(refused).finally(() => {
      making = undefined
    })
    return making
  }
}
