/** The `Impersonate-` headers: whom a request wants to be made as, told as it stands. */
import type { ApiRequest } from '../server.ts'
import { badRequest } from '../status.ts'
import type { User } from './user.ts'

const PREFIX = 'impersonate-'
const EXTRA = 'impersonate-extra-'

/** Does the request have any such header? Most have none, and pay no more than this. */
export function wantsToImpersonate({ headers }: ApiRequest): boolean {
  for (const name in headers) if (name.startsWith(PREFIX)) return true
  return false
}

/** The wanted user, or undefined where none is named. Groups are those of the headers alone. Throws 400. */
export function wantedUser(request: ApiRequest): User | undefined {
  const lines = request.headerLines()
  const username = lines['impersonate-user']?.[0] ?? ''
  const uid = lines['impersonate-uid']?.[0] ?? ''
  const groups = lines['impersonate-group'] ?? []
  const extra = new Map<string, string[]>()
  for (const [name, values = []] of Object.entries(lines)) {
    if (!name.startsWith(EXTRA)) continue
    const key = unescaped(name.slice(EXTRA.length))
    extra.set(key, [...(extra.get(key) ?? []), ...values])
  }
  if (username !== '')
    return {
      username,
      groups,
      ...(uid === '' ? {} : { uid }),
      ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
    }
  if (uid === '' && groups.length === 0 && extra.size === 0) return undefined
  throw badRequest(`requested ${goText(uid, groups, extra)} without impersonating a user name`)
}

/** Keys are percent-encoded; what is not is taken as it stands. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch (error) {
    if (error instanceof URIError) return key
    throw error
  }
}

/** As Go prints a user with %#v. */
function goText(
  uid: string,
  groups: readonly string[],
  extra: ReadonlyMap<string, readonly string[]>,
): string {
  const list = (values: readonly string[]) =>
    `[]string${values.length === 0 ? '(nil)' : `{${values.map((one) => JSON.stringify(one)).join(', ')}}`}`
  const entries = [...extra].sort(([one], [other]) => (one < other ? -1 : 1))
  const members = entries.map(([key, values]) => `${JSON.stringify(key)}:${list(values)}`)
  const map = `map[string][]string${members.length === 0 ? '(nil)' : `{${members.join(', ')}}`}`
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${list(groups)}, Extra:${map}}`
}
