/** Kills processes of functions at random: what AWS may do at any moment, and what nothing may be lost by. */
import type { InstanceView, LocalFunction } from './function.ts'

/**
 * SIGKILL to one process of these functions, chosen by `random` (0 to below 1): one that works, else one that waits. Returns
 * whose it was; undefined where there is none.
 */
export function killSomebody(functions: readonly LocalFunction[], random: () => number): string | undefined {
  const all = functions.flatMap((fn) => fn.instances().map((view) => ({ fn, view })))
  const busy = all.filter(({ view }) => view.isBusy)
  const among = busy.length > 0 ? busy : all
  const chosen = among[Math.floor(random() * among.length)]
  chosen?.fn.kill((views: readonly InstanceView[]) => views.find(({ pid }) => pid === chosen.view.pid))
  return chosen?.fn.name
}
