/** The ingress of the site operator with a queue, a clock and a report that a test holds, on any platform. */
import { type Clock, type Happening, type Message, systemClock } from '../../lib/index.ts'
import { ingressApp } from '../../lib/ingress/http.ts'
import { parseSenders } from '../../lib/ingress/senders.ts'
import { siteOperator } from '../site.ts'

/** What a test decides on. */
export interface Conditions {
  /** Why the queue takes nothing. */
  readonly failure?: string
  /** How far the clock is ahead. */
  readonly aheadSeconds?: number
  /** Times that timers are faster. */
  readonly haste?: number
}

/** What the queue holds and what was told, since the conditions were set. */
export interface Seen {
  readonly sent: readonly Message[]
  readonly happenings: readonly Happening[]
}

/** `senders` as in FAIRLEAD_INGRESS. */
export function ingressStage(senders: string) {
  let conditions: Conditions = {}
  let sent: Message[] = []
  let happenings: Happening[] = []
  const clock: Clock = {
    now: () => Date.now() + 1000 * (conditions.aheadSeconds ?? 0),
    after: (milliseconds, task) => systemClock.after(milliseconds / (conditions.haste ?? 1), task),
  }
  const app = ingressApp(siteOperator(), {
    senders: parseSenders(senders),
    queue: {
      async send(messages) {
        if (conditions.failure !== undefined) throw new Error(conditions.failure)
        sent.push(...messages)
      },
    },
    clock,
    report: (happening) => void happenings.push(happening),
    cooldownSeconds: 0,
  })
  return {
    app,
    seen: (): Seen => ({ sent, happenings }),
    set(next: Conditions) {
      conditions = next
      sent = []
      happenings = []
    },
  }
}
