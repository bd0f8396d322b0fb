/** What has to be allowed to somebody who wants to act for another, one by one in the order in which it is asked. */
import { domainPathProblems } from '../schema/names.ts'
import type { Access, ResourceAccess } from './access.ts'
import type { Way } from './impersonate.ts'
import { aggregate } from './rbac.ts'
import { MASTERS, nodeOf, serviceAccountOf, type User } from './user.ts'

/** `never` says why nobody is allowed that, whatever roles say. */
export interface Need {
  readonly what: Access
  readonly never?: string
}

const AUTHENTICATION = 'authentication.k8s.io'

/** The needs of one way of acting for this user; the first that is not met refuses it. */
export function* needsOf(way: Way, { username, uid, groups, extra = {} }: User): Generator<Need> {
  const need = (resource: string, name: string, more: Partial<ResourceAccess> = {}): Need => ({
    what: {
      type: 'resource',
      verb: way === '' ? 'impersonate' : `impersonate:${way}`,
      group: way === '' ? '' : AUTHENTICATION,
      resource,
      subresource: '',
      namespace: '',
      name,
      ...more,
    },
  })
  const account = serviceAccountOf(username)
  const node = way === '' ? undefined : nodeOf(username)
  if (account !== undefined) yield need('serviceaccounts', account.name, { namespace: account.namespace })
  else if (node !== undefined) yield need('nodes', way === 'associated-node' ? '*' : node)
  else yield need('users', username)
  if (uid !== undefined) yield need('uids', uid, { group: AUTHENTICATION })
  const group = way === '' ? undefined : forbiddenGroup(groups)
  if (group !== undefined) yield { ...need('groups', group.name), never: group.why }
  for (const name of groups) yield need('groups', name)
  const problem = way === '' ? undefined : extraProblem(extra)
  if (problem !== undefined) yield { ...need('userextras', ''), never: problem }
  for (const [key, values] of Object.entries(extra))
    for (const value of values) yield need('userextras', value, { group: AUTHENTICATION, subresource: key })
}

function forbiddenGroup(groups: readonly string[]): { name: string; why: string } | undefined {
  if (groups.includes('')) return { name: '', why: 'impersonating the empty string group is not allowed' }
  if (!groups.includes(MASTERS)) return undefined
  return { name: MASTERS, why: `impersonating the ${MASTERS} group is not allowed` }
}

function extraProblem(extra: NonNullable<User['extra']>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed'
    const problems = domainPathProblems(key)
    if (problems.length > 0)
      return `impersonating an invalid key in extra is not allowed: ${aggregate(problems.map((text) => `extra.key: ${text}`))}`
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  }
  return undefined
}
