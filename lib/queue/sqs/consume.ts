/**
 * One batch of the ready queue, as a function is invoked with it: which of its messages are done when it is over. Keys run at
 * once, each once for all its messages; a key that crashed a function before runs alone, after the others are safe.
 */
import type { ControllerLimit, Handle } from '../../queue.ts'
import type { Report } from '../../report.ts'
import { emptyMeters, type Meters } from '../limit.ts'
import { type Acks, startAcks } from './acks.ts'
import type { Received } from './calls.ts'
import { type Envelope, open, type Parcel, sentOn } from './envelope.ts'
import { type Memories, startMemories } from './memory.ts'
import { runUnit } from './run.ts'
import { type SendUsing, sendParcels, tellRefused } from './send.ts'
import { toUnits, type Unit } from './unit.ts'

/** What a consumer works with. */
export interface Consuming extends SendUsing {
  /** Hears of crashed deliveries (`failed`, `parked`), of keys that run too often (`rate`) and of what SQS did not take. */
  readonly report: Report
  /** Unlike that of any other process: a random text. */
  readonly identity: string
  /** How far the clocks of functions, and of SQS, may differ. Default 2,000. */
  readonly skewMs?: number | undefined
  /** How often one key may run, by controller. Without an entry nothing bounds it. */
  readonly controllerLimits?: ReadonlyMap<string, ControllerLimit> | undefined
}

/** How long an invocation may go on. */
export interface Invocation {
  /** When the platform ends it, in milliseconds since the epoch. */
  readonly deadline: number
  /** Aborts some seconds before: what runs then is to come back for another time. */
  readonly signal: AbortSignal
}

/** What lives as long as the process. */
export interface Process extends Consuming {
  readonly skewMs: number
  readonly memories: Memories
  readonly meters: Meters
}

/** Handles a batch; resolves with the ids of the messages that are not done and must be handed out again. Never rejects. */
export type Consume = (
  batch: readonly Received[],
  handle: Handle,
  on: Invocation,
) => Promise<readonly string[]>

/** A consumer that remembers nothing yet. */
export function startConsumer(using: Consuming): Consume {
  const process: Process = {
    ...using,
    skewMs: using.skewMs ?? SKEW_MS,
    memories: startMemories(using.clock, using.identity),
    meters: emptyMeters({ isStored: false }),
  }
  return (batch, handle, on) => {
    const milliseconds = on.deadline - process.clock.now()
    return consumeBatch(batch.map(open), { process, handle, on, milliseconds })
  }
}

/** Functions and SQS keep time by NTP; this is far more than that lets them differ. */
const SKEW_MS = 2_000

/** One invocation. */
export interface Invoked {
  readonly process: Process
  readonly handle: Handle
  readonly on: Invocation
  /** What the invocation had when it began. */
  readonly milliseconds: number
  /** With a suspect in the batch there are no quick tries: they take seconds, and whatever ends the process counts against it. */
  readonly isHurried: boolean
}

async function consumeBatch(
  batch: readonly Envelope[],
  invocation: Omit<Invoked, 'isHurried'>,
): Promise<string[]> {
  const { process } = invocation
  const { units, strays } = toUnits(batch)
  const fresh = units.filter(({ crashes }) => crashes === 0)
  const [suspect, ...others] = units.filter(({ crashes }) => crashes > 0)
  const invoked = { ...invocation, isHurried: suspect !== undefined }
  const acks = startAcks(process, units.length)
  // Before anything runs: a fresh key may take seconds, or crash, and neither is to be at their cost.
  const aside = await setAside(others, acks, process)
  const failed = await Promise.all([
    moveToTheirGroup(strays, process),
    ...fresh.map((unit) => runAcknowledged(unit, acks, invoked)),
  ])
  const suspected = suspect === undefined ? [] : await runSuspect(suspect, acks, invoked)
  await acks.close()
  return [...aside, ...failed.flat(), ...suspected]
}

/** Runs alone, and only when nobody else is in danger; the other suspects have gone back, so a crash counts against no other. */
async function runSuspect(suspect: Unit, acks: Acks, invoked: Invoked): Promise<string[]> {
  const { process, on } = invoked
  const isLate = on.deadline - process.clock.now() < Math.min(RUN_ALONE_MS, invoked.milliseconds / 2)
  if (isLate) return await setAside([suspect], acks, process)
  await acks.flush()
  return await runAcknowledged(suspect, acks, invoked)
}

/** With less time left (or half of what there was) a suspect is not begun: being cut off would be one more crash of its own. */
const RUN_ALONE_MS = 10_000

const idsOf = (envelopes: readonly Envelope[]): string[] => envelopes.map(({ received }) => received.id)

async function runAcknowledged(unit: Unit, acks: Acks, invoked: Invoked): Promise<string[]> {
  try {
    await runUnit(unit, invoked)
    acks.done(unit)
    return []
  } catch (error) {
    // What follows from the run is not in SQS: none of the key's messages may go.
    tellRefused(error, invoked.process.report)
    return idsOf(unit.envelopes)
  }
}

/** New messages at the end of the queue, with the crashes that they stand for. Resolves with the ids that could not go. */
async function setAside(units: readonly Unit[], acks: Acks, process: Process): Promise<string[]> {
  const envelopes = units.flatMap((unit) => unit.envelopes.map((envelope) => ({ envelope, unit })))
  const parcels = envelopes.map(({ envelope, unit: { crashes } }) =>
    sentOn(envelope, `aside ${envelope.received.receives}`, { crashes }),
  )
  const failed = await sent(
    parcels,
    envelopes.map(({ envelope }) => envelope),
    process,
  )
  if (failed.length === 0) for (const unit of units) acks.done(unit)
  await acks.flush()
  return failed
}

/** Strangers may have chosen a group of their own: a key has one, or it could run twice at once. */
async function moveToTheirGroup(strays: readonly Envelope[], process: Process): Promise<string[]> {
  const parcels = strays.map((stray) => sentOn(stray, 'group'))
  return await sent(parcels, strays, process)
}

async function sent(parcels: readonly Parcel[], originals: readonly Envelope[], process: Process) {
  try {
    await sendParcels(parcels, process)
    return []
  } catch (error) {
    tellRefused(error, process.report)
    return idsOf(originals)
  }
}
