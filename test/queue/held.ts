/**
 * A handler that does nothing by itself: every delivery waits until the test answers it, so a test decides what overlaps
 * with what. Also keeps the books that no queue may violate: how much ran at once, and whether a key ever ran twice at once.
 */
import { type Message, messageSchema } from '../../lib/message.ts'
import type { Delivery, Handle, Verdict } from '../../lib/queue.ts'

/** One delivery in the test's hands. Answer it once. */
export interface Run {
  readonly delivery: Delivery
  /** The name of the object that the message is about; the whole body, as JSON, where it is no message. */
  readonly name: string
  answer(verdict: Verdict): void
  /** Leaves it out of the answer. */
  omit(): void
  /** The handler rejects, with every delivery of its batch. */
  crash(error: Error): void
}

export interface Held {
  readonly handle: Handle
  /** The next delivery that the test has not seen, waiting for it where needed. */
  next(): Promise<Run>
  /** Names of the deliveries that have come and that the test has not seen. */
  unseen(): string[]
  /** Names of keys that ever ran twice at once; must stay empty. */
  readonly overlaps: readonly string[]
  /** The most deliveries that were out at once. */
  most(): number
}

export function held(): Held {
  const waiting: Run[] = []
  const callers: ((run: Run) => void)[] = []
  const running = new Map<string, number>()
  const overlaps: string[] = []
  let out = 0
  let most = 0

  const begin = (name: string) => {
    running.set(name, (running.get(name) ?? 0) + 1)
    if ((running.get(name) ?? 0) > 1) overlaps.push(name)
    most = Math.max(most, ++out)
  }
  const end = (name: string) => {
    running.set(name, (running.get(name) ?? 0) - 1)
    out--
  }
  const hold = (delivery: Delivery) =>
    new Promise<readonly [string, Verdict] | undefined>((resolve, reject) => {
      const name = nameOf(delivery)
      begin(name)
      const run: Run = {
        delivery,
        name,
        answer: (verdict) => settle(() => resolve([delivery.id, verdict])),
        omit: () => settle(() => resolve(undefined)),
        crash: (error) => settle(() => reject(error)),
      }
      const settle = (how: () => void) => {
        end(name)
        how()
      }
      const caller = callers.shift()
      if (caller) caller(run)
      else waiting.push(run)
    })

  return {
    async handle(deliveries) {
      const answers = await Promise.all(deliveries.map(hold))
      return new Map(answers.filter((answer) => answer !== undefined))
    },
    next: () => {
      const run = waiting.shift()
      return run ? Promise.resolve(run) : new Promise((resolve) => callers.push(resolve))
    },
    unseen: () => waiting.map(({ name }) => name),
    overlaps,
    most: () => most,
  }
}

/** A change of object `name`, in its bare form, and what is to be different. */
export const message = (name: string, more: Partial<Message> = {}): Message => ({
  version: 1,
  cluster: 'test',
  controller: 'myapp',
  namespace: 'default',
  name,
  causes: ['created'],
  lane: 'change',
  attempt: 0,
  ...more,
})

/** The message in a delivery. Throws where there is none. */
export const messageOf = (delivery: Delivery): Message => messageSchema.parse(delivery.body)

function nameOf({ body }: Delivery): string {
  const parsed = messageSchema.safeParse(body)
  return parsed.success ? parsed.data.name : JSON.stringify(body)
}
