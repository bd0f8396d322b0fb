/**
 * Turns of an in-process queue: whenever something may have become possible (a message, an answer, a time that has come),
 * due keys go to the consumers that have room. What a delivery is, and what becomes of it, is `serve.ts`.
 */
import type { Consumer, Engine } from './engine.ts'
import type { Entry } from './entry.ts'
import { flush } from './flush.ts'
import { gateOf, release } from './gate.ts'
import { claim, serve } from './serve.ts'
import { ripen, take } from './transitions.ts'

/** Sees to it that whatever can start does, soon. Soon and not now: what one caller sends in one go collapses first. */
export function wake(engine: Engine): void {
  if (engine.isWoken) return
  engine.isWoken = true
  queueMicrotask(() => {
    engine.isWoken = false
    turn(engine)
  })
}

function turn(engine: Engine): void {
  // Even where no consumer has room: what is due but still counted as delayed would fire the timer again and again.
  ripen(engine.table, engine.clock.now())
  release(engine)
  const claims = [...engine.consumers].flatMap((consumer) => fill(engine, consumer))
  // Stored before anybody acts on it: what is handed out is known to have been, whatever it does to this process.
  if (!flush(engine)) return
  for (const { consumer, entry } of claims) serve(engine, consumer, entry, () => wake(engine))
  for (const consumer of engine.consumers) {
    if (!consumer.isStopping || consumer.inFlight > 0) continue
    engine.consumers.delete(consumer)
    consumer.onStopped()
  }
  setTimer(engine)
  if (engine.idle.length > 0 && isIdle(engine)) for (const { resolve } of engine.idle.splice(0)) resolve()
}

function isIdle({ table }: Engine): boolean {
  const { change, background } = table.depth
  return change.ready + background.ready + change.locked + background.locked === 0
}

interface Claim {
  readonly consumer: Consumer
  readonly entry: Entry
}

/** Takes for a consumer what it has room for. */
function fill(engine: Engine, consumer: Consumer): Claim[] {
  const gate = gateOf(engine, consumer)
  const claims: Claim[] = []
  while (!consumer.isStopping && consumer.inFlight < consumer.concurrency) {
    const entry = take(engine.table, engine.clock.now(), gate)
    if (!entry) break
    claim(consumer, entry)
    claims.push({ consumer, entry })
  }
  return claims
}

/** One timer, for what is due first; none while nobody consumes, so that delays alone keep no process alive. */
function setTimer(engine: Engine): void {
  const wakeAt = engine.consumers.size === 0 ? Infinity : (engine.table.delayed[0]?.dueAt ?? Infinity)
  if (wakeAt === engine.wakeAt) return
  engine.cancelTimer()
  engine.wakeAt = wakeAt
  if (wakeAt === Infinity) {
    engine.cancelTimer = () => {}
    return
  }
  // Rounded up: a timer that fires a fraction early would be set again. Too long a one fires early and is set again.
  engine.cancelTimer = engine.clock.after(Math.ceil(wakeAt - engine.clock.now()), () => {
    engine.wakeAt = Infinity
    wake(engine)
  })
}
