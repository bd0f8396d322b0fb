/** What a relay that lives by turns tells: each turn begins to watch anew, and how a watch stands is news only where it differs. */
import type { Report } from '../../lib/index.ts'

/** The same report, without the state of a watch that was told last: for all turns of one memory. */
export function newsOnly(report: Report): Report {
  const states = new Map<string, string>()
  return (happening) => {
    if (happening.type === 'watch') {
      const { source = happening.kind, state } = happening
      if (states.get(source) === state) return
      states.set(source, state)
    }
    report(happening)
  }
}
