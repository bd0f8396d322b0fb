/** Request targets: the decoded parts of a path and what follows the question mark, as Go's net/url reads them. */

/** What a request target names. */
export interface Address {
  /** As it came, without the query. */
  readonly path: string
  readonly segments: readonly string[]
  readonly query: URLSearchParams
}

/** Undefined when an escape is broken. */
export function addressOf(target: string): Address | undefined {
  const url = target.startsWith('/') ? target : target.replace(AUTHORITY, '')
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return undefined
  const query = queryOf(at < 0 ? '' : url.slice(at + 1))
  // An escaped slash separates like any other, and those at the end say nothing.
  return { path, query, segments: decoded(path).replace(/^\//, '').replace(/\/+$/, '').split('/') }
}

/** Who believes to speak to a proxy sends the whole URL. */
const AUTHORITY = /^https?:\/\/[^/?#]*/i

function decoded(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    // Its bytes are no UTF-8.
    const bytes = path.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    return Buffer.from(bytes, 'latin1').toString('utf8')
  }
}

/** Go's net/url leaves out what it cannot read: a pair with a semicolon or a broken escape. */
function queryOf(text: string): URLSearchParams {
  if (!/[;%]/.test(text)) return new URLSearchParams(text)
  const pairs = text.split('&').filter((pair) => !/;|%(?![0-9a-fA-F]{2})/.test(pair))
  return new URLSearchParams(pairs.join('&'))
}
