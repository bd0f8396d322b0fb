/**
 * Acting for somebody else: may a user do that? The constrained ways, each of which needs the right to act so and the right
 * to do the thing at hand while acting so, are tried before the old one
 * (k8s.io/apiserver/pkg/endpoints/filters/impersonation).
 */
import type { Server } from '../server.ts'
import { StatusError } from '../status.ts'
import { type Access, forbiddenAccess } from './access.ts'
import { type Need, needsOf } from './needs.ts'
import { demand } from './rbac.ts'
import { nodeOf, serviceAccountGroups, serviceAccountOf, type User, withAuthentication } from './user.ts'

/** Somebody who wants to act for another, and what they are about to do. */
export interface Attempt {
  readonly asker: User
  readonly access: Access
  /** As the headers have it: without the groups that come by themselves. */
  readonly wanted: User
}

/** A way of acting for somebody: a part of its verbs, '' for the one that came first and knows no limits. */
export type Way = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | ''

const WAYS: readonly Way[] = ['associated-node', 'arbitrary-node', 'serviceaccount', 'user-info', '']

/** The real server forgets who acted for whom, too, when there are more of them. */
const MAX_REMEMBERED = 10_000

/** The user that the request is made as from here on. Throws 403. */
export function impersonate(server: Server, attempt: Attempt): User {
  const { username } = attempt.asker
  const last = server.impersonations.get(username)
  // What worked last time is tried first, and its refusal is what is told.
  const ways = last === undefined ? WAYS : [last, ...WAYS.filter((way) => way !== last)]
  let refusal: StatusError | undefined
  for (const way of ways) {
    if (!isFor(way, attempt)) continue
    try {
      const user = actBy(server, way, attempt)
      if (server.impersonations.size >= MAX_REMEMBERED) server.impersonations.clear()
      server.impersonations.set(username, way)
      return user
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      refusal ??= error
    }
  }
  throw refusal ?? new Error('the old way of impersonation is for everybody')
}

function isFor(way: Way, { asker, wanted }: Attempt): boolean {
  const { username } = wanted
  const isAlone = wanted.uid === undefined && wanted.groups.length === 0 && wanted.extra === undefined
  const node = nodeOf(username)
  switch (way) {
    case 'associated-node':
      return isAlone && node !== undefined && isOnNode(asker, node)
    case 'arbitrary-node':
      return isAlone && node !== undefined
    case 'serviceaccount':
      return isAlone && serviceAccountOf(username) !== undefined
    case 'user-info':
      return node === undefined && serviceAccountOf(username) === undefined
    default:
      return true
  }
}

/** Is it a service account whose pod runs there? */
function isOnNode({ username, extra }: User, node: string): boolean {
  const nodes = extra?.['authentication.kubernetes.io/node-name'] ?? []
  return serviceAccountOf(username) !== undefined && nodes.length === 1 && nodes[0] === node
}

/** Throws 403. */
function actBy(server: Server, way: Way, { asker, access, wanted }: Attempt): User {
  const check = ({ what, never }: Need) => {
    if (never !== undefined) throw forbiddenAccess(asker, what, never)
    demand(server, asker, what)
  }
  if (way !== '') check({ what: { ...access, verb: `impersonate-on:${way}:${access.verb}` } })
  for (const need of needsOf(way, wanted)) check(need)
  const groups = wanted.groups.length > 0 ? wanted.groups : groupsOf(way, wanted.username)
  return withAuthentication({ ...wanted, groups })
}

/** The groups that go without saying. */
function groupsOf(way: Way, username: string): readonly string[] {
  const account = serviceAccountOf(username)
  if (account !== undefined) return serviceAccountGroups(account.namespace)
  return way !== '' && nodeOf(username) !== undefined ? ['system:nodes'] : []
}
