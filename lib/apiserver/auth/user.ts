/** Somebody who asks: a name, groups, and what else is known of them. How that is found out is in `authenticate.ts`. */
import type { JsonObject } from '../resource.ts'
import { labelProblems, subdomainProblems } from '../schema/names.ts'

/** `UserInfo` of authentication.k8s.io/v1. */
export interface User {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Whoever is in this group may do everything, whatever roles say. */
export const MASTERS = 'system:masters'
const AUTHENTICATED = 'system:authenticated'
const UNAUTHENTICATED = 'system:unauthenticated'

/** Who asks without credentials: this server is for its own machine, which is trusted. */
export const ADMINISTRATOR: User = { username: 'system:admin', groups: [MASTERS, AUTHENTICATED] }

export const isMaster = ({ groups }: User): boolean => groups.includes(MASTERS)

const SERVICE_ACCOUNT = 'system:serviceaccount:'

export const serviceAccountName = (namespace: string, name: string): string =>
  `${SERVICE_ACCOUNT}${namespace}:${name}`

/** The groups that every service account of a namespace is in, but for that of all who are authenticated. */
export const serviceAccountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
]

/** A service account that has proved who it is. */
export const serviceAccount = (namespace: string, name: string): User => ({
  username: serviceAccountName(namespace, name),
  groups: [...serviceAccountGroups(namespace), AUTHENTICATED],
})

/** A service account of the control plane, by which its controllers write. */
export const controllerUser = (name: string): User => serviceAccount('kube-system', name)

/** The service account that a user name means, or undefined for names of others. */
export function serviceAccountOf(username: string): { namespace: string; name: string } | undefined {
  if (!username.startsWith(SERVICE_ACCOUNT)) return undefined
  const [namespace = '', name = '', ...rest] = username.slice(SERVICE_ACCOUNT.length).split(':')
  if (rest.length > 0 || labelProblems(namespace).length > 0 || subdomainProblems(name).length > 0)
    return undefined
  return { namespace, name }
}

const NODE = 'system:node:'

/** The node that a user name means, or undefined for names of others. */
export function nodeOf(username: string): string | undefined {
  const name = username.startsWith(NODE) ? username.slice(NODE.length) : ''
  return subdomainProblems(name).length === 0 ? name : undefined
}

/** Adds the group of those who proved who they are, or of those who did not; who is in the latter stays there. */
export function withAuthentication(user: User): User {
  const { username, groups } = user
  const own = username === 'system:anonymous' ? UNAUTHENTICATED : AUTHENTICATED
  if (groups.includes(own) || groups.includes(UNAUTHENTICATED)) return user
  return { ...user, groups: [...groups, own] }
}

/** As JSON. */
export const userInfo = ({ username, uid, groups, extra }: User): JsonObject => ({
  username,
  ...(uid === undefined ? {} : { uid }),
  groups: [...groups],
  ...(extra === undefined
    ? {}
    : { extra: Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, [...values]])) }),
})
