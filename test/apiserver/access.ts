/** Users, roles and questions about them, for tests of the API server. */
import type { Api, Body, Response } from './client.ts'

const GROUP = 'rbac.authorization.k8s.io'
export const RBAC = `/apis/${GROUP}/v1`
export const ACCESS = '/apis/authorization.k8s.io/v1'
export const IDENTITY = '/apis/authentication.k8s.io/v1'
export const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts'

export interface Subject {
  kind: string
  name: string
  apiGroup?: string
  namespace?: string
}

export const user = (name: string): Subject => ({ kind: 'User', apiGroup: GROUP, name })
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup: GROUP, name })
export const accountIn = (namespace: string, name: string): Subject => ({
  kind: 'ServiceAccount',
  namespace,
  name,
})

export interface Rule {
  verbs: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

export const role = (name: string, rules: Rule[] | null, kind = 'Role', more: object = {}) => ({
  apiVersion: `${GROUP}/v1`,
  kind,
  metadata: { name },
  rules,
  ...more,
})

/** `to` is `Role/name` or `ClusterRole/name`. */
export function binding(name: string, to: string, subjects: Subject[], kind = 'RoleBinding') {
  const [roleKind, roleName] = to.split('/')
  return {
    apiVersion: `${GROUP}/v1`,
    kind,
    metadata: { name },
    subjects,
    roleRef: { apiGroup: GROUP, kind: roleKind, name: roleName },
  }
}

let count = 0

/** A role with one rule, bound to the subject: in a namespace, or ('') in the whole cluster. Resolves with its name. */
export async function allow(api: Api, rule: Rule, subject: Subject, namespace = ''): Promise<string> {
  const name = `r${++count}`
  const [path, kind, roles] =
    namespace === ''
      ? [RBAC, 'ClusterRole', 'clusterroles']
      : [`${RBAC}/namespaces/${namespace}`, 'Role', 'roles']
  await api.post(`${path}/${roles}`, role(name, [rule], kind))
  await api.post(
    `${path}/${kind.toLowerCase()}bindings`,
    binding(name, `${kind}/${name}`, [subject], `${kind}Binding`),
  )
  return name
}

/** Sends a request as somebody else. */
export const as = (api: Api, username: string, ...groups: string[]) => {
  const headers = { 'impersonate-user': username, 'impersonate-group': groups }
  return {
    get: (path: string) => api.send('GET', path, { headers }),
    post: (path: string, body: unknown) => api.send('POST', path, { body, headers }),
    put: (path: string, body: unknown) => api.send('PUT', path, { body, headers }),
    merge: (path: string, body: unknown) =>
      api.send('PATCH', path, { body, headers, type: 'application/merge-patch+json' }),
    apply: (path: string, body: unknown) =>
      api.send('PATCH', `${path}?fieldManager=m`, { body, headers, type: 'application/apply-patch+yaml' }),
    send: (method: string, path: string) => api.send(method, path, { headers }),
  }
}

export const review = (kind: string, spec: unknown, metadata: object = {}) => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind,
  metadata,
  spec,
})

/** The status of a SubjectAccessReview: may somebody do that? */
export async function may(api: Api, spec: object): Promise<Body['status']> {
  const { body } = await api.post(`${ACCESS}/subjectaccessreviews`, review('SubjectAccessReview', spec))
  return body.status
}

export const tokenRequest = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  metadata,
  spec,
})

/** What a token proves. */
export const reviewToken = (api: Api, token: unknown, audiences?: string[]): Promise<Response> =>
  api.post(`${IDENTITY}/tokenreviews`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, ...(audiences === undefined ? {} : { audiences }) },
  })

/** Who a request is made as. */
export async function whoAmI(api: Api, headers: Record<string, string | string[]> = {}): Promise<Response> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  return api.send('POST', `${IDENTITY}/selfsubjectreviews`, { body, headers })
}

/** A service account in the namespace `default`. */
export async function createAccount(api: Api, name: string) {
  const created = await api.post(ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })
  const request = (spec: object = {}) => api.post(`${ACCOUNTS}/${name}/token`, tokenRequest(spec))
  const token = async (spec: object = {}): Promise<string> => String((await request(spec)).body.status.token)
  return {
    uid: created.body.metadata.uid,
    subject: accountIn('default', name),
    request,
    token,
    bearer: async (spec: object = {}) => ({ authorization: `Bearer ${await token(spec)}` }),
  }
}

/** The claims of a token, unverified. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
