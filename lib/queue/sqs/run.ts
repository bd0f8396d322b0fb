/** One key of a batch, from its messages to its verdict, and what follows from that into SQS. */
import { type Clock, sleep } from '../../clock.ts'
import { keyName } from '../../message.ts'
import { CRASH_LIMIT, type Delivery, type Verdict } from '../../queue.ts'
import { ask, type Outcome, verdictOfCrash } from '../outcome.ts'
import type { Invoked, Process } from './consume.ts'
import { dropDead } from './dead.ts'
import { isPutOff, isSlowedDown } from './rate.ts'
import { sendParcels } from './send.ts'
import { sequelOf } from './sequel.ts'
import { sift } from './sift.ts'
import { type Errand, toErrand, type Unit } from './unit.ts'

/** Resolves when the key's messages may be acknowledged; rejects where SQS does not hold what follows from them. */
export async function runUnit(unit: Unit, invoked: Invoked): Promise<void> {
  const { process } = invoked
  const { memories, clock, skewMs } = process
  const { key, envelopes } = unit
  const memory = memories.of(key)
  const { wanted, again } = sift(envelopes, memory, { by: memories.by, now: clock.now(), skewMs })
  if (again !== undefined && memory !== undefined) {
    await sendParcels([again.parcel], process)
    memories.keep(key, { ...memory, timer: again.timer })
  }
  if (wanted.length === 0) return
  const errand = toErrand(unit, wanted, { memory, now: clock.now() })
  if (errand.message !== undefined && (await isPutOff(key, errand.message, process))) return
  // Somebody wants it again: it is given up no more, whatever comes of this.
  if (memory?.isParked) await dropDead([key], process)
  await conclude(key, await run(key, errand, invoked), process)
}

/** A run that has come to its verdict. */
interface Ended extends Errand {
  readonly verdict: Verdict
  /** When it, or its last try, began to read. */
  readonly asOf: number
}

/** Tries that follow at once, 5 ms to 640 ms apart: below a second SQS has no delays, and 1.28 s hold up nobody. */
const MOST_TRIES = 8
/** A try is not begun with less time than this. */
const ROOM_MS = 5_000

async function run(key: string, { delivery: first, message }: Errand, invoked: Invoked): Promise<Ended> {
  const { process, handle, on, isHurried } = invoked
  const { clock, memories, meters } = process
  let delivery: Delivery = isSlowedDown(key, meters) ? { ...first, isLimited: true } : first
  for (let tries = 1; ; tries++) {
    const asOf = memories.stamp()
    const outcome = await ask(handle, delivery, on.signal)
    const verdict =
      'verdict' in outcome ? outcome.verdict : crashed(outcome.crash, { delivery, message }, process)
    const isSoon = (verdict.type === 'again' || verdict.type === 'retry') && verdict.afterSeconds < 1
    if (!isSoon || isHurried || tries === MOST_TRIES || !hasTime(on, clock))
      return { verdict, asOf, delivery, message }
    await sleep(clock, verdict.afterSeconds * 1000)
    delivery = nextTry(delivery, verdict, outcome)
  }
}

const hasTime = ({ signal, deadline }: Invoked['on'], clock: Clock): boolean =>
  !signal.aborted && clock.now() + 1_000 + ROOM_MS < deadline

function nextTry({ crash: _crash, ...delivery }: Delivery, verdict: Verdict, outcome: Outcome): Delivery {
  const attempt = verdict.type === 'retry' ? verdict.attempt : 0
  return { ...delivery, attempt, early: false, ...('crash' in outcome ? { crash: outcome.crash } : {}) }
}

/** A handler that rejects is judged by nobody but the queue. */
function crashed(crash: string, { delivery, message }: Errand, { report, random }: Process): Verdict {
  const key = message === undefined ? delivery.id : keyName(message)
  report({ type: 'failed', controller: message?.controller ?? '', key, error: `handler crashed: ${crash}` })
  const verdict = verdictOfCrash(crash, delivery, { limit: CRASH_LIMIT, random })
  if (verdict.type === 'bury') report({ type: 'parked', key, reason: verdict.reason })
  return verdict
}

/** What follows goes into SQS before anything is remembered: a message that comes again must find nothing done. */
async function conclude(key: string, ended: Ended, process: Process): Promise<void> {
  const { clock, memories } = process
  const { verdict, asOf, delivery, message } = ended
  const { body } = delivery
  const { parcels, memory } = sequelOf(verdict, {
    key,
    body,
    message,
    asOf,
    by: memories.by,
    now: clock.now(),
  })
  await sendParcels(parcels, process)
  memories.keep(key, memory)
}
