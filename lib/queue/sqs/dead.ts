/**
 * The keys that were given up: messages of the dead-letter queue. SQS shows them only by handing them out, so they are taken,
 * looked at, and let go again; for that moment nobody else sees them.
 */
import type { Parked } from '../../queue.ts'
import { MOST_MESSAGES, type Sqs } from './calls.ts'
import { type Envelope, open, type Parcel, type SqsQueues, toReady } from './envelope.ts'
import { sequelId } from './identity.ts'
import { type SendUsing, sendParcels } from './send.ts'

type Looking = { readonly sqs: Sqs; readonly queues: SqsQueues }

/** Long enough to look at some thousands. If whoever looks dies, the messages are back after it. */
const VISIBILITY_SECONDS = 60

/** The oldest first, each key once. */
export async function listDead(using: Looking): Promise<readonly Parked[]> {
  return await withDead(using, async (dead) => {
    const parked = dead.map(toParked).toSorted((one, other) => one.since - other.since)
    return [...new Map(parked.map((one) => [one.key, one])).values()]
  })
}

/** Runs them again, with no failures. Returns how many. */
export async function redriveDead(keys: Iterable<string> | 'all', using: SendUsing): Promise<number> {
  return await withDead(using, async (dead, take) => {
    const chosen = choose(dead, keys)
    const newest = new Map(chosen.map((envelope) => [envelope.key, envelope]))
    await sendParcels([...newest.values()].map(redriven), using)
    await take(chosen)
    return newest.size
  })
}

/** What is in the background may not revive a key; whoever redrives it may. */
function redriven({ key, received, message }: Envelope): Parcel {
  const text = message === undefined ? received.body : JSON.stringify({ ...message, lane: 'change' })
  return toReady(text, key, sequelId(received.id, 'redrive'))
}

/** Forgets them. Returns how many. */
export async function dropDead(keys: Iterable<string> | 'all', using: Looking): Promise<number> {
  return await withDead(using, async (dead, take) => {
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
  look: (dead: readonly Envelope[], take: Take) => Promise<T>,
): Promise<T> {
  const held = new Map<string, Envelope>()
  try {
    for (;;) {
      const some = await sqs.receive(dead, {
        most: MOST_MESSAGES,
        waitSeconds: 0,
        visibilitySeconds: VISIBILITY_SECONDS,
      })
      if (some.length === 0) break
      for (const received of some) held.set(received.handle, open(received))
    }
    return await look([...held.values()], async (envelopes) => {
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
