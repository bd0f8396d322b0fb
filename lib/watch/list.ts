/** The state of a resource, page by page: for servers without streaming lists, or when one did not come to its end. */
import { type Change, type Changes, isObject } from './change.ts'
import type { Source } from './source.ts'
import { idleSecondsOf, scopeOf } from './source.ts'

/** The page size of client-go's pager. */
const PAGE = 500

/**
 * Yields one batch per page; only the last one says `synced` and has a version, so a failure on the way (thrown) makes
 * nothing look deleted. An expired continue token is such a failure.
 */
export async function* listPages(source: Source): AsyncGenerator<Changes, void, undefined> {
  const { progress, standing } = source
  let objects = 0
  let token: string | undefined
  do {
    const page = await readPage(source, token)
    const changes: Change[] = progress.received === 0 ? [{ type: 'restart' }] : []
    for (const object of page.items)
      if (isObject(object)) changes.push({ type: 'seen', object: object.metadata, initial: true })
    progress.received += 1
    objects += page.items.length
    token = page.continue === '' ? undefined : page.continue
    if (token === undefined) {
      changes.push({ type: 'synced' })
      progress.resourceVersion = page.resourceVersion
      standing.synced(`${objects} objects`)
    }
    yield { changes, cursor: { resourceVersion: progress.resourceVersion } }
  } while (token !== undefined)
}

/** One page. A server that does not answer within the idle limit is given up. */
async function readPage({ resource, watching, signal }: Source, token: string | undefined) {
  const seconds = idleSecondsOf(watching)
  const giveUp = new AbortController()
  const cancel = watching.clock.after(seconds * 1000, () =>
    giveUp.abort(new Error(`no answer in ${seconds} s`)),
  )
  try {
    return await watching.api.list(resource, {
      ...scopeOf(watching),
      limit: PAGE,
      ...(token === undefined ? {} : { continue: token }),
      signal: AbortSignal.any([signal, giveUp.signal]),
    })
  } finally {
    cancel()
  }
}
