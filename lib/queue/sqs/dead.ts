/**
 * The keys that were given up: messages of the dead-letter queue. SQS shows them only by handing them out, so they are taken,
 * looked at, and let go again; for that moment nobody else sees them.
 */
import type { Parked } from '../../queue.ts'
import { MOST_MESSAGES, type Sqs } from './calls.ts'
import { type Envelope, open, type Parcel, type SqsQueues, toReady } from './envelope.ts'
import { sequelId } from './identity.ts'
import { type SendUsing, sendParcels } from './send.ts'
import { toText } from './text.ts'

export interface Looking {
  readonly sqs: Sqs
  readonly queues: Pick<SqsQueues, 'dead'>
}

export interface Look {
  /** How many are looked through at most. */
  readonly most?: number
  /** How long an empty queue is waited for: SQS answers at once from some of its servers only. Default 1. */
  readonly waitSeconds?: number
}

/** Long enough to look at some thousands. If whoever looks dies, the messages are back after it. */
const VISIBILITY_SECONDS = 60

/** The oldest first, each key once. */
export async function listDead(using: Looking, look: Look = {}): Promise<readonly Parked[]> {
  return await withDead(using, look, async (dead) => {
    const parked = dead.map(toParked).toSorted((one, other) => one.since - other.since)
    return [...new Map(parked.map((one) => [one.key, one])).values()]
  })
}

/** Runs them again, with no failures. Returns how many. */
export async function redriveDead(
  keys: Iterable<string> | 'all',
  using: SendUsing,
  look: Look = {},
): Promise<number> {
  return await withDead(using, look, async (dead, take) => {
    const chosen = choose(dead, keys)
    const newest = new Map(chosen.map((envelope) => [envelope.key, envelope]))
    await sendParcels([...newest.values()].map(redriven), using)
    await take(chosen)
    return newest.size
  })
}

/** What is in the background may not revive a key; whoever redrives it may. Failures are forgotten, whoever parked it. */
function redriven({ key, received, message }: Envelope): Parcel {
  const text = message === undefined ? received.body : toText({ ...message, lane: 'change', attempt: 0 })
  return toReady(text, key, sequelId(received.id, 'redrive'))
}

/** Forgets them. Returns how many. */
export async function dropDead(
  keys: Iterable<string> | 'all',
  using: Looking,
  look: Look = {},
): Promise<number> {
  return await withDead(using, look, async (dead, take) => {
    const chosen = choose(dead, keys)
    await take(chosen)
    return new Set(chosen.map(({ key }) => key)).size
  })
}

function choose(dead: readonly Envelope[], keys: Iterable<string> | 'all'): readonly Envelope[] {
  if (keys === 'all') return dead
  const wanted = new Set(keys)
  return dead.filter(({ key }) => wanted.has(key))
}

type Take = (envelopes: readonly Envelope[]) => Promise<void>

/** Takes everything, has it looked at, and lets go of what was not taken for good. */
async function withDead<T>(
  { sqs, queues: { dead } }: Looking,
  { most = Number.POSITIVE_INFINITY, waitSeconds = 1 }: Look,
  work: (dead: readonly Envelope[], take: Take) => Promise<T>,
): Promise<T> {
  const held = new Map<string, Envelope>()
  try {
    while (held.size < most) {
      const some = await sqs.receive(dead, {
        most: MOST_MESSAGES,
        waitSeconds,
        visibilitySeconds: VISIBILITY_SECONDS,
      })
      if (some.length === 0) break
      for (const received of some) held.set(received.handle, open(received))
    }
    return await work([...held.values()], async (envelopes) => {
      const handles = envelopes.map(({ received }) => received.handle)
      await sqs.remove(dead, handles)
      for (const handle of handles) held.delete(handle)
    })
  } finally {
    await sqs.release(dead, [...held.keys()])
  }
}

const toParked = ({ key, body, note, received }: Envelope): Parked => ({
  key,
  body,
  reason: note.reason ?? UNANSWERED,
  since: note.since ?? received.sentAt,
})

/** SQS itself moved it, after as many receipts as the queue allows. */
const UNANSWERED = 'handed out too often without an answer: the function crashed, timed out, or did not start'
