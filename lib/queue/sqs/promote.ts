/**
 * What waited goes on to the ready queue: timers when their time has come, and what is in the background when the ready queue is
 * short. Only from that one queue are keys run: from two, one key could run twice at once.
 */
import { sleep } from '../../clock.ts'
import type { Report } from '../../report.ts'
import type { Received } from './calls.ts'
import { type Envelope, hopSeconds, open, type Parcel, promoted, timerOf } from './envelope.ts'
import { type SendUsing, trySend } from './send.ts'
import { tellFailed } from './tell.ts'

export interface Promoting extends SendUsing {
  /** Hears of what SQS did not take. */
  readonly report: Report
  /** Where the batch comes from. */
  readonly from: 'delay' | 'background'
  /** Messages in `ready`, in flight ones included, up to which what is in the background is let in. */
  readonly room?: number | undefined
  /** How long the background waits for that at most; whoever calls must have a few seconds more. Default 20,000. */
  readonly patienceMs?: number | undefined
}

/** A timer that is due within this time is waited for; a later one makes one more hop. */
const NEAR_MS = 1_000

/**
 * Promotes a batch; resolves with the ids of the messages that SQS did not take and that must be handed out again. Never
 * early, and never rejects for reasons of a single message.
 */
export async function promote(batch: readonly Received[], using: Promoting): Promise<readonly string[]> {
  const envelopes = batch.map(open)
  if (using.from === 'background') await roomInReady(using)
  const far = envelopes.filter((envelope) => dueAtOf(envelope) - using.clock.now() > NEAR_MS)
  const near = envelopes.filter((envelope) => !far.includes(envelope))
  const hops = sendAll(far, (envelope) => hop(envelope, using.clock.now()), using)
  const waitMs = Math.max(0, ...near.map((envelope) => dueAtOf(envelope) - using.clock.now()))
  if (waitMs > 0) await sleep(using.clock, waitMs)
  const failed = await Promise.all([hops, sendAll(near, (envelope) => onward(envelope, using), using)])
  return failed.flat()
}

const dueAtOf = ({ message, note }: Envelope): number =>
  message === undefined ? 0 : (timerOf(message, note)?.notBefore ?? 0)

/** The same message once more, with what is left of its delay. */
const hop = (envelope: Envelope, now: number): Parcel => ({
  queue: 'delay',
  sending: {
    body: envelope.received.body,
    note: envelope.received.note,
    delaySeconds: hopSeconds(dueAtOf(envelope), now),
  },
})

/** A timer of the background lane is due, but no more urgent than the rest of its lane. */
function onward(envelope: Envelope, { from }: Promoting): Parcel {
  const { message, received } = envelope
  if (from === 'delay' && message?.lane === 'background')
    return { queue: 'background', sending: { body: received.body, note: received.note } }
  return promoted(envelope)
}

/** Resolves with the ids of what SQS did not take. */
async function sendAll(
  envelopes: readonly Envelope[],
  toParcel: (envelope: Envelope) => Parcel,
  using: Promoting,
): Promise<readonly string[]> {
  const parcels = new Map(envelopes.map((envelope) => [toParcel(envelope), envelope]))
  const refused = await trySend([...parcels.keys()], using)
  return refused.flatMap(({ parcel, error }) => {
    const envelope = parcels.get(parcel)
    if (envelope === undefined) return []
    tellFailed(error, envelope, using.report)
    return [envelope.received.id]
  })
}

/** How often the ready queue is looked at, and for how long: the background is slow, never starved. */
const LOOK_MS = 1_000
const PATIENCE_MS = 20_000
const ROOM = 50

async function roomInReady({
  sqs,
  queues,
  clock,
  room = ROOM,
  patienceMs = PATIENCE_MS,
}: Promoting): Promise<void> {
  const end = clock.now() + patienceMs
  for (;;) {
    const { visible, inFlight } = await sqs.depth(queues.ready)
    if (visible + inFlight <= room || clock.now() >= end) return
    await sleep(clock, LOOK_MS)
  }
}
