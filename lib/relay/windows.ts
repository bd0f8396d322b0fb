/** Many windows of a few lengths, with one timer per length however many are open. */
import type { Clock } from '../clock.ts'

/** Windows that are open. */
export interface Windows<T> {
  /** Opens a window for an item that has none; `expire` is called with it `milliseconds` later. */
  enter(item: T, milliseconds: number): void
  /** Ends all windows now. */
  endAll(): void
}

/** No windows yet. */
export function startWindows<T>(clock: Clock, expire: (item: T) => void): Windows<T> {
  const lanes = new Map<number, ReturnType<typeof startLane<T>>>()
  return {
    enter(item, milliseconds) {
      const lane = lanes.get(milliseconds) ?? startLane(clock, milliseconds, expire)
      lanes.set(milliseconds, lane)
      lane.enter(item)
    },
    endAll() {
      for (const lane of lanes.values()) lane.endAll()
    },
  }
}

/** Windows of one length end in the order in which they began, so the first one's timer is enough. */
function startLane<T>(clock: Clock, milliseconds: number, expire: (item: T) => void) {
  const open = new Map<T, number>()
  let cancel: (() => void) | undefined
  const endUntil = (time: number) => {
    for (const [item, endsAt] of open) {
      if (endsAt > time) break
      open.delete(item)
      expire(item)
    }
  }
  const arm = () => {
    const [first] = open.values()
    const left = first === undefined ? undefined : first - clock.now()
    cancel = left === undefined ? undefined : clock.after(Math.min(left, milliseconds), ring)
  }
  const ring = () => {
    const now = clock.now()
    const [first = now] = open.values()
    // The clock was set back: waiting for it to be where it was could take hours.
    endUntil(first > now + milliseconds ? Number.POSITIVE_INFINITY : now)
    arm()
  }
  return {
    enter(item: T) {
      open.set(item, clock.now() + milliseconds)
      if (cancel === undefined) arm()
    },
    endAll() {
      cancel?.()
      cancel = undefined
      endUntil(Number.POSITIVE_INFINITY)
    },
  }
}
