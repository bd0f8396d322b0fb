/** Access reviews, tokens, and what a user without rights is told. */
import type { Source } from '../record/recorder.ts'
const review = (kind: string, spec: object) => ({ apiVersion: 'authorization.k8s.io/v1', kind, spec })

export const scenarios: readonly Source[] = [
  [
    'self-subject-access-review',
    'SelfSubjectAccessReview and SelfSubjectRulesReview.',
    async (t) => {
      const p = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      await t.post(
        p,
        review('SelfSubjectAccessReview', {
          resourceAttributes: { verb: 'create', resource: 'configmaps', namespace: 'default' },
        }),
      )
      await t.post(
        p,
        review('SelfSubjectAccessReview', { nonResourceAttributes: { verb: 'get', path: '/healthz' } }),
      )
      await t.post(p, review('SelfSubjectAccessReview', {}))
      await t.post(
        p,
        review('SelfSubjectAccessReview', {
          resourceAttributes: { verb: 'get', resource: 'pods' },
          nonResourceAttributes: { verb: 'get', path: '/' },
        }),
      )
      await t.post(
        p,
        review('SelfSubjectAccessReview', { resourceAttributes: { verb: 'get', resource: 'pods' } }),
        { headers: { 'impersonate-user': 'nobody' } },
      )
      await t.get(p)
      await t.post(p, {
        ...review('SelfSubjectAccessReview', { resourceAttributes: { verb: 'get', resource: 'pods' } }),
        metadata: { namespace: 'x' },
      })
    },
  ],
  [
    'subject-access-review',
    'SubjectAccessReview and LocalSubjectAccessReview.',
    async (t) => {
      await t.ns()
      const p = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
      await t.post(
        p,
        review('SubjectAccessReview', {
          user: 'nobody',
          resourceAttributes: { verb: 'get', resource: 'pods', namespace: t.N },
        }),
      )
      await t.post(
        p,
        review('SubjectAccessReview', {
          user: 'root',
          groups: ['system:masters'],
          resourceAttributes: { verb: 'get', resource: 'pods', namespace: t.N },
        }),
      )
      await t.post(
        p,
        review('SubjectAccessReview', {
          user: 'x',
          groups: ['system:authenticated'],
          nonResourceAttributes: { verb: 'get', path: '/healthz' },
        }),
        { mask: { '/status/reason': '<any>' }, note: 'Two bindings allow it; either may be named.' },
      )
      await t.post(
        p,
        review('SubjectAccessReview', { resourceAttributes: { verb: 'get', resource: 'pods' } }),
      )
      await t.post(p, review('SubjectAccessReview', { user: 'x' }))
      const rb = '/apis/rbac.authorization.k8s.io/v1/namespaces'
      await t.post(`${rb}/${t.N}/roles`, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'reader' },
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
      })
      await t.post(`${rb}/${t.N}/rolebindings`, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'reader' },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `user-${t.run}` }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      })
      await t.pause(1, 'Role bindings take effect after a moment.')
      await t.post(
        p,
        review('SubjectAccessReview', {
          user: `user-${t.run}`,
          resourceAttributes: { verb: 'get', resource: 'configmaps', namespace: t.N },
        }),
      )
      await t.post(`/apis/authorization.k8s.io/v1/namespaces/${t.N}/localsubjectaccessreviews`, {
        ...review('LocalSubjectAccessReview', {
          user: `user-${t.run}`,
          resourceAttributes: { verb: 'delete', resource: 'configmaps', namespace: t.N },
        }),
        metadata: { namespace: t.N },
      })
      await t.post(`/apis/authorization.k8s.io/v1/namespaces/${t.N}/localsubjectaccessreviews`, {
        ...review('LocalSubjectAccessReview', {
          user: `user-${t.run}`,
          resourceAttributes: { verb: 'delete', resource: 'configmaps', namespace: 'other' },
        }),
        metadata: { namespace: t.N },
      })
    },
  ],
  [
    'forbidden',
    '403 for a user without rights: messages by verb, group, namespace and subresource.',
    async (t) => {
      await t.ns()
      const h = { headers: { 'impersonate-user': 'alice' } }
      await t.get(`${t.core}/configmaps`, h)
      await t.get(`${t.core}/configmaps/x`, h)
      await t.get('/api/v1/namespaces', h)
      await t.get('/api/v1/configmaps', h)
      await t.post(
        `${t.core}/configmaps`,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
        h,
      )
      await t.post(
        `${t.core}/configmaps`,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'other' } },
        h,
      )
      await t.merge(`${t.apps}/deployments/d/status`, {}, h)
      await t.merge(`${t.apps}/deployments/d/scale`, {}, h)
      await t.del(`${t.apps}/deployments/d`, undefined, h)
      await t.del(`${t.apps}/deployments`, undefined, h)
      await t.watch(`${t.core}/configmaps?watch=true`, h)
      await t.get('/apis/none.example.com/v1/things', h)
      await t.get('/healthz', h)
      await t.get('/metrics', h)
      await t.get('/version', { ...h, pick: ['/major', '/minor'] })
      await t.get('/apis', { ...h, pick: ['/kind', '/groups[name=apps]'] })
    },
  ],
  [
    'token-request',
    'TokenRequest for a service account; its use.',
    async (t) => {
      await t.ns()
      await t.post(`${t.core}/serviceaccounts`, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'robot' },
      })
      const p = `${t.core}/serviceaccounts/robot/token`
      const tr = (spec: unknown) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })
      const mask = { '/status/token': '<any>', '/spec/audiences/0': '<any>' }
      await t.post(p, tr({ audiences: ['me'], expirationSeconds: 3600 }), { mask })
      await t.post(p, tr({}), { mask })
      await t.post(p, tr({ expirationSeconds: 10 }))
      await t.post(`${t.core}/serviceaccounts/absent/token`, tr({}))
      await t.post(p, tr({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'absent' } }))
      await t.post(
        '/apis/authentication.k8s.io/v1/tokenreviews',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'nonsense' } },
        { mask: { '/status/error': '<any>' } },
      )
      await t.get(p)
    },
  ],
]
