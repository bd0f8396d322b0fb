/**
 * The note in which a conversion keeps what a version cannot hold: an annotation, which whoever may write the object may
 * write too. It is believed as far as it could have come from here, and can neither fail a conversion nor reach past the spec.
 */
import * as z from 'zod'
import { isObject, isSame } from '../json.ts'
import { type Lost, lostBetween, restored } from './keep.ts'

/** More differences than this are kept a whole field at a time, more fields as one. */
const MOST_ENTRIES = 100
const DEEPEST_PATH = 64

const noteSchema = z
  .array(
    z.object({
      path: z.array(z.string()).max(DEEPEST_PATH),
      value: z.unknown().optional(),
      seen: z.unknown().optional(),
    }),
  )
  .max(MOST_ENTRIES)

/** The note about a spec that comes back different; undefined where nothing is lost. */
export function noteOf(spec: unknown, returned: unknown): string | undefined {
  const whole = [{ path: [], value: spec, seen: returned }]
  const notes = [lostBetween(spec, returned), changedFields(spec, returned), whole]
  const note = notes.find(({ length }) => length <= MOST_ENTRIES)
  return note === undefined || note.length === 0 ? undefined : JSON.stringify(note)
}

function changedFields(spec: unknown, returned: unknown): Lost[] {
  const [before, after] = [spec, returned].map((one) => (isObject(one) ? one : {}))
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...names]
    .filter((name) => !isSame(before?.[name], after?.[name]))
    .map((name) => ({ path: [name], value: before?.[name], seen: after?.[name] }))
}

/** The spec with what the note kept put back, where the whole of it `isValid`; else as it is. */
export function withNote(spec: unknown, note: string, isValid: (spec: unknown) => boolean): unknown {
  try {
    const whole = restored(spec, noteSchema.parse(JSON.parse(note)))
    // What is nested too deeply to be written is not ours either.
    JSON.stringify(whole)
    return isValid(whole) ? whole : spec
  } catch {
    // Not JSON, not a note, or made to exhaust the stack: somebody else wrote it, and what it says is of no account.
    return spec
  }
}
