/** What a replay is told as: a line for each scenario that is equal, a line for each difference, and the sums. */
import type { Found, Replay } from './run.ts'

/** The sums over scenarios, by the names that the summary in JSON has. */
export interface Summary {
  readonly exchanges: number
  readonly equal: number
  readonly scenarios: number
  readonly scenariosEqual: number
}

export function summarize(replays: readonly Replay[]): Summary {
  const sum = (count: (replay: Replay) => number) =>
    replays.reduce((total, replay) => total + count(replay), 0)
  return {
    exchanges: sum(({ total }) => total),
    equal: sum(({ equal }) => equal),
    scenarios: replays.length,
    scenariosEqual: replays.filter(({ ok }) => ok).length,
  }
}

/** Nothing differs, and there was something to differ. */
export const isAllEqual = ({ scenarios, scenariosEqual }: Summary): boolean =>
  scenarios > 0 && scenarios === scenariosEqual

/** `ok NAME (n exchanges)`, or a line for each of the first `most` differences. */
export function replayLines({ name, total, diffs, ok }: Replay, most: number): string[] {
  if (ok) return [`ok ${name} (${total} exchanges)`]
  const shown = diffs.slice(0, most).map((found) => `DIFF ${name} ${differenceLine(found)}`)
  const more = diffs.length - shown.length
  return more > 0 ? [...shown, `DIFF ${name} ... and ${more} more`] : shown
}

/** `STEP (request): path expected ... actual ...` */
export const differenceLine = ({ step, what, path, expected, actual }: Found): string =>
  `${step} (${what}): ${path} expected ${expected} actual ${actual}`

export const summaryLine = ({ exchanges, equal, scenarios, scenariosEqual }: Summary): string =>
  `exchanges: ${equal} equal of ${exchanges}; scenarios: ${scenariosEqual} of ${scenarios}`
