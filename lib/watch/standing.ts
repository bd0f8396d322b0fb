/**
 * How a watch stands, told once per change: a source that fails every half minute for a day is one line, not three
 * thousand. Also the reading of errors: which of them say what about the resource.
 */
import { ApiError, type Resource } from '../kube.ts'
import type { Happening, Report } from '../report.ts'

type State = Extract<Happening, { type: 'watch' }>['state']

/** A server's text is cut here before it is shown. */
const DETAIL = 300

/** Tells how a watch stands, whenever that differs from what was told last. */
export interface Standing {
  synced(detail: string): void
  failed(error: unknown): void
}

/** A standing of which nothing has been told. `where` names a namespace or nothing, for people. */
export function startStanding(resource: Resource, where: string, report: Report): Standing {
  let told: State | undefined
  const tell = (state: State, detail: string) => {
    if (state === told) return
    told = state
    report({ type: 'watch', kind: resource.kind, state, detail: `${detail}${where}` })
  }
  return {
    synced: (detail) => tell('synced', detail),
    failed: (error) => tell(stateOf(error), textOf(error)),
  }
}

function stateOf(error: unknown): State {
  if (!(error instanceof ApiError)) return 'lost'
  if (error.code === 404) return 'missing'
  return error.code === 401 || error.code === 403 ? 'forbidden' : 'lost'
}

/** An error as one bounded line. */
export const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, DETAIL)

/** The version that was asked for is not, or not yet, one that the server can go on from: only a list helps. */
export function isExpired(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  const causes = error.details?.causes ?? []
  return (
    error.code === 410 ||
    error.reason === 'Expired' ||
    causes.some((cause) => cause.reason === 'ResourceVersionTooLarge')
  )
}

/** The server does not accept the request as it is: for a streaming list, that it has none (KEP-3157 is off or unknown). */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 400 || error.code === 422)

/** What Retry-After asked for, in milliseconds. */
export const retryAfterMs = (error: unknown): number =>
  error instanceof ApiError ? (error.details?.retryAfterSeconds ?? 0) * 1000 : 0
