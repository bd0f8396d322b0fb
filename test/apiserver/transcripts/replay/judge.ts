/**
 * Judges a replay against the list of intended differences: what differs and is not listed is a problem, and so is what is
 * listed and does not differ any more.
 */
import { differenceLine } from './report.ts'
import type { Replay } from './run.ts'

/** A difference that is meant: at which steps of which scenario, and why. */
export interface Intended {
  readonly scenario: string
  /** Ids of steps; at each of them something must differ. */
  readonly steps: readonly string[]
  /** Only this place of the step may differ; without it, the whole step. */
  readonly path?: string
  readonly reason: string
}

/** Each problem as a line, none where the replay is as it should be. */
export function judge({ name, diffs }: Replay, intended: readonly Intended[]): string[] {
  const listed = intended
    .filter(({ scenario }) => scenario === name)
    .flatMap(({ steps, path, reason }) => steps.map((step) => ({ step, path, reason })))
  const covers = (one: (typeof listed)[number], { step, path }: Replay['diffs'][number]) =>
    one.step === step && (one.path === undefined || one.path === path)
  const unlisted = diffs.filter((found) => !listed.some((one) => covers(one, found)))
  const stale = listed.filter((one) => !diffs.some((found) => covers(one, found)))
  return [
    ...unlisted.map(differenceLine),
    ...stale.map(({ step, path, reason }) => {
      const at = path === undefined ? step : `${step} ${path}`
      return `${at}: listed, but nothing differs any more (${reason})`
    }),
  ]
}
