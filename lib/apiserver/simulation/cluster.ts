/**
 * What a simulated controller has at hand: objects by kind, those that another one controls, those that nobody does, and
 * writes in its own name. Nothing is cached: everything is as it is stored now.
 */
import type { Place } from '../controller.ts'
import { type Dependents, ownersOf } from '../dependents.ts'
import { metadataText, withMetadata } from '../metadata.ts'
import { findKind } from '../registry.ts'
import { removeAs } from '../removeAs.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server, tableFor, timestamp } from '../server.ts'
import { StatusError } from '../status.ts'
import { commit, type Entry, rangeOf, type Table } from '../store.ts'
import type { DeleteOptions } from '../deleteOptions.ts'
import { BACKGROUND } from '../write/remove.ts'
import { type Author, createAs, updateAs } from '../writeAs.ts'
import type { Strays } from './strays.ts'

/** A built-in kind by its names. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
}

/** An object as it was read. */
export interface Item {
  readonly type: ResourceType
  readonly entry: Entry
  readonly object: JsonObject
}

export interface Cluster {
  /** Milliseconds since the epoch. */
  now(): number
  /** The same as metadata writes it. */
  time(): string
  /** All of a kind, or those of a namespace. */
  list(kind: Kind, namespace?: string): Item[]
  find(kind: Kind, namespace: string, name: string): Item | undefined
  /** What of a kind an object controls. */
  controlled(owner: JsonObject, kind: Kind): Item[]
  /** What of a kind in a namespace nobody controls. */
  strays(kind: Kind, namespace: string): Item[]
  /** 'taken' when there is an object of that name already, 'closed' when its namespace takes nothing new. */
  create(object: JsonObject): Promise<'made' | 'taken' | 'closed'>
  /** Replaces an object that was just read; the result is the object as it is then. */
  update(item: Item, object: JsonObject, subresource?: string): Promise<Item>
  /** Gives a pod its node. */
  bind(pod: Item, node: string): Item
  /** Deletes the object if it is still the one that was read. */
  remove(item: Item, options?: Partial<DeleteOptions>): Promise<void>
}

export const tableOfKind = (server: Server, { apiVersion, kind }: Kind): Table =>
  tableFor(server, typeOf(server, { apiVersion, kind }))

function typeOf(server: Server, { apiVersion, kind }: Kind): ResourceType {
  const type = findKind(server.registry, apiVersion, kind)
  if (type === undefined) throw new Error(`simulation: ${apiVersion} ${kind} is not served`)
  return type
}

/** What controllers are made of. */
export interface Parts {
  readonly server: Server
  readonly dependents: Dependents
  readonly strays: Strays
}

/** The cluster as one controller sees and changes it. */
export const clusterFor = (parts: Parts, author: Author): Cluster => ({
  now: () => parts.server.clock.now(),
  time: () => timestamp(parts.server),
  ...readsOf(parts),
  ...writesOf(parts, author),
})

type Reads = Pick<Cluster, 'list' | 'find' | 'controlled' | 'strays'>

function readsOf({ server, dependents, strays }: Parts): Reads {
  const itemsAt = (kind: Kind, places: readonly Place[]): Item[] => {
    const type = typeOf(server, kind)
    return places
      .filter(({ table }) => table.name === type.storage)
      .map(({ table, key }) => table.byKey.get(key))
      .filter((entry) => entry !== undefined)
      .map((entry) => itemOf(type, entry))
      .sort((one, other) => (one.entry.key < other.entry.key ? -1 : 1))
  }
  return {
    list: (kind, namespace = '') => {
      const type = typeOf(server, kind)
      return rangeOf(tableFor(server, type).entries, namespace).map((entry) => itemOf(type, entry))
    },
    find: (kind, namespace, name) => {
      const type = typeOf(server, kind)
      const entry = findEntry(server, type, namespace, name)
      return entry === undefined ? undefined : itemOf(type, entry)
    },
    controlled: (owner, kind) => {
      const uid = metadataText(owner, 'uid')
      return itemsAt(kind, dependents.of(uid)).filter(({ object }) =>
        ownersOf(object).some((one) => one.isController && one.uid === uid),
      )
    },
    strays: (kind, namespace) => itemsAt(kind, strays.of(tableOfKind(server, kind), namespace)),
  }
}

const itemOf = (type: ResourceType, entry: Entry): Item => ({ type, entry, object: entry.object })

type Writes = Pick<Cluster, 'create' | 'update' | 'bind' | 'remove'>

const writesOf = ({ server }: Parts, author: Author): Writes => ({
  create: async (object) => {
    const kind = { apiVersion: stringAt(object, 'apiVersion'), kind: stringAt(object, 'kind') }
    try {
      await createAs(server, author, typeOf(server, kind), object)
      return 'made'
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (error.reason === 'AlreadyExists') return 'taken'
      if (isClosed(error)) return 'closed'
      throw error
    }
  },
  update: async ({ type, entry }, object, subresource = '') => {
    const outcome = await updateAs(server, author, { type, entry, subresource }, object)
    return itemOf(type, outcome.entry ?? { ...entry, object: outcome.object })
  },
  // As POST to the subresource `binding` does: neither a field manager nor the generation knows of it.
  bind: ({ type, entry }, node) => {
    const object = { ...entry.object, spec: { ...objectAt(entry.object, 'spec'), nodeName: node } }
    const bound = commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
      withMetadata(object, { resourceVersion }),
    )
    return itemOf(type, bound)
  },
  remove: async ({ type, entry }, options) => {
    const uid = metadataText(entry.object, 'uid')
    await removeAs(server, { type, entry }, author.user, { ...BACKGROUND, uid, ...options })
  },
})

const isClosed = ({ details }: StatusError): boolean =>
  listAt(details, 'causes').some((cause) => stringAt(cause, 'reason') === 'NamespaceTerminating')

/** The reference by which an object controls what it makes. */
export const controllerReference = (owner: JsonObject): JsonObject => ({
  apiVersion: stringAt(owner, 'apiVersion'),
  kind: stringAt(owner, 'kind'),
  name: metadataText(owner, 'name'),
  uid: metadataText(owner, 'uid'),
  controller: true,
  blockOwnerDeletion: true,
})

/** The same object with another status. */
export const withStatus = (object: JsonObject, status: JsonObject): JsonObject => ({ ...object, status })

/** The same object with some annotations added or replaced. */
export const annotated = (object: JsonObject, annotations: JsonObject): JsonObject =>
  withMetadata(object, { annotations: { ...annotationsOf(object), ...annotations } })

export const annotationsOf = (object: JsonObject): JsonObject => objectAt(object, 'metadata', 'annotations')

/** The earlier of two waits. */
export const sooner = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one
