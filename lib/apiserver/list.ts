/**
 * GET on a collection: selects, pages and encodes. Pages after the first are of the revision of the first, so a paged list
 * is one consistent state.
 */
import { converted } from './conversion/convert.ts'
import { jsonKind } from './decodeProblem.ts'
import { apiVersionOf, itemTextOf, objectOf } from './encode.ts'
import { labelsOf } from './metadata.ts'
import { type ListOptions, parseRevision } from './options.ts'
import type { Json, ResourceType } from './resource.ts'
import type { Route } from './route.ts'
import { parseFieldSelector, pinnedName } from './selector/fields.ts'
import { parseLabelSelector } from './selector/labels.ts'
import { type Server, tableFor } from './server.ts'
import { badRequest, expired, tooLargeVersion } from './status.ts'
import { type Entry, entriesAt, keyOf, rangeOf, type Table } from './store.ts'

/** Decides which entries a list or watch sees; undefined when it sees all of them. */
export type Filter = (entry: Entry) => boolean

/** The filter of the selectors. Throws 400. */
export function filterOf(options: ListOptions, type: ResourceType): Filter | undefined {
  const labels = parseLabelSelector(options.labelSelector)
  const fields = parseFieldSelector(options.fieldSelector, type)
  if (labels === undefined && fields === undefined) return undefined
  return (entry) =>
    (labels === undefined || labels(labelsOf(entry.object))) &&
    (fields === undefined || fields(objectOf(type, entry)))
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
  const table = tableFor(server, route.type)
  const start = startOf(server, options)
  const { revision } = server.store
  const all = entriesAt(table, start.revision ?? revision)
  if (all === undefined) throw options.continue === '' ? expiredExact() : expiredPage()
  const chosen = pinned(table, route, options, start) ?? rangeOf(all, route.namespace, start.key)
  // The table's own list changes while conversions are waited for.
  const candidates = route.type.conversion === undefined ? chosen : [...chosen]
  // Only fields are looked at in the version of the request.
  const reading = options.fieldSelector === '' ? undefined : converted(server, route.type, candidates)
  if (reading !== undefined) await reading
  const page = pageOf(route, options, start.revision ?? revision, { candidates, filter })
  const writing = converted(server, route.type, page.entries)
  if (writing !== undefined) await writing
  return page
}

function pageOf(
  route: Route,
  options: ListOptions,
  revision: number,
  { candidates, filter }: { candidates: readonly Entry[]; filter: Filter | undefined },
): Page {
  const matching = filter === undefined ? candidates : candidates.filter(filter)
  // "Any version" is answered from the watch cache, which does not page.
  const limit = options.resourceVersion === '0' ? 0 : options.limit
  if (limit <= 0 || matching.length <= limit)
    return { entries: matching, revision, continue: '', remaining: undefined }
  const last = matching[limit - 1] as Entry
  return {
    entries: matching.slice(0, limit),
    revision,
    continue: encodeToken(revision, route.namespace, last.key),
    remaining: filter === undefined ? matching.length - limit : undefined,
  }
}

/** One name asked for by field selector: no scan. Only for the newest state. */
function pinned(
  table: Table,
  route: Route,
  options: ListOptions,
  start: Start,
): readonly Entry[] | undefined {
  if (start.revision !== undefined || (route.type.namespaced && route.namespace === '')) return undefined
  const name = pinnedName(options.fieldSelector)
  if (name === undefined) return undefined
  const entry = table.byKey.get(keyOf(route.namespace, name))
  return entry === undefined ? [] : [entry]
}

interface Start {
  /** Undefined: the newest. */
  revision: number | undefined
  /** The first key that may be on the page. */
  key: string
}

function startOf(server: Server, options: ListOptions): Start {
  const asked = parseRevision(options.resourceVersion, (why) =>
    badRequest(`invalid resource version: ${why}`),
  )
  if (options.continue !== '') {
    if (asked !== undefined && asked !== 0)
      throw badRequest('specifying resource version is not allowed when using continue')
    const token = decodeToken(options.continue)
    if (token.revision > 0 && token.revision < server.compacted) throw expiredPage()
    return { revision: token.revision > 0 ? token.revision : undefined, key: `${token.start}\0` }
  }
  if (asked !== undefined && asked > server.store.revision)
    throw tooLargeVersion(asked, server.store.revision)
  if (options.resourceVersionMatch !== 'Exact' || asked === undefined) return { revision: undefined, key: '' }
  if (asked < server.compacted) throw expiredExact()
  return { revision: asked, key: '' }
}

const expiredExact = () => expired('The resourceVersion for the provided list is too old.')

const expiredPage = () =>
  expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
  )

const TOKEN_VERSION = 'meta.k8s.io/v1'

/** A token says where to go on, relative to the namespace that was listed. */
function encodeToken(revision: number, namespace: string, lastKey: string): string {
  const start = namespace === '' ? lastKey : lastKey.slice(namespace.length + 1)
  const token = JSON.stringify({ v: TOKEN_VERSION, rv: revision, start: `${start}\0`, ns: namespace })
  return Buffer.from(token).toString('base64url')
}

const badToken = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)

function decodeToken(text: string): { revision: number; start: string } {
  const strange = /[^A-Za-z0-9_-]/.exec(text)
  if (strange !== null) throw badToken(`illegal base64 data at input byte ${strange.index}`)
  const json = Buffer.from(text, 'base64url').toString('latin1')
  let token: unknown
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw badToken(`invalid character ${quoteByte(json)} looking for beginning of value`)
  }
  if (Array.isArray(token) || (typeof token !== 'object' && token !== undefined))
    throw badToken(
      `json: cannot unmarshal ${jsonKind(token as Json)} into Go value of type storage.continueToken`,
    )
  const { v, rv, start, ns } = (token ?? {}) as { v?: unknown; rv?: unknown; start?: unknown; ns?: unknown }
  if (v !== TOKEN_VERSION) throw badToken(`server does not recognize this encoded version ${String(v ?? '')}`)
  if (typeof start !== 'string' || start === '')
    throw badToken(`encoded start key empty (version ${TOKEN_VERSION})`)
  const within = typeof ns === 'string' && ns !== '' ? `${ns}/` : ''
  return { revision: typeof rv === 'number' ? rv : 0, start: within + start.replace(/\0$/, '') }
}

function quoteByte(text: string): string {
  const code = text.charCodeAt(0)
  return code > 32 && code < 127 ? `'${text[0]}'` : `'\\u${code.toString(16).padStart(4, '0')}'`
}

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
