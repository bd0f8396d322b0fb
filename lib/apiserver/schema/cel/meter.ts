/**
 * What the evaluation of a rule costs. cel-go counts every step of it; here only what is taken out of longer lists is counted,
 * which is where rules can become endless.
 */

/** What one evaluation may cost (k8s.io/apiserver, PerCallLimit). */
const PER_CALL = 1_000_000

/** What it costs in cel-go, roughly, to look at one item in a loop with the simplest of bodies. */
const PER_ITEM = 4

/** Lists of fewer items are not counted: a rule has no place for as many loops as would make them long. */
const SHORT = 16

/** The cost of the evaluation that is under way. */
export interface Meter {
  spent: number
}

/** A rule has cost too much; the words are cel-go's. */
export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

/** The list, whose items are counted as they are looked at: {@link CostExceeded} is thrown when they were too many. */
export function metered(list: unknown[], meter: Meter): unknown[] {
  if (list.length < SHORT) return list
  return new Proxy(list, {
    get(target, key) {
      if (typeof key === 'string' && key !== 'length') {
        meter.spent += PER_ITEM
        if (meter.spent > PER_CALL) throw new CostExceeded()
      }
      return Reflect.get(target, key)
    },
  })
}
