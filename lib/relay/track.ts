/** What is known of one source, and how a change moves it on. No input or output. */
import { appliedBy } from '../applied.ts'
import type { Cursor } from '../inventory.ts'
import type { Metadata } from '../kube.ts'
import { originOfEnd, originOfLeaving, originOfWrite } from '../origin.ts'
import type { Change } from '../watch.ts'
import type { Transition } from './decide.ts'
import {
  type Fingerprint,
  FORMAT,
  objectKey,
  pack,
  parseObjectKey,
  toFingerprint,
  unpack,
} from './fingerprint.ts'
import type { Interest, Source } from './plan.ts'

/** A source and what is known of it. */
export interface Track {
  readonly source: Source
  readonly fingerprints: Map<string, string>
  cursor: Cursor
  /** Who has not been told of everything yet, and why not; everything is listed again until they have. */
  newcomers: { readonly interests: readonly Interest[]; readonly because: string }
  /** While a list runs: what was known and has not been seen in it. */
  unseen: Set<string> | undefined
}

/** What changes wrote, to become a step. */
export interface Writing {
  readonly puts: Map<string, string>
  readonly deletes: Set<string>
}

const NOBODY: Track['newcomers'] = { interests: [], because: '' }

/** A track that begins with what the inventory knew, or with nothing. */
export function startTrack(
  source: Source,
  known: { readonly cursor: Cursor; readonly fingerprints: ReadonlyMap<string, string> } | undefined,
): Track {
  const told = known?.cursor.told ?? {}
  const isReadable = FORMAT in told
  const missing = source.interests.filter(({ name }) => !isReadable || !(name in told))
  const track: Track = {
    source,
    fingerprints: new Map(isReadable ? known?.fingerprints : keysOf(known?.fingerprints)),
    cursor: known?.cursor ?? {},
    newcomers: NOBODY,
    unseen: undefined,
  }
  // Who knew the source before is told why everything comes again; who did not has only just found it.
  if (missing.length > 0)
    welcome(track, missing, known?.cursor.told === undefined ? 'found' : 'controller changed')
  return track
}

/** Everything is to be listed, and told to these whether it changed or not. */
export function welcome(track: Track, interests: readonly Interest[], because: string): void {
  const told = { ...track.cursor.told }
  for (const { name } of interests) delete told[name]
  track.newcomers = { interests, because }
  track.cursor = { told }
}

/** Those who need to hear only of what changes. */
const incumbentsOf = ({ source, newcomers }: Track): readonly Interest[] =>
  source.interests.filter((interest) => !newcomers.interests.includes(interest))

/** Nothing but which objects there were, so that those that are gone are missed. */
const keysOf = (fingerprints: ReadonlyMap<string, string> = new Map()): [string, string][] =>
  [...fingerprints.keys()].map((key) => [key, ''])

/** The cursor as it is to be kept, once the watch is at this one: who has just been told of everything is told `now`. */
export function cursorOf(track: Track, { resourceVersion }: Cursor, now: number): Cursor {
  const names = [FORMAT, ...incumbentsOf(track).map(({ name }) => name)]
  const told = Object.fromEntries(names.map((name) => [name, track.cursor.told?.[name] ?? now]))
  return { resourceVersion, told }
}

/** Moves the track on by one change and returns what became of which objects. */
export function advance(track: Track, change: Change, writing: Writing): Transition[] {
  switch (change.type) {
    case 'restart':
      track.unseen = new Set(track.fingerprints.keys())
      return []
    case 'seen':
      return see(track, change.object, change.initial, writing)
    case 'gone':
      return [forget(track, objectKey(change.object), writing, change.object)]
    case 'synced': {
      const missed = [...(track.unseen ?? [])]
      track.unseen = undefined
      track.newcomers = NOBODY
      return missed.map((key) => forget(track, key, writing))
    }
  }
}

function see(track: Track, object: Metadata, isListed: boolean, writing: Writing): Transition[] {
  const { source, fingerprints, newcomers } = track
  const key = objectKey(object)
  track.unseen?.delete(key)
  const packed = fingerprints.get(key)
  const isKnown = packed?.startsWith([object.uid, object.resourceVersion, ''].join('/')) ?? false
  // The usual case of a list of what is known: nothing is unpacked.
  if (isKnown && newcomers.interests.length === 0) return []
  const before = packed === undefined ? undefined : unpack(packed)
  const after = toFingerprint(object, source.ownerKinds)
  if (!isKnown) remember(track, key, pack(after), writing)
  // A list may have made one change of an apply and of somebody else's write after it.
  const applier = !isListed && isNewMark(before, after) ? appliedBy(object) : undefined
  const origin = originOfWrite(object)
  const changed = { key: parseObjectKey(key), before, after, appliedBy: applier, initial: undefined, origin }
  const transitions: Transition[] = isKnown ? [] : [{ ...changed, interests: incumbentsOf(track) }]
  if (newcomers.interests.length > 0)
    transitions.push({
      ...changed,
      ...newcomers,
      before: undefined,
      initial: newcomers.because,
      origin: undefined,
    })
  return transitions
}

function remember({ fingerprints }: Track, key: string, packed: string, writing: Writing): void {
  fingerprints.set(key, packed)
  writing.puts.set(key, packed)
  writing.deletes.delete(key)
}

const isNewMark = (before: Fingerprint | undefined, after: Fingerprint): boolean =>
  after.applied !== '' && (before?.uid !== after.uid || before.applied !== after.applied)

function forget(track: Track, key: string, writing: Writing, object?: Metadata): Transition {
  const packed = track.fingerprints.get(key)
  track.unseen?.delete(key)
  track.fingerprints.delete(key)
  writing.puts.delete(key)
  writing.deletes.add(key)
  const known = packed === undefined ? undefined : unpack(packed)
  const before = known ?? (object && toFingerprint(object, track.source.ownerKinds))
  const { interests } = track.source
  return {
    key: parseObjectKey(key),
    before,
    after: undefined,
    appliedBy: undefined,
    initial: undefined,
    origin: before === undefined ? undefined : originOfGone(track.source, before, object),
    interests,
  }
}

/** Two relays that found it missing in a list may mean two different times at which it left a selection. */
function originOfGone({ selector }: Source, { uid }: Fingerprint, object?: Metadata): string | undefined {
  if (uid === '') return undefined
  if (selector.labels === undefined && selector.fields === undefined) return originOfEnd(uid)
  return object && originOfLeaving(object)
}
