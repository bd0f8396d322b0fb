/**
 * What the relay remembers of an object: enough to tell what changed and whom it concerned, packed into one string of
 * about a hundred characters. The object itself, its labels and its annotations are forgotten.
 */
import { APPLIED } from '../applied.ts'
import { hashJson, hashText } from '../hash.ts'
import { groupKindOf, groupOf, type Metadata } from '../kube.ts'
import type { Facets } from '../operator.ts'

/** An owner reference that may matter. `kind` is a place in the source's list of owner kinds. */
export interface OwnerMark {
  readonly kind: number
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

/** 42 bits are enough to tell an object's labels from those it had before, and memory is per object. */
const HASH_LENGTH = 9

const hashMap = (map: Readonly<Record<string, string>> | undefined): string =>
  map === undefined || Object.keys(map).length === 0 ? '' : hashJson(map).slice(-HASH_LENGTH)

/**
 * The fingerprint of an object. Of its owners, those of `ownerKinds` (group and kind as `groupKindOf` writes them, version
 * ignored) are kept; a reference that cannot be read says nothing about the others.
 */
export function toFingerprint(metadata: Metadata, ownerKinds: readonly string[]): Fingerprint {
  const mark = ownerKinds.length > 0 ? metadata.annotations?.[APPLIED] : undefined
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

function ownersOf(metadata: Metadata, ownerKinds: readonly string[]): OwnerMark[] {
  if (ownerKinds.length === 0) return []
  return (metadata.ownerReferences ?? []).flatMap(({ apiVersion, kind, name, controller }) => {
    if (typeof apiVersion !== 'string' || !name) return []
    const index = ownerKinds.indexOf(groupKindOf({ group: groupOf(apiVersion), kind }))
    return index < 0 ? [] : [{ kind: index, isController: controller === true, name }]
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
  const [, kind = '0', sign, name = ''] = /^(\d+)([*-])(.*)$/s.exec(text) ?? []
  return { kind: Number(kind), isController: sign === '*', name }
}

/** The key under which an object is remembered: flat for the same reason as {@link pack}. */
export const objectKey = ({ namespace, name }: Pick<Metadata, 'namespace' | 'name'>): string =>
  namespace === undefined || namespace === '' ? name : [namespace, name].join(SEPARATOR)

/** The inverse of {@link objectKey}. */
export function parseObjectKey(key: string): { namespace?: string; name: string } {
  const at = key.indexOf(SEPARATOR)
  return at < 0 ? { name: key } : { namespace: key.slice(0, at), name: key.slice(at + 1) }
}
