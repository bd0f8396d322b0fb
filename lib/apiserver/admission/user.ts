/** Who asks. Nobody proves who they are to this server: everybody is its administrator, or whom they say they act for. */
import type { JsonObject } from '../resource.ts'
import type { ApiRequest } from '../server.ts'

/** `userInfo` of a review (authentication.k8s.io/v1). */
export interface User {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

const ADMINISTRATOR: User = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] }

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):[^:]+$/

/** A service account of the control plane, by which its controllers write. */
export const controllerUser = (name: string): User =>
  serviceAccount(`system:serviceaccount:kube-system:${name}`)

function serviceAccount(username: string): User {
  const namespace = SERVICE_ACCOUNT.exec(username)?.[1] ?? ''
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return { username, groups }
}

/** The user of a request: the one of its `Impersonate-` headers, else the administrator. */
export function userOf({ headers }: ApiRequest): User {
  const username = headers['impersonate-user']
  if (username === undefined || username === '') return ADMINISTRATOR
  const groups = listOf(headers['impersonate-group'])
  const uid = headers['impersonate-uid']
  const extra: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith('impersonate-extra-'))
      extra[unescaped(name.slice('impersonate-extra-'.length))] = listOf(value)
  const given: User =
    groups.length === 0 && SERVICE_ACCOUNT.test(username)
      ? serviceAccount(username)
      : { username, groups: [...new Set([...groups, authenticationOf(username)])] }
  return {
    ...given,
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

/** Keys are percent-encoded; what is not is taken as it stands, as the real server does. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch (error) {
    if (error instanceof URIError) return key
    throw error
  }
}

const authenticationOf = (username: string): string =>
  username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'

/** Node joins headers of one name by commas. */
const listOf = (header: string | undefined): string[] =>
  (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** As JSON. */
export const userInfo = ({ username, uid, groups, extra }: User): JsonObject => ({
  username,
  ...(uid === undefined ? {} : { uid }),
  groups: [...groups],
  ...(extra === undefined
    ? {}
    : { extra: Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, [...values]])) }),
})
