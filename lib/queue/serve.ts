/**
 * One delivery, from being handed out to its answer: what a handler does (answers, throws, forgets, never comes back) becomes
 * a verdict for the rules in `transitions.ts`.
 */
import type { Consumer, Engine } from './engine.ts'
import { type Entry, forget, lift, nameOf } from './entry.ts'
import { isLimited } from './gate.ts'
import { type Counting, deliveryOf, judgeCrash } from './handed.ts'
import { identify } from './identity.ts'
import { ask, type Outcome } from './outcome.ts'
import { answer, arrive } from './transitions.ts'

/** Counts a locked entry as the consumer's. */
export const claim = (consumer: Consumer, entry: Entry): void => count(consumer, entry.controller, 1)

/** Hands a claimed entry out. Its answer is taken once, from whatever comes first: the handler or the end of patience. */
export function serve(engine: Engine, consumer: Consumer, entry: Entry, onAnswered: () => void): void {
  const delivery = deliveryOf(entry, { isLimited: isLimited(engine, entry) })
  let isOpen = true
  const close = (outcome: Outcome) => {
    if (!isOpen) return
    isOpen = false
    cancel()
    if (engine.failure !== undefined) return
    count(consumer, entry.controller, -1)
    settle(engine, entry, delivery, outcome)
    onAnswered()
  }
  const cancel = engine.clock.after(engine.answerSeconds * 1000, () =>
    close({ crash: `no answer within ${engine.answerSeconds} s` }),
  )
  void ask(consumer.handle, delivery, consumer.signal).then(close)
}

function settle(engine: Engine, entry: Entry, delivery: Counting, outcome: Outcome): void {
  const { clock, report, random, crashLimit: limit } = engine
  const now = clock.now()
  const verdict =
    'verdict' in outcome
      ? outcome.verdict
      : judgeCrash(entry, delivery, outcome.crash, { report, random, limit })
  if (verdict.type === 'forward') {
    for (const message of verdict.messages) arrive(engine.table, identify(message, now), now)
  }
  answer(engine.table, entry, verdict, now)
  if ('crash' in outcome) entry.crash = outcome.crash
  if (entry.place === 'parked') shed(engine)
}

/** An entry that was handed out by a process which is no more: it counts as crashed. */
export function recover(engine: Engine, entry: Entry): void {
  settle(
    engine,
    entry,
    { attempt: entry.attempt, early: entry.isEarly },
    { crash: 'the process ended while it ran' },
  )
}

function shed({ table, parkedLimit, report }: Engine): void {
  while (table.parked.first && table.parked.size > parkedLimit) {
    const oldest = table.parked.first
    lift(table, oldest)
    forget(table, oldest)
    report({
      type: 'dropped',
      what: 'parked',
      key: nameOf(oldest),
      error: `more than ${parkedLimit} keys are parked: ${oldest.reason}`,
    })
  }
}

function count(consumer: Consumer, controller: string, difference: 1 | -1): void {
  consumer.inFlight += difference
  const running = (consumer.running.get(controller) ?? 0) + difference
  if (running === 0) consumer.running.delete(controller)
  else consumer.running.set(controller, running)
}
