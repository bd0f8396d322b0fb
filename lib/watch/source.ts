/** What is watched and with what, as the parts of a watch hand it to each other. */
import type { Clock } from '../clock.ts'
import type { Kube, KubeObject, Resource } from '../kube.ts'
import type { Selector } from '../operator.ts'
import type { Report } from '../report.ts'
import type { Progress } from './next.ts'
import type { Standing } from './standing.ts'

/** What to watch within the resource, and what with. */
export interface Watching {
  readonly api: Kube
  readonly clock: Clock
  /** Numbers in [0, 1): for jitter. */
  readonly random: () => number
  readonly report: Report
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined
  readonly selector?: Selector | undefined
  /** A stream is given up after this long without even a bookmark (about one a minute is usual). Default 150. */
  readonly idleSeconds?: number | undefined
}

/** A watch under way. */
export interface Source {
  readonly resource: Resource<KubeObject>
  readonly watching: Watching
  readonly progress: Progress
  readonly standing: Standing
  readonly signal: AbortSignal
}

export const idleSecondsOf = (watching: Watching): number => watching.idleSeconds ?? 150

/** The part of a request that says what is wanted: metadata only, so that no spec and no Secret leaves the server. */
export const scopeOf = ({ namespace, selector }: Watching) => ({
  namespace,
  labelSelector: selector?.labels,
  fieldSelector: selector?.fields,
  as: 'metadata' as const,
})
