/** How a candidate stands, told once per change: a server that is away for an hour is one line, not a thousand. */
import { ApiError } from '../kube.ts'
import type { Happening, Report } from '../report.ts'

type State = Extract<Happening, { type: 'lease' }>['state']

/** Texts of the server and of other candidates are cut here before they are shown. */
const DETAIL = 300

/** Tells how a candidate stands, whenever that differs from what was told last. */
export interface Standing {
  /** Another holder is another state. */
  waiting(holder: string): void
  tell(state: State, detail: string): void
  failed(error: unknown): void
}

/** A standing of which nothing has been told. `name` names the lease, for people. */
export function startStanding(name: string, report: Report): Standing {
  let told: string | undefined
  const tell = (state: State, detail: string, standing: string = state) => {
    if (standing === told) return
    told = standing
    report({ type: 'lease', name, state, detail: detail.slice(0, DETAIL) })
  }
  return {
    waiting: (holder) => tell('waiting', `held by ${holder}`, `waiting ${holder}`),
    tell: (state, detail) => tell(state, detail),
    failed: (error) => tell(isForbidden(error) ? 'forbidden' : 'failing', textOf(error)),
  }
}

const isForbidden = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 401 || error.code === 403)

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
