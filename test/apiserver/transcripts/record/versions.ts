/**
 * Numbers the resourceVersions of a recording. An object's version is one token wherever it occurs; the version of a list or a
 * bookmark is a token of its own each time, since a later replay may see another one there. The numbers follow the versions.
 */
import { isObject, type Json } from '../replay/json.ts'
import { lookup } from '../replay/pointer.ts'
import type { Recorded } from './page.ts'
import { askedPath, type Placed, readsCollection, receivedIn } from './walk.ts'

/** Which token stands where, and for which version. */
export interface Versions {
  /** The token at a place of a step; see `placeOf`. */
  readonly at: ReadonlyMap<string, string>
  /** The token of an object's version. */
  readonly of: ReadonlyMap<string, string>
}

/** The name of a place: a step's index and a pointer in it. */
export const placeOf = (index: number, at: string): string => `${index}|${at}`

type Kind = 'rv' | 'listrv'
interface Occurrence {
  readonly value: string
  readonly kind: Kind
}

interface Count {
  readonly occurrences: Occurrence[]
  readonly at: Map<string, Occurrence>
  /** The list that last had a version: its further pages have the same. */
  readonly lists: Map<string, Occurrence>
}

/** Numbers all of them. */
export function numberVersions(steps: readonly Recorded[]): Versions {
  const count: Count = { occurrences: [], at: new Map(), lists: new Map() }
  for (const [index, recorded] of steps.entries()) countStep(count, index, recorded)
  const tokens = new Map(
    inOrder(count.occurrences).map((one, order) => [one, `<${one.kind}:${order + 1}>`] as const),
  )
  const tokenOf = (one: Occurrence) => tokens.get(one) ?? ''
  return {
    at: new Map([...count.at].map(([place, one]) => [place, tokenOf(one)])),
    of: new Map(
      [...tokens].filter(([{ kind }]) => kind === 'rv').map(([{ value }, token]) => [value, token]),
    ),
  }
}

/** By version; an object's before that of the list which shows it. */
function inOrder(occurrences: readonly Occurrence[]): Occurrence[] {
  const rank = ({ kind }: Occurrence) => (kind === 'rv' ? 0 : 1)
  return occurrences.toSorted((one, two) => {
    const [first, second] = [BigInt(one.value), BigInt(two.value)]
    if (first !== second) return first < second ? -1 : 1
    return rank(one) - rank(two)
  })
}

function countStep(count: Count, index: number, recorded: Recorded): void {
  for (const placed of receivedIn(recorded)) {
    countMetadata(count, index, recorded, placed)
    countMessage(count, index, recorded, placed)
  }
  const picked = lookup(recorded.step, '/response/pick')
  const pointer = '/metadata/resourceVersion'
  const kind = readsCollection(recorded) ? 'listrv' : 'rv'
  if (isObject(picked))
    note(count, index, recorded, { at: `/response/pick/${pointer}`, value: picked[pointer], kind })
}

function countMetadata(count: Count, index: number, recorded: Recorded, { object, at }: Placed): void {
  const value = lookup(object, '/metadata/resourceVersion')
  const place = `${at}/metadata/resourceVersion`
  const bookmark = bookmarkOf(recorded, at)
  const first = bookmark && count.at.get(placeOf(index, `${bookmark}/object/metadata/resourceVersion`))
  // A bookmark in a Table has its version twice.
  if (first && typeof value === 'string') count.at.set(placeOf(index, place), first)
  else
    note(count, index, recorded, {
      at: place,
      value,
      kind: bookmark || isList(recorded, object, at) ? 'listrv' : 'rv',
    })
}

/** The place of the bookmark that a place is in. */
function bookmarkOf({ step }: Recorded, at: string): string | undefined {
  const [, event] = /^(\/events\/\d+|\/bookmark)\//.exec(at) ?? []
  return event !== undefined && lookup(step, `${event}/type`) === 'BOOKMARK' ? event : undefined
}

function isList(recorded: Recorded, { items, kind }: Placed['object'], at: string): boolean {
  if (Array.isArray(items)) return true
  if (!readsCollection(recorded)) return false
  const isTable = kind === 'Table' && !at.startsWith('/events')
  return isTable || lookup(recorded.step, '/response/pick') !== undefined
}

/** `Too large resource version: 9, current: 5`. */
function countMessage(count: Count, index: number, recorded: Recorded, { object, at }: Placed): void {
  if (object.kind !== 'Status' || typeof object.message !== 'string') return
  const [, value] = /current: (\d+)/.exec(object.message) ?? []
  note(count, index, recorded, { at: `${at}/message`, value, kind: 'listrv' })
}

function note(
  count: Count,
  index: number,
  recorded: Recorded,
  { at, value, kind }: { readonly at: string; readonly value: Json | undefined; readonly kind: Kind },
): void {
  // 0 is no version, and what is no number is test data.
  if (typeof value !== 'string' || value === '0' || !/^\d+$/.test(value)) return
  const known =
    kind === 'rv'
      ? count.occurrences.find((one) => one.kind === 'rv' && one.value === value)
      : /[?&]continue=/.test(askedPath(recorded))
        ? count.lists.get(value)
        : undefined
  const occurrence = known ?? { value, kind }
  if (known === undefined) count.occurrences.push(occurrence)
  if (kind === 'listrv') count.lists.set(value, occurrence)
  count.at.set(placeOf(index, at), occurrence)
}
