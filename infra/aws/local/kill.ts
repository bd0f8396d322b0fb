/** Kills processes of functions at random: what AWS may do at any moment, and what nothing may be lost by. */
import type { InstanceView, LocalFunction } from './function.ts'

/**
 * SIGKILL to one process: `random` (0 to below 1) chooses a function among those that have some, then among its processes, those
 * that work before those that wait. Returns whose it was; undefined where there is none.
 */
export function killSomebody(functions: readonly LocalFunction[], random: () => number): string | undefined {
  const fn = oneOf(
    functions.filter((one) => one.instances().length > 0),
    random,
  )
  fn?.kill((views: readonly InstanceView[]) => {
    const busy = views.filter(({ isBusy }) => isBusy)
    return oneOf(busy.length > 0 ? busy : views, random)
  })
  return fn?.name
}

const oneOf = <T>(all: readonly T[], random: () => number): T | undefined =>
  all[Math.floor(random() * all.length)]
