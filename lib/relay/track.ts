/** What is known of one source, and how a change moves it on. No input or output. */
import { appliedBy } from '../applied.ts'
import type { Cursor } from '../inventory.ts'
import type { Metadata } from '../kube.ts'
import type { Change } from '../watch.ts'
import type { Transition } from './decide.ts'
import { type Fingerprint, objectKey, pack, parseObjectKey, toFingerprint, unpack } from './fingerprint.ts'
import type { Source } from './plan.ts'

/** A source and what is known of it. */
export interface Track {
  readonly source: Source
  readonly fingerprints: Map<string, string>
  cursor: Cursor
  /** Everything that exists was known once, now or before a restart: what is new from then on was created. */
  hasBaseline: boolean
  /** While a list runs: what was known and has not been seen in it. */
  unseen: Set<string> | undefined
}

/** What changes wrote, to become a step. */
export interface Writing {
  readonly puts: Map<string, string>
  readonly deletes: Set<string>
}

/** A track that begins with what the inventory knew, or with nothing. */
export function startTrack(
  source: Source,
  known: { readonly cursor: Cursor; readonly fingerprints: ReadonlyMap<string, string> } | undefined,
): Track {
  return {
    source,
    fingerprints: new Map(known?.fingerprints),
    cursor: known?.cursor ?? {},
    // Without a cursor the first list was cut short: what it had not reached is not known.
    hasBaseline: known?.cursor.resourceVersion !== undefined,
    unseen: undefined,
  }
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
      track.hasBaseline = true
      return missed.map((key) => forget(track, key, writing))
    }
  }
}

function see(track: Track, object: Metadata, isListed: boolean, writing: Writing): Transition[] {
  const key = objectKey(object)
  track.unseen?.delete(key)
  const packed = track.fingerprints.get(key)
  // The usual case of a list of what is known: nothing is unpacked.
  if (packed?.startsWith([object.uid, object.resourceVersion, ''].join('/'))) return []
  const before = packed === undefined ? undefined : unpack(packed)
  const after = toFingerprint(object, track.source.ownerKinds)
  const next = pack(after)
  track.fingerprints.set(key, next)
  writing.puts.set(key, next)
  writing.deletes.delete(key)
  return [
    {
      key: parseObjectKey(key),
      before,
      after,
      // A list may have made one change of an apply and of somebody else's write after it.
      appliedBy: !isListed && isNewMark(before, after) ? appliedBy(object) : undefined,
      isInitial: isListed && !track.hasBaseline,
    },
  ]
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
  return { key: parseObjectKey(key), before, after: undefined, appliedBy: undefined, isInitial: false }
}
