/** Messages that are not run now and come again as new ones: suspects, strays, and what could not be settled. */
import type { Acks } from './acks.ts'
import type { Process } from './consume.ts'
import { type Envelope, type Parcel, sentOn } from './envelope.ts'
import { formatNote, type Note } from './note.ts'
import { trySend } from './send.ts'
import { tellFailed } from './tell.ts'
import type { Unit } from './unit.ts'

type Originals = Pick<Unit, 'envelopes' | 'crashes'>

/** Suspects go to the end of the queue, with the crashes that they stand for. Resolves with the ids that could not go. */
export async function setAside(units: readonly Unit[], acks: Acks, process: Process): Promise<string[]> {
  const failed = await sendCopies(
    units,
    ({ received }, { crashes }) => ({ why: `aside ${received.receives}`, note: { crashes } }),
    process,
  )
  for (const unit of units)
    if (!unit.envelopes.some(({ received }) => failed.includes(received.id))) acks.done(unit)
  await acks.flush()
  return failed
}

/** Strangers may have chosen a group of their own: a key has one, or it could run twice at once. */
export const moveToTheirGroup = (strays: readonly Envelope[], process: Process): Promise<string[]> =>
  sendCopies([{ envelopes: strays, crashes: 0 }], () => ({ why: 'group', note: {} }), process)

/** Sends every message once more; units of which something is refused are put off. Resolves with the ids that stay. */
async function sendCopies(
  units: readonly Originals[],
  how: (envelope: Envelope, unit: Originals) => { readonly why: string; readonly note: Note },
  process: Process,
): Promise<string[]> {
  const unitOf = new Map<Parcel, Originals>()
  for (const unit of units)
    for (const envelope of unit.envelopes) {
      const { why, note } = how(envelope, unit)
      unitOf.set(sentOn(envelope, why, note), unit)
    }
  const refused = await trySend([...unitOf.keys()], process)
  const errors = new Map(refused.map(({ parcel, error }) => [unitOf.get(parcel), error]))
  const staying = [...errors].map(([unit, error]) => (unit === undefined ? [] : putOff(unit, error, process)))
  return (await Promise.all(staying)).flat()
}

/** Long enough to be cheap, short enough to be soon. */
const PUT_OFF_SECONDS = 60

/**
 * Messages that cannot be settled because SQS refuses something: they come again by way of the background, as they are. Left where
 * they are they would count as crashed. Resolves with the ids of those that even that was refused for.
 */
export async function putOff(
  { envelopes, crashes }: Originals,
  error: unknown,
  process: Process,
): Promise<string[]> {
  for (const envelope of envelopes.slice(0, 1)) tellFailed(error, envelope, process.report)
  const note = crashes === 0 ? {} : { note: formatNote({ crashes }) }
  const parcels = envelopes.map(({ received }): Parcel => {
    const sending = { body: received.body, delaySeconds: PUT_OFF_SECONDS, ...note }
    return { queue: 'background', sending }
  })
  const refused = await trySend(parcels, process)
  return refused.length === 0 ? [] : idsOf(envelopes)
}

const idsOf = (envelopes: readonly Envelope[]): string[] => envelopes.map(({ received }) => received.id)
