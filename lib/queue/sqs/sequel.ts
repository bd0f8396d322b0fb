/** From a verdict to what has to be in SQS before the key may be acknowledged, and what is remembered of the run. Pure. */
import type { Message } from '../../message.ts'
import type { Verdict } from '../../queue.ts'
import { MOST_SECONDS, readNewest } from '../merge.ts'
import { delayed, type Parcel, toParcel } from './envelope.ts'
import { groupOf } from './identity.ts'
import type { Memory } from './memory.ts'
import { formatNote } from './note.ts'
import { toText } from './text.ts'

/** A run that is over. */
interface Ended {
  readonly key: string
  readonly body: unknown
  readonly message: Message | undefined
  /** When it began to read. */
  readonly asOf: number
  readonly by: string
  /** Nothing but timers had asked for it. */
  readonly isChained: boolean
  readonly now: number
}

interface Sequel {
  readonly parcels: readonly Parcel[]
  readonly memory: Memory
}

/** Whole seconds are SQS's, and the slots of timers are no shorter: a shorter wait is the process's own matter. */
const SHORTEST_SECONDS = 1

export function sequelOf(verdict: Verdict, ended: Ended): Sequel {
  switch (verdict.type) {
    case 'ack':
      return { parcels: [], memory: remembered(ended, {}) }
    case 'forward':
      return {
        parcels: verdict.messages.map((message) => toParcel(message, ended.now)),
        memory: remembered(ended, {}),
      }
    case 'bury':
      return { parcels: [toDead(verdict.reason, ended)], memory: remembered(ended, { isParked: true }) }
    case 'again': {
      const causes = [`requeue after ${verdict.afterSeconds} s`]
      return waiting(verdict.afterSeconds, { causes, attempt: 0 }, 'requeue', ended)
    }
    case 'retry':
      return waiting(verdict.afterSeconds, { attempt: verdict.attempt }, 'retry', ended)
  }
}

const remembered = ({ asOf }: Ended, more: Partial<Memory>): Memory => ({
  asOf,
  attempt: 0,
  backoffUntil: 0,
  isParked: false,
  ...more,
})

function waiting(
  afterSeconds: number,
  change: Pick<Message, 'attempt'> & Partial<Message>,
  why: 'requeue' | 'retry',
  ended: Ended,
): Sequel {
  const { now, asOf, by, isChained } = ended
  // It would come back for ever, with nothing in it that could count its failures.
  if (ended.message === undefined)
    return sequelOf({ type: 'bury', reason: 'what is no message is not looked at again' }, ended)
  const delaySeconds = Math.min(Math.max(afterSeconds, SHORTEST_SECONDS), MOST_SECONDS)
  const notBefore = now + delaySeconds * 1000
  const message = { ...withoutOrigin(readNewest(ended.message)), ...change, delaySeconds }
  const note = { why, by, asOf, ...(isChained && { isChained }) }
  const { attempt } = change
  const backoffUntil = why === 'retry' && attempt > 0 ? notBefore : 0
  return {
    parcels: [delayed(message, { notBefore, note }, now)],
    memory: remembered(ended, { attempt, backoffUntil }),
  }
}

/** A look again is nobody's change. */
function withoutOrigin({ origin: _origin, ...message }: Message): Message {
  return message
}

/** More than this is cut off of what is given up: a message of ours has some kilobytes. */
const MOST_CHARACTERS = 200_000

/** What is given up: the message, and why. Whoever looks finds both. */
function toDead(reason: string, { key, body, message, now }: Ended): Parcel {
  const kept = message === undefined ? body : { ...withoutOrigin(readNewest(message)), attempt: 0 }
  const text = typeof kept === 'string' ? kept : toText(kept)
  const group = groupOf(key)
  return {
    queue: 'dead',
    sending: {
      body: text.slice(0, MOST_CHARACTERS).toWellFormed(),
      note: formatNote({ reason: reason.slice(0, 512).toWellFormed(), since: now }),
      group,
      deduplicationId: `${group}-${now}`,
    },
  }
}
