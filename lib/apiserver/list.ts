/**
 * GET on a collection: which state is read, selected and paged. Pages after the first are of the revision of the first, so a
 * paged list is one consistent state for as long as that revision is kept.
 */
import { decodeToken, encodeToken, type Token } from './continue.ts'
import { converted } from './conversion/convert.ts'
import { apiVersionOf, itemTextOf, objectOf } from './encode.ts'
import { untilFresh } from './fresh.ts'
import { labelsOf } from './metadata.ts'
import { parseRevision } from './numbers.ts'
import type { ListOptions } from './options.ts'
import type { ResourceType } from './resource.ts'
import type { Route } from './route.ts'
import { exactMatch, fieldSelector } from './selector/fields.ts'
import { type Server, tableFor } from './server.ts'
import { badRequest, expired, tooLargeVersion } from './status.ts'
import { type Entry, entriesAt, keyOf, lowerBound, rangeOf } from './store.ts'

/** Decides which entries a list or watch sees; undefined when it sees all of them. */
export type Filter = (entry: Entry) => boolean

/** The filter of the selectors. Throws 400. */
export function filterOf({ labels, fields }: ListOptions, type: ResourceType): Filter | undefined {
  const matches = fieldSelector(fields, type)
  if (labels === undefined && matches === undefined) return undefined
  return (entry) =>
    (labels === undefined || labels(labelsOf(entry.object))) &&
    (matches === undefined || matches(objectOf(type, entry)))
}

/** A page: what the answer is made of. */
export interface Page {
  entries: readonly Entry[]
  revision: number
  /** '' on the last page. */
  continue: string
  /** How many follow; unknown with selectors. */
  remaining: number | undefined
}

/** Rejects with 400, 410, 500 and 504. What it gives can be read in the version of the route. */
export async function listPage(server: Server, route: Route, options: ListOptions): Promise<Page> {
  const filter = filterOf(options, route.type)
  const scope = scopeOf(route, options)
  const reading = readingOf(route.type, scope, options)
  const { revision: current } = server.store
  if (!reading.waits && reading.revision > current)
    throw tooLargeVersion(reading.revision, current, undefined)
  const waiting = untilFresh(server, reading.revision)
  if (waiting !== undefined) await waiting
  const revision = reading.isExact ? Number(reading.revision) : server.store.revision
  const candidates = candidatesAt(server, { route, scope, reading }, revision)
  // Only fields are looked at in the version of the request.
  const looking = options.fields.length === 0 ? undefined : converted(server, route.type, candidates)
  if (looking !== undefined) await looking
  const limit = limitOf(route.type, options)
  const page = pageOf(candidates, { limit, scope, filter, revision })
  const writing = converted(server, route.type, page.entries)
  if (writing !== undefined) await writing
  return page
}

/** The part of the keys that a list is about. */
interface Scope {
  /** '' for all namespaces, and for what is in none. */
  readonly namespace: string
  /** The one name that is asked for: such a list needs no scan, and is answered as a read of one object. */
  readonly name: string | undefined
}

/** A field selector narrows as the path does, but not on later pages (registry/generic, ListPredicate). */
function scopeOf({ type, namespace }: Route, options: ListOptions): Scope {
  if (options.continue !== '') return { namespace, name: undefined }
  const selected = exactMatch(options.fields, 'metadata.namespace') ?? ''
  const narrowed = namespace === '' && type.namespaced && LABEL.test(selected) ? selected : namespace
  const name = exactMatch(options.fields, 'metadata.name')
  const isOne = name !== undefined && SEGMENT.test(name) && (!type.namespaced || narrowed !== '')
  return { namespace: narrowed, name: isOne ? name : undefined }
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
/** What may stand between two slashes of a path. */
const SEGMENT = /^(?!\.{1,2}$)[^/%]+$/

/** Which state a list is of. */
interface Reading {
  /** Exactly this one; otherwise the newest, which must have reached it. */
  readonly isExact: boolean
  readonly revision: bigint
  /** Until it exists, for a moment: the watch cache does, storage does not. */
  readonly waits: boolean
  readonly token: Token | undefined
}

/** storage/cacher/delegator: what is asked for by `resourceVersion`, how it is to match, `limit` and `continue`. */
function readingOf({ isUncached = false }: ResourceType, { name }: Scope, options: ListOptions): Reading {
  const { resourceVersion, resourceVersionMatch: match, limit } = options
  if (options.continue !== '') return { ...continued(options), waits: !isUncached }
  const revision = parseRevision(resourceVersion, (why) => badRequest(`invalid resource version: ${why}`))
  // Before there was a match to choose, a page was of exactly the version that was asked for.
  const isPage = match === '' && limit > 0 && revision > 0
  const isExact = match === 'Exact' || (isPage && name === undefined)
  // A single object of the past, or of the future, is read from storage.
  const waits = !isUncached && (name === undefined || !(isExact || isPage))
  return { isExact, revision, waits, token: undefined }
}

function continued(options: ListOptions): Omit<Reading, 'waits'> {
  const token = decodeToken(options.continue)
  if (options.resourceVersion !== '' && options.resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  const isExact = token.revision > 0
  return { isExact, revision: isExact ? BigInt(token.revision) : 0n, token }
}

/** "Any version" is answered from the watch cache, which does not page. */
const limitOf = ({ isUncached }: ResourceType, { resourceVersion, limit }: ListOptions): number =>
  resourceVersion === '0' && isUncached !== true ? 0 : limit

interface Asked {
  readonly route: Route
  readonly scope: Scope
  readonly reading: Reading
}

/** What may be on the page, in order. */
function candidatesAt(server: Server, { route, scope, reading }: Asked, revision: number): readonly Entry[] {
  const { namespace, name } = scope
  const { isExact, token } = reading
  const table = tableFor(server, route.type)
  const isForgotten = isExact && revision < server.compacted
  const all = isForgotten ? undefined : entriesAt(table, revision)
  if (all === undefined) throw token === undefined ? expiredExact() : expiredPage(token)
  if (name !== undefined)
    return all === table.entries
      ? found(table.byKey.get(keyOf(namespace, name)))
      : one(all, keyOf(namespace, name))
  const prefix = namespace === '' ? '' : `${namespace}/`
  const chosen = rangeOf(all, namespace, token === undefined ? '' : prefix + token.start)
  // The table's own list changes while conversions are waited for.
  return chosen === table.entries && route.type.conversion !== undefined ? [...chosen] : chosen
}

const found = (entry: Entry | undefined): readonly Entry[] => (entry === undefined ? [] : [entry])

function one(all: readonly Entry[], key: string): readonly Entry[] {
  const entry = all[lowerBound(all, key)]
  return found(entry?.key === key ? entry : undefined)
}

interface Paging {
  readonly limit: number
  readonly scope: Scope
  readonly filter: Filter | undefined
  readonly revision: number
}

/** A page ends with the last object that is on it: whether one that follows matches too is not known yet. */
function pageOf(candidates: readonly Entry[], { limit, scope, filter, revision }: Paging): Page {
  const last: Page = { entries: candidates, revision, continue: '', remaining: undefined }
  if (limit <= 0) return filter === undefined ? last : { ...last, entries: candidates.filter(filter) }
  const entries: Entry[] = []
  let next = 0
  while (next < candidates.length && entries.length < limit) {
    const entry = candidates[next++] as Entry
    if (filter === undefined || filter(entry)) entries.push(entry)
  }
  const end = candidates[next - 1]
  if (end === undefined || next === candidates.length) return { ...last, entries }
  const start = `${scope.namespace === '' ? end.key : end.name}\0`
  return {
    entries,
    revision,
    continue: encodeToken({ revision, start }),
    remaining: filter === undefined ? candidates.length - limit : undefined,
  }
}

const expiredExact = () => expired('The resourceVersion for the provided list is too old.')

/** The token to go on with shows what there is now (storage/etcd3/errors.go). */
const expiredPage = ({ start }: Token) =>
  expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    encodeToken({ revision: -1, start }),
  )

/** The list as JSON. */
export function listText(type: ResourceType, page: Page): string {
  const items = page.entries.map((entry) => itemTextOf(type, entry)).join(',')
  const metadata = JSON.stringify(listMetadata(page, type.custom))
  return `{"kind":${JSON.stringify(type.listKind)},"apiVersion":"${apiVersionOf(type)}","metadata":${metadata},"items":[${items}]}`
}

/** `metadata` of a list; custom lists write an empty `continue`. */
export const listMetadata = (page: Page, writesEmpty: boolean) => ({
  resourceVersion: String(page.revision),
  ...(page.continue !== '' || writesEmpty ? { continue: page.continue } : {}),
  ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
})
