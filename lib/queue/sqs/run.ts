/** One key of a batch, from its messages to its verdict, and what follows from that into SQS. */
import { type Clock, sleep } from '../../clock.ts'
import { keyName } from '../../message.ts'
import { CRASH_LIMIT, type Delivery, type Verdict } from '../../queue.ts'
import { ask, type Outcome, verdictOfCrash } from '../outcome.ts'
import type { Invoked, Process } from './consume.ts'
import type { Envelope } from './envelope.ts'
import { isPutOff, isSlowedDown } from './rate.ts'
import { sendParcels } from './send.ts'
import { sequelOf } from './sequel.ts'
import { sift } from './sift.ts'
import { CRASHES, type Errand, toErrand, type Unit } from './unit.ts'

/** Resolves when the key's messages may be acknowledged; rejects where SQS does not hold what follows from them. */
export async function runUnit(unit: Unit, invoked: Invoked): Promise<void> {
  const { process } = invoked
  const { memories, clock } = process
  const { key, crashes } = unit
  const wanted = wantedOf(unit, process)
  if (wanted.length === 0) return
  const errand = toErrand(unit, wanted, { memory: memories.of(key), now: clock.now() })
  // `work` itself did not survive telling its object.
  if (crashes > CRASHES) return await conclude(key, givenUp(errand, crashes, process), process)
  if (errand.message !== undefined && (await isPutOff(key, errand.message, process))) return
  const ended = await run(key, errand, invoked)
  await invoked.reviving
  await conclude(key, ended, process)
}

/** The messages of a unit that still ask for a run. */
export const wantedOf = (
  { key, envelopes }: Unit,
  { memories, clock, skewMs }: Process,
): readonly Envelope[] => sift(envelopes, memories.of(key), { by: memories.by(), now: clock.now(), skewMs })

function givenUp(errand: Errand, crashes: number, { memories, report }: Process): Ended {
  const reason = `crashed ${crashes} times: the function ended while it ran`
  report({ type: 'parked', key: nameOf(errand), reason })
  return { ...errand, verdict: { type: 'bury', reason }, asOf: memories.stamp() }
}

const nameOf = ({ message, delivery }: Pick<Errand, 'message' | 'delivery'>): string =>
  message === undefined ? delivery.id : keyName(message)

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

async function run(key: string, errand: Errand, invoked: Invoked): Promise<Ended> {
  const { process, handle, on, isHurried } = invoked
  const { clock, memories, meters } = process
  let { delivery } = errand
  if (isSlowedDown(key, meters)) delivery = { ...delivery, isLimited: true }
  for (let tries = 1; ; tries++) {
    const asOf = memories.stamp()
    const outcome = await ask(handle, delivery, on.signal)
    const verdict =
      'verdict' in outcome ? outcome.verdict : crashed(outcome.crash, { ...errand, delivery }, process)
    const isSoon = (verdict.type === 'again' || verdict.type === 'retry') && verdict.afterSeconds < 1
    if (!isSoon || isHurried || tries === MOST_TRIES || !hasTime(on, clock))
      return { ...errand, verdict, asOf, delivery }
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
function crashed(crash: string, errand: Errand, { report, random }: Process): Verdict {
  const key = nameOf(errand)
  const controller = errand.message?.controller ?? ''
  report({ type: 'failed', controller, key, error: `handler crashed: ${crash}` })
  const verdict = verdictOfCrash(crash, errand.delivery, { limit: CRASH_LIMIT, random })
  if (verdict.type === 'bury') report({ type: 'parked', key, reason: verdict.reason })
  return verdict
}

/** What follows goes into SQS before anything is remembered: a message that comes again must find nothing done. */
async function conclude(key: string, ended: Ended, process: Process): Promise<void> {
  const { clock, memories } = process
  const { verdict, delivery, ...rest } = ended
  const { parcels, memory } = sequelOf(verdict, {
    ...rest,
    key,
    body: delivery.body,
    by: memories.by(),
    now: clock.now(),
  })
  await sendParcels(parcels, process)
  memories.keep(key, memory)
}
