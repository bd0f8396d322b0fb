/**
 * What the relay remembers of an object: enough to tell what changed and whom it concerned, packed into one string of
 * about a hundred characters. The object itself, its labels and its annotations are forgotten.
 */
import { APPLIED } from '../applied.ts'
import { hashJson, hashText } from '../hash.ts'
import { groupKindOf, groupOf, type Metadata, type Resource } from '../kube.ts'
import type { Facets } from '../operator.ts'

/** What `pack` writes and `unpack` reads; what was kept in another format tells no more than which objects there were. */
export const FORMAT = 'fingerprints 1'

/** An owner reference that may matter. `kind` is as {@link ownerKindOf} writes it. */
export interface OwnerMark {
  readonly kind: string
  readonly isController: boolean
  readonly name: string
}

/** The remembered object. Hashes are empty where there is nothing to hash. */
export interface Fingerprint extends Facets {
  /** Hash of the mark of our own applies. */
  readonly applied: string
  readonly owners: readonly OwnerMark[]
}

/** No name, uid or version has a slash (they are path segments), so no field can run into the next. */
const SEPARATOR = '/'

/** Tells the few kinds of an operator apart, whatever else it watches in its next life. */
const OWNER_KIND_LENGTH = 5

/** The mark of an owner's kind. */
export const ownerKindOf = (kind: Pick<Resource, 'group' | 'kind'>): string =>
  hashText(groupKindOf(kind)).slice(-OWNER_KIND_LENGTH)

/** 42 bits are enough to tell an object's labels from those it had before, and memory is per object. */
const HASH_LENGTH = 9

const hashMap = (map: Readonly<Record<string, string>> | undefined): string =>
  map === undefined || Object.keys(map).length === 0 ? '' : hashJson(map).slice(-HASH_LENGTH)

/**
 * The fingerprint of an object. Of its owners, those of `ownerKinds` (by group and kind as `groupKindOf` writes them, version
 * ignored) are kept; a reference that cannot be read says nothing about the others.
 */
export function toFingerprint(metadata: Metadata, ownerKinds: ReadonlyMap<string, string>): Fingerprint {
  const mark = ownerKinds.size > 0 ? metadata.annotations?.[APPLIED] : undefined
  return {
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation,
    labels: hashMap(metadata.labels),
    annotations: hashMap(metadata.annotations),
    isDeleting: metadata.deletionTimestamp !== undefined,
    applied: mark === undefined ? '' : hashText(mark).slice(-HASH_LENGTH),
    owners: ownersOf(metadata, ownerKinds),
  }
}

function ownersOf(metadata: Metadata, ownerKinds: ReadonlyMap<string, string>): OwnerMark[] {
  if (ownerKinds.size === 0) return []
  return (metadata.ownerReferences ?? []).flatMap(({ apiVersion, kind, name, controller }) => {
    if (typeof apiVersion !== 'string' || !name) return []
    const mark = ownerKinds.get(groupKindOf({ group: groupOf(apiVersion), kind }))
    return mark === undefined ? [] : [{ kind: mark, isController: controller === true, name }]
  })
}

/** As one string. `Array.join` makes it flat: a chain of concatenations would keep every part alive beside the whole. */
export function pack(fingerprint: Fingerprint): string {
  const { uid, resourceVersion, generation, labels, annotations, isDeleting, applied, owners } = fingerprint
  return [
    uid,
    resourceVersion,
    generation ?? '',
    labels,
    annotations,
    isDeleting ? 'D' : '',
    applied,
    ...owners.map(({ kind, isController, name }) => [kind, isController ? '*' : '-', name].join('')),
  ].join(SEPARATOR)
}

/** The inverse of {@link pack}. */
export function unpack(packed: string): Fingerprint {
  const [
    uid = '',
    resourceVersion = '',
    generation,
    labels = '',
    annotations = '',
    state,
    applied = '',
    ...owners
  ] = packed.split(SEPARATOR)
  return {
    uid,
    resourceVersion,
    generation: generation ? Number(generation) : undefined,
    labels,
    annotations,
    isDeleting: state === 'D',
    applied,
    owners: owners.map(unpackOwner),
  }
}

function unpackOwner(text: string): OwnerMark {
  const sign = text.charAt(OWNER_KIND_LENGTH)
  return {
    kind: text.slice(0, OWNER_KIND_LENGTH),
    isController: sign === '*',
    name: text.slice(OWNER_KIND_LENGTH + 1),
  }
}

/** The key under which an object is remembered: flat for the same reason as {@link pack}. */
export const objectKey = ({ namespace, name }: Pick<Metadata, 'namespace' | 'name'>): string =>
  namespace === undefined || namespace === '' ? name : [namespace, name].join(SEPARATOR)

/** The inverse of {@link objectKey}. */
export function parseObjectKey(key: string): { namespace?: string; name: string } {
  const at = key.indexOf(SEPARATOR)
  return at < 0 ? { name: key } : { namespace: key.slice(0, at), name: key.slice(at + 1) }
}
