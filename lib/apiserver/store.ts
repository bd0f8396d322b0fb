/**
 * Objects by revision. A `Store` counts one revision for all; each `Table` holds the objects of one storage key in key
 * order and a log of its recent changes, from which watches resume and older lists are reconstructed. Objects that come out
 * are frozen and shared; nothing here knows of kinds or HTTP.
 */
import type { Json, JsonObject, ResourceType } from './resource.ts'
import { StatusError } from './status.ts'

/** etcd's limit of one request (`--max-request-bytes`), and that of a message that its client sends. */
const MAX_OBJECT_BYTES = 1.5 * 1024 * 1024
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024

/** The log of a table is cut to half beyond this, however few changes it has: large objects must not fill the memory. */
const MAX_LOG_BYTES = 64 * 1024 * 1024

/** One version of one object. */
export interface Entry {
  /** `namespace/name`, or `name` for cluster-scoped objects: etcd's order. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly revision: number
  readonly object: JsonObject
  /** The object as JSON in the version `textFor`; kept by `encode.ts`, so that watchers and readers share one encoding. */
  text?: string | undefined
  textFor?: ResourceType
}

/** One write. For DELETED, `entry` is the last state under the revision of the deletion. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly revision: number
  readonly entry: Entry
  readonly before: Entry | undefined
  /** Roughly the bytes of this version. */
  readonly weight: number
}

export interface Table {
  readonly name: string
  /** In key order. */
  readonly entries: Entry[]
  readonly byKey: Map<string, Entry>
  readonly log: Change[]
  /** How many changes were cut off in front of `log[0]`. */
  dropped: number
  /** Roughly the bytes that the log keeps alive. */
  weight: number
  /** Watches may begin here or later: changes after this revision are all in the log. */
  floor: number
  /** The first revision whose state is known. Not so late as `floor` while the table was empty before. */
  oldest: number
  /** Called after each change, and with undefined when the table is closed. */
  readonly listeners: Set<(change: Change | undefined) => void>
  /** Encoded watch lines of the newest change, by form: its watchers share them. */
  readonly lines: Map<string, string>
  /** True once the kind is no longer served: its watches end. */
  closed: boolean
}

export interface Store {
  revision: number
  readonly tables: Map<string, Table>
  readonly historySize: number
  /** Names of tables that were closed: what they held is not known any more. */
  readonly closed: Set<string>
  /** Called after each change of any table. */
  readonly listeners: Set<(table: Table, change: Change) => void>
  /** Called before each change is made; when it throws, the change is not made. */
  keep: ((table: Table, change: Change) => void) | undefined
}

/** `historySize`: how many changes of a table stay available to watches and paged lists. */
export const createStore = (historySize: number): Store => ({
  revision: 1,
  tables: new Map(),
  historySize,
  closed: new Set(),
  listeners: new Set(),
  keep: undefined,
})

/** The table of a storage key, made when first asked for. */
export function tableOf(store: Store, name: string): Table {
  let table = store.tables.get(name)
  if (table === undefined) {
    table = {
      name,
      entries: [],
      byKey: new Map(),
      log: [],
      dropped: 0,
      weight: 0,
      floor: store.revision,
      oldest: store.closed.has(name) ? store.revision : 0,
      listeners: new Set(),
      lines: new Map(),
      closed: false,
    }
    store.tables.set(name, table)
  }
  return table
}

export const keyOf = (namespace: string, name: string): string =>
  namespace === '' ? name : `${namespace}/${name}`

/** Index of the first entry whose key is not before `key`. */
export function lowerBound(entries: readonly Entry[], key: string): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle] as Entry).key < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The entries of a namespace (all of them for ''), in key order, from `start` on. */
export function rangeOf(entries: readonly Entry[], namespace: string, start = ''): readonly Entry[] {
  if (namespace === '' && start === '') return entries
  const from = lowerBound(entries, start > `${namespace}/` || namespace === '' ? start : `${namespace}/`)
  // '0' is the character after '/'.
  const to = namespace === '' ? entries.length : lowerBound(entries, `${namespace}0`)
  return entries.slice(from, to)
}

/** An object is larger than etcd would take: becomes a 500. */
export class TooLarge extends StatusError {}

/** Throws {@link TooLarge}. */
function checkSize(object: JsonObject, key: string): void {
  // No text has more bytes of JSON than six for each of its characters.
  if (sizeOf(object) * 6 <= MAX_OBJECT_BYTES) return
  const bytes = Buffer.byteLength(JSON.stringify(object)) + key.length
  if (bytes > MAX_MESSAGE_BYTES)
    throw new TooLarge(
      500,
      `rpc error: code = ResourceExhausted desc = trying to send message larger than max (${bytes} vs. ${MAX_MESSAGE_BYTES})`,
    )
  if (bytes > MAX_OBJECT_BYTES) throw new TooLarge(500, 'etcdserver: request is too large')
}

/** Roughly the characters of JSON. */
function sizeOf(value: Json): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 5
  let size = 2
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item) + 1
  else for (const key of Object.keys(value)) size += key.length + 4 + sizeOf(value[key] as Json)
  return size
}

/** Takes the next revision; `write` makes the object that carries it. Throws 500 when that is larger than etcd would take. */
export function commit(
  store: Store,
  table: Table,
  identity: { namespace: string; name: string },
  write: (revision: string) => JsonObject,
): Entry {
  const revision = store.revision + 1
  const { namespace, name } = identity
  const key = keyOf(namespace, name)
  const before = table.byKey.get(key)
  const object = write(String(revision))
  const weight = freeze(object)
  checkSize(object, key)
  const entry: Entry = { key, namespace, name, revision, object }
  const type = before === undefined ? 'ADDED' : 'MODIFIED'
  const change: Change = { type, revision, entry, before, weight }
  store.keep?.(table, change)
  store.revision = revision
  table.entries.splice(lowerBound(table.entries, key), before === undefined ? 0 : 1, entry)
  table.byKey.set(key, entry)
  publish(store, table, change)
  return entry
}

/** Removes `before`; `write` makes its last state under the revision of the deletion. */
export function remove(
  store: Store,
  table: Table,
  before: Entry,
  write: (revision: string) => JsonObject,
): Entry {
  const revision = store.revision + 1
  const { key, namespace, name } = before
  const object = write(String(revision))
  const weight = freeze(object)
  const entry: Entry = { key, namespace, name, revision, object }
  const change: Change = { type: 'DELETED', revision, entry, before, weight }
  store.keep?.(table, change)
  store.revision = revision
  table.entries.splice(lowerBound(table.entries, before.key), 1)
  table.byKey.delete(before.key)
  publish(store, table, change)
  return entry
}

/** Puts what was kept into an empty table; nobody is told. */
export function fill(table: Table, entries: readonly Entry[]): void {
  for (const entry of entries) {
    freeze(entry.object)
    table.byKey.set(entry.key, entry)
  }
  table.entries.push(...entries.toSorted((one, other) => (one.key < other.key ? -1 : 1)))
}

/** Tells the listeners of all changes of what there is already. */
export function announce(store: Store): void {
  for (const table of store.tables.values())
    for (const entry of [...table.entries]) {
      const change: Change = { type: 'ADDED', revision: entry.revision, entry, before: undefined, weight: 0 }
      for (const listener of store.listeners) listener(table, change)
    }
}

function publish(store: Store, table: Table, change: Change): void {
  table.log.push(change)
  table.weight += change.weight
  table.lines.clear()
  // Nobody but a lagging watcher asks for the old text again.
  if (change.before !== undefined) change.before.text = undefined
  if (table.log.length > store.historySize * 2) trim(table, table.log.length - store.historySize)
  else if (table.weight > MAX_LOG_BYTES) trim(table, table.log.length >>> 1)
  for (const listener of table.listeners) listener(change)
  for (const listener of store.listeners) listener(table, change)
}

/** Forgets the oldest `count` changes. */
export function trim(table: Table, count: number): void {
  const last = table.log[count - 1]
  if (last === undefined) return
  table.floor = last.revision
  table.oldest = last.revision
  table.dropped += count
  for (const { weight } of table.log.splice(0, count)) table.weight -= weight
}

/** Ends the table: its watches close; a table of that name made later begins anew. */
export function closeTable(store: Store, table: Table): void {
  table.closed = true
  const { revision } = store
  for (const entry of table.entries)
    store.keep?.(table, { type: 'DELETED', revision, entry, before: entry, weight: 0 })
  store.tables.delete(table.name)
  store.closed.add(table.name)
  for (const listener of [...table.listeners]) listener(undefined)
}

/** Position in the log (counted from the table's beginning) of the first change after `revision`. */
export function positionAfter(table: Table, revision: number): number {
  let low = 0
  let high = table.log.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((table.log[middle] as Change).revision <= revision) low = middle + 1
    else high = middle
  }
  return table.dropped + low
}

/** The entries as they were at `revision`, or undefined when that is not known any more. */
export function entriesAt(table: Table, revision: number): readonly Entry[] | undefined {
  if (revision < table.oldest) return undefined
  const first = positionAfter(table, revision) - table.dropped
  if (first === table.log.length) return table.entries
  // Of each object that has changed since, what was before its first change.
  const past = new Map<string, Entry | undefined>()
  for (const { entry, before } of table.log.slice(first))
    if (!past.has(entry.key)) past.set(entry.key, before)
  const entries = table.entries.filter((entry) => !past.has(entry.key))
  for (const entry of past.values()) if (entry !== undefined) entries.push(entry)
  return entries.sort((one, other) => (one.key < other.key ? -1 : 1))
}

/**
 * Freezes JSON all the way down and tells roughly how many bytes of JSON it is; what is frozen already belongs to another
 * version and counts nothing.
 */
function freeze(value: Json): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return 4
  Object.freeze(value)
  let weight = 2
  if (Array.isArray(value)) for (const item of value) weight += freeze(item) + 1
  else for (const key of Object.keys(value)) weight += key.length + 4 + freeze(value[key] as Json)
  return weight
}
