/**
 * One batch of the ready queue, as a function is invoked with it: which of its messages are done when it is over. Keys run at
 * once, each once for all its messages; a key that crashed a function before runs alone, after the others are safe.
 */
import type { ControllerLimit, Handle } from '../../queue.ts'
import type { Report } from '../../report.ts'
import { emptyMeters, type Meters } from '../limit.ts'
import { type Acks, startAcks } from './acks.ts'
import { moveToTheirGroup, putOff, setAside } from './aside.ts'
import type { Received } from './calls.ts'
import { type Envelope, open } from './envelope.ts'
import { type Memories, startMemories } from './memory.ts'
import { dropDead } from './dead.ts'
import { runUnit, wantedOf } from './run.ts'
import type { SendUsing } from './send.ts'
import { tellFailed } from './tell.ts'
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
  /** Keys that wait to be let at by their rate limit, and until when. */
  readonly putOff: Map<string, number>
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
    memories: startMemories(using.clock, using.identity, using.skewMs ?? SKEW_MS),
    meters: emptyMeters({ isStored: false }),
    putOff: new Map(),
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
  /** Resolves when keys of the batch are off the list of what was given up: before that none may be put on it again. */
  readonly reviving: Promise<void>
}

async function consumeBatch(
  batch: readonly Envelope[],
  invocation: Omit<Invoked, 'isHurried' | 'reviving'>,
): Promise<string[]> {
  const { process } = invocation
  const { units, strays } = toUnits(batch)
  const fresh = units.filter(({ crashes }) => crashes === 0)
  const [suspect, ...others] = units.filter(({ crashes }) => crashes > 0)
  const acks = startAcks(process, units.length)
  // Before anything runs: a fresh key may take seconds, or crash, and neither is to be at their cost.
  const aside = await setAside(others, acks, process)
  const invoked = { ...invocation, isHurried: suspect !== undefined, reviving: revive(units, process) }
  const failed = await Promise.all([
    moveToTheirGroup(strays, process),
    ...fresh.map((unit) => runAcknowledged(unit, acks, invoked)),
  ])
  const suspected = suspect === undefined ? [] : await runSuspect(suspect, acks, invoked)
  await invoked.reviving
  await acks.close()
  return [...aside, ...failed.flat(), ...suspected]
}

/** So many of the dead are looked through for keys that somebody wants again: whoever is not found stays listed, no more. */
const MOST_DEAD = 500

/** Keys that were given up and run again are taken off the list, beside their runs and at nobody's cost. */
async function revive(units: readonly Unit[], process: Process): Promise<void> {
  const { memories } = process
  const revived = units.filter(
    (unit) => memories.of(unit.key)?.isParked && wantedOf(unit, process).length > 0,
  )
  if (revived.length === 0) return
  const keys = revived.map(({ key }) => key)
  await dropDead(keys, process, { most: MOST_DEAD, waitSeconds: 0 }).catch((error: unknown) => {
    for (const { envelopes } of revived.slice(0, 1))
      if (envelopes[0] !== undefined) tellFailed(error, envelopes[0], process.report)
  })
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

async function runAcknowledged(unit: Unit, acks: Acks, invoked: Invoked): Promise<string[]> {
  try {
    await runUnit(unit, invoked)
    acks.done(unit)
    return []
  } catch (error) {
    // What follows from the run is not in SQS, so the key has to run again: none of its messages may go.
    return await putOff(unit, error, invoked.process)
  }
}
