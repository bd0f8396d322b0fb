/**
 * For an author's tests: do conversions lose anything? Objects are made up from the kind's schemas, taken to every other
 * version and back, and compared. Needs fast-check beside fairlead.
 */
import * as fc from 'fast-check'
import { type Conversion, type Convertible, type Lost, lostOnTheWay } from '../convert.ts'
import { objectsIn } from './arbitrary.ts'

export interface RoundTripOptions {
  /** Objects per pair of versions; default 200. */
  readonly runs?: number
  /** Repeats a run that failed: its message names the seed. */
  readonly seed?: number
}

/**
 * Takes objects of every version through every other and back (G9). Throws an Error with a line per pair that loses
 * something: which field, what it was and what came back, for the smallest object that shows it.
 */
export function checkRoundTrips(conversion: Conversion, { runs = 200, seed }: RoundTripOptions = {}): void {
  const versions = conversion.kind.declaration.versions.map(({ name }) => name)
  const losses = versions.flatMap((from) =>
    versions.filter((via) => via !== from).flatMap((via) => lossOf(conversion, { from, via, runs, seed })),
  )
  if (losses.length > 0) throw new Error(losses.join('\n'))
}

interface Trip {
  readonly from: string
  readonly via: string
  readonly runs: number
  readonly seed: number | undefined
}

function lossOf(conversion: Conversion, { from, via, runs, seed }: Trip): string[] {
  const objects = objectsIn(conversion.kind, from)
  const losesNothing = (object: Convertible) => lostOnTheWay(object, via, conversion).length === 0
  const details = fc.check(fc.property(objects, losesNothing), {
    numRuns: runs,
    ...(seed !== undefined && { seed }),
  })
  if (!details.failed) return []
  const trip = `Conversion of "${conversion.kind.kind}": ${from} -> ${via} -> ${from}`
  const [example] = details.counterexample ?? []
  if (example === undefined)
    return [`${trip}: no object could be made up from the schemas (seed ${details.seed})`]
  return [`${trip} ${whatHappened(example, via, conversion)} (seed ${details.seed})`]
}

function whatHappened(example: Convertible, via: string, conversion: Conversion): string {
  try {
    const lost = lostOnTheWay(example, via, conversion)
    return `loses ${lost.map(textOf).join(', ')}`
  } catch (error) {
    return `fails for spec ${JSON.stringify(example.spec)}: ${error instanceof Error ? error.message : String(error)}`
  }
}

const textOf = ({ path, value, seen }: Lost): string =>
  `${path.join('.')}: ${JSON.stringify(value) ?? 'nothing'} comes back as ${JSON.stringify(seen) ?? 'nothing'}`
