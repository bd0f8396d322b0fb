/**
 * What the objects of one source say: numbered segments, each one step, and snapshots, each the sum of all segments up to its
 * number. Objects in, a state out; texts for new ones. No decisions about when.
 */
import * as z from 'zod'
import { DatabaseError } from '../../database.ts'
import type { Cursor, Step } from '../../inventory.ts'
import { damaged, type Folder, type Listed } from './store.ts'

/** What is known of a source after segment `number`. */
export interface State {
  number: number
  /** Absent: nothing was ever stored. */
  cursor: Cursor | undefined
  readonly fingerprints: Map<string, string>
  /** Segments after the newest snapshot and their size, and the snapshot's: what says when the next is due. */
  segments: number
  segmentBytes: number
  snapshotBytes: number
}

const cursor = z.object({
  resourceVersion: z.string().optional(),
  told: z.record(z.string(), z.number()).optional(),
})
const content = z.object({
  v: z.literal(1),
  source: z.string(),
  /** Which process wrote it. */
  writer: z.string(),
  cursor,
  puts: z.array(z.tuple([z.string(), z.string()])),
  deletes: z.array(z.string()),
})
type Content = z.output<typeof content>

/** Objects read at a time. */
const AT_A_TIME = 8

const numbered = (number: number): string => String(number).padStart(12, '0')
export const segmentKey = (number: number): string => `journal/${numbered(number)}`
export const snapshotKey = (number: number): string => `snapshot/${numbered(number)}`

/** Which one it is, and whose; undefined for what is not ours. */
export function numberOf(key: string, kind: 'journal' | 'snapshot'): number | undefined {
  const digits = new RegExp(`^${kind}/(\\d{12})$`).exec(key)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Nothing known. */
export const blankState = (): State => ({
  number: 0,
  cursor: undefined,
  fingerprints: new Map(),
  segments: 0,
  segmentBytes: 0,
  snapshotBytes: 0,
})

/** One step as text. */
export const segmentText = (source: string, writer: string, { puts, deletes, cursor }: Step): string =>
  JSON.stringify({ v: 1, source, writer, cursor, puts: [...puts], deletes })

/** A state as text: the same for whoever has read the same segments. */
export const snapshotText = (source: string, state: State): string =>
  segmentText(source, '', { cursor: state.cursor ?? {}, puts: state.fingerprints, deletes: [] })

type Appended = Omit<Step, 'puts'> & { readonly puts: Iterable<readonly [string, string]> }

/** Adds the next segment to a state. */
export function append(state: State, { puts, deletes, cursor }: Appended, bytes: number): void {
  for (const key of deletes) state.fingerprints.delete(key)
  for (const [key, fingerprint] of puts) state.fingerprints.set(key, fingerprint)
  state.cursor = cursor
  state.number += 1
  state.segments += 1
  state.segmentBytes += bytes
}

/** Reads what is listed: the newest snapshot and every segment after it. Throws DatabaseError where one is missing. */
export async function readState(folder: Folder, source: string, listed: readonly Listed[]): Promise<State> {
  const snapshots = listed.flatMap((one) => withNumber(one, 'snapshot')).sort((a, b) => b.number - a.number)
  const [newest] = snapshots
  const state = blankState()
  if (newest !== undefined) {
    append(state, await readContent(folder, source, newest.key), 0)
    Object.assign(state, { number: newest.number, segments: 0, snapshotBytes: newest.bytes })
  }
  const segments = listed
    .flatMap((one) => withNumber(one, 'journal'))
    .filter(({ number }) => number > state.number)
    .sort((a, b) => a.number - b.number)
  for (let start = 0; start < segments.length; start += AT_A_TIME) {
    const some = segments.slice(start, start + AT_A_TIME)
    const contents = await Promise.all(some.map(({ key }) => readContent(folder, source, key)))
    for (const [index, one] of some.entries()) {
      if (one.number !== state.number + 1)
        throw damaged(`${folder.url}${segmentKey(state.number + 1)}`, 'it is missing')
      append(state, contents[index] as Content, one.bytes)
    }
  }
  return state
}

const withNumber = (one: Listed, kind: 'journal' | 'snapshot') => {
  const number = numberOf(one.key, kind)
  return number === undefined ? [] : [{ ...one, number }]
}

/** One object's content. Throws DatabaseError for what is not, or no longer, what was written. */
export async function readContent(folder: Folder, source: string, key: string): Promise<Content> {
  const text = await folder.read(key)
  // Listed a moment ago: another relay has tidied up. Whoever asked asks again.
  if (text === undefined) throw new Error(`${folder.url}${key} is gone`)
  const parsed = content.safeParse(parseJson(text))
  if (!parsed.success) throw damaged(`${folder.url}${key}`, 'not a step or a snapshot')
  if (parsed.data.source !== source)
    throw new DatabaseError(
      'foreign',
      `${folder.url}${key} is of another source: give this deployment a prefix of its own`,
    )
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
