/**
 * Time that a test moves, inside a Worker: for each Durable Object when its alarm is to go off and what its timers wait for. All
 * objects of a Worker are in one isolate here, so this module is theirs together; it outlives their eviction.
 */
import type { Clock } from '../../../lib/clock.ts'
import type { KeyStorage } from '../../../lib/queue/durable/shelf.ts'

/** What an object waits for. */
interface Waiting {
  alarmAt: number
  /** Told when the alarm that is under way has ended. */
  onAlarm: (() => void) | undefined
  readonly timers: Set<{ readonly at: number; readonly task: () => void }>
}

/** Later than any test: the platform's own alarm is set whenever ours is, and does not go off by itself. */
const NEVER_MS = 365 * 86_400_000

let now = 1_000_000
const objects = new Map<string, Waiting>()

const waitingOf = (object: string): Waiting => {
  const known = objects.get(object) ?? { alarmAt: Infinity, onAlarm: undefined, timers: new Set() }
  objects.set(object, known)
  return known
}

/** The clock of an object that has just come into memory: no timer of an earlier one is left. */
export function clockOf(object: string): Clock {
  const { timers } = waitingOf(object)
  timers.clear()
  return {
    now: () => now,
    after(milliseconds, task) {
      const timer = { at: now + Math.max(milliseconds, 0), task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
}

/** The storage of a key whose alarms go by this time. */
export function storageOf(object: string, storage: KeyStorage): KeyStorage {
  const waiting = waitingOf(object)
  // Of an object that died while its alarm went off.
  waiting.onAlarm = undefined
  return {
    kv: storage.kv,
    async setAlarm(at) {
      waiting.alarmAt = at
      // One that is going off is not to be put off.
      if (waiting.onAlarm === undefined) await storage.setAlarm(Date.now() + NEVER_MS)
    },
    deleteAll() {
      waiting.alarmAt = Infinity
      hasGoneOff(object)
      return storage.deleteAll()
    },
  }
}

/** Moves time on to what is due first of a scene, not beyond `until`: the object that waits for it, and for what. */
export function moveOn(
  scene: string,
  until: number,
): { readonly object: string; readonly isAlarm: boolean } | undefined {
  let first: { at: number; object: string; isAlarm: boolean } | undefined
  for (const [object, { alarmAt, timers }] of objects) {
    if (!object.split(' ')[1]?.startsWith(`${scene}/`)) continue
    const at = Math.min(alarmAt, ...[...timers].map((timer) => timer.at))
    if (at <= until && (first === undefined || at < first.at)) first = { at, object, isAlarm: alarmAt <= at }
  }
  now = Math.max(now, first?.at ?? until)
  return first
}

export const timeNow = (): number => now

/** Inside the object: has the platform call `alarm()` now; resolves when it has. */
export function goOff(object: string, storage: KeyStorage): Promise<void> {
  const waiting = waitingOf(object)
  waiting.alarmAt = Infinity
  return new Promise((resolve) => {
    waiting.onAlarm = resolve
    void storage.setAlarm(Date.now())
  })
}

/** Inside the object: its alarm has come to an end. */
export function hasGoneOff(object: string): void {
  const waiting = waitingOf(object)
  waiting.onAlarm?.()
  waiting.onAlarm = undefined
}

/** Inside the object: what its timers wait for, and is due, happens. */
export function tick(object: string): void {
  const { timers } = waitingOf(object)
  for (const timer of [...timers].filter(({ at }) => at <= now)) {
    timers.delete(timer)
    timer.task()
  }
}
