/** What happens while a path runs somewhere else, for tests to wait for. */
import type { Happening } from '../lib/index.ts'

export interface Witness {
  readonly happenings: readonly Happening[]
  /** Resolves with the first happening, past or coming, that `matches`. */
  seen(matches: (happening: Happening) => boolean): Promise<Happening>
}

/** A witness, and how it is told. */
export function witness(): Witness & { tell(happening: Happening): void } {
  const happenings: Happening[] = []
  const waiters = new Set<(happening: Happening) => void>()
  return {
    happenings,
    tell(happening) {
      happenings.push(happening)
      for (const waiter of waiters) waiter(happening)
    },
    seen: async (matches) =>
      happenings.find(matches) ??
      (await new Promise((resolve) => {
        const waiter = (happening: Happening) => {
          if (!matches(happening)) return
          waiters.delete(waiter)
          resolve(happening)
        }
        waiters.add(waiter)
      })),
  }
}
