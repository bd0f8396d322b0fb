/** The roles that every cluster has from its start, and who may write roles. Compared with a kube-apiserver v1.36. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allow, as, binding, may, RBAC, role, user } from './access.ts'
import { type Api, type Body, startServer } from './client.ts'

const ROLES = `${RBAC}/namespaces/default/roles`
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`
const CLUSTER_ROLES = `${RBAC}/clusterroles`

/** Is it allowed in the namespace `default`? */
async function isAllowed(api: Api, username: string, attributes: object): Promise<unknown> {
  const resourceAttributes = { namespace: 'default', ...attributes }
  return (await may(api, { user: username, resourceAttributes })).allowed
}

describe('the roles of every cluster', () => {
  it('are there before the first request, and may be changed and deleted', async (t) => {
    const api = await startServer(t)
    const { body } = await api.get(CLUSTER_ROLES)
    const names = body.items.map(({ metadata }) => metadata.name)
    for (const name of ['cluster-admin', 'admin', 'edit', 'view', 'system:node', 'system:auth-delegator'])
      assert.ok(names.includes(name), name)
    assert.deepEqual(names, [...names].sort())
    const admin = (await api.get(`${CLUSTER_ROLES}/cluster-admin`)).body as Body & { rules: unknown }
    assert.deepEqual(admin.rules, [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ])
    const versions = body.items.map(({ metadata }) => metadata.resourceVersion)
    assert.equal(new Set(versions).size, versions.length)
    assert.deepEqual(admin.metadata.labels, { 'kubernetes.io/bootstrapping': 'rbac-defaults' })
    assert.equal((await api.merge(`${CLUSTER_ROLES}/view`, { metadata: { labels: { a: 'b' } } })).status, 200)
    assert.equal((await api.remove(`${CLUSTER_ROLES}/system:heapster`)).status, 200)
    assert.equal((await api.get(`${CLUSTER_ROLES}/system:heapster`)).status, 404)
  })

  it('are watched like any other', async (t) => {
    const api = await startServer(t)
    const { resourceVersion } = (await api.get(CLUSTER_ROLES)).body.metadata
    const watch = await api.watch(`${CLUSTER_ROLES}?watch=1&resourceVersion=${resourceVersion}`)
    await api.post(CLUSTER_ROLES, role('mine', [], 'ClusterRole'))
    const line = await watch.next()
    watch.close()
    assert.deepEqual([line?.type, line?.object.metadata.name], ['ADDED', 'mine'])
    assert.equal(line?.object.metadata.resourceVersion, String(Number(resourceVersion) + 1))
  })

  it('let view, edit and admin be bound to somebody in a namespace', async (t) => {
    const api = await startServer(t)
    for (const name of ['view', 'edit', 'admin'])
      await api.post(BINDINGS, binding(name, `ClusterRole/${name}`, [user(name)]))
    const allowed = (attributes: object) =>
      Promise.all(['view', 'edit', 'admin'].map((who) => isAllowed(api, who, attributes)))
    assert.deepEqual(await allowed({ verb: 'list', resource: 'pods' }), [true, true, true])
    assert.deepEqual(await allowed({ verb: 'get', resource: 'secrets' }), [false, true, true])
    assert.deepEqual(await allowed({ verb: 'create', group: 'apps', resource: 'deployments' }), [
      false,
      true,
      true,
    ])
    assert.deepEqual(
      await allowed({ verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'roles' }),
      [false, false, true],
    )
    assert.deepEqual(await allowed({ verb: 'list', resource: 'nodes' }), [false, false, false])
  })

  it('gather what has their label, through each other, and let it go', async (t) => {
    const api = await startServer(t)
    const rule = { verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] }
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    const hasRule = ({ object }: { object: Body }) => {
      const { rules } = object as Body & { rules: { apiGroups?: string[] }[] }
      return rules.some(({ apiGroups }) => apiGroups?.includes('example.com'))
    }
    const watch = await api.watch(`${CLUSTER_ROLES}?watch=1&fieldSelector=metadata.name=admin`)
    assert.equal((await watch.next())?.type, 'ADDED')
    await api.post(CLUSTER_ROLES, {
      ...role('widgets', [rule], 'ClusterRole'),
      metadata: { name: 'widgets', labels },
    })
    const gathered = await watch.next()
    assert.ok(gathered !== undefined && hasRule(gathered))
    const [manager] = gathered.object.metadata.managedFields as { manager: string; operation: string }[]
    assert.deepEqual([manager?.manager, manager?.operation], ['clusterrole-aggregation-controller', 'Apply'])
    await api.remove(`${CLUSTER_ROLES}/widgets`)
    const released = await watch.next()
    watch.close()
    assert.ok(released !== undefined && !hasRule(released))
  })

  it('are left as they are without controllers, as by a bare kube-apiserver', async (t) => {
    const api = await startServer(t, { controllers: false })
    const view = (await api.get(`${CLUSTER_ROLES}/view`)).body as Body & { rules: unknown }
    assert.equal(view.rules, null)
    const managers = view.metadata.managedFields as { manager: string; fieldsV1: object }[]
    assert.deepEqual(
      managers.map(({ manager }) => manager),
      ['kube-apiserver'],
    )
  })
})

describe('who writes roles', () => {
  it('can give away only what they have', async (t) => {
    const api = await startServer(t)
    const apiGroups = ['rbac.authorization.k8s.io']
    const me = as(api, 'me', 'us')
    await allow(
      api,
      { verbs: ['create', 'patch'], apiGroups, resources: ['roles', 'rolebindings'] },
      user('me'),
      'default',
    )
    await allow(
      api,
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] },
      user('me'),
      'default',
    )
    await allow(
      api,
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['s'] },
      user('me'),
      'default',
    )
    await allow(
      api,
      { verbs: ['update'], apiGroups: ['apps'], resources: ['*/scale'] },
      user('me'),
      'default',
    )
    const core = ['']
    assert.equal(
      (await me.post(ROLES, role('a', [{ verbs: ['get'], apiGroups: core, resources: ['configmaps'] }])))
        .status,
      201,
    )
    const cases: [object[], string[]][] = [
      [
        [{ verbs: ['get', 'delete'], apiGroups: ['', 'x'], resources: ['configmaps', 'secrets'] }],
        [
          '{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}',
          '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
          '{APIGroups:["x"], Resources:["configmaps"], Verbs:["get" "delete"]}',
          '{APIGroups:["x"], Resources:["secrets"], Verbs:["get" "delete"]}',
        ],
      ],
      [
        [{ verbs: ['get'], apiGroups: core, resources: ['secrets'], resourceNames: ['s', 't'] }],
        ['{APIGroups:[""], Resources:["secrets"], ResourceNames:["t"], Verbs:["get"]}'],
      ],
      [
        [{ verbs: ['update'], apiGroups: ['apps'], resources: ['deployments/scale', 'deployments'] }],
        ['{APIGroups:["apps"], Resources:["deployments"], Verbs:["update"]}'],
      ],
    ]
    for (const [rules, missing] of cases) {
      const { status, body } = await me.post(ROLES, role('b', rules as []))
      assert.deepEqual(
        [status, body.message],
        [
          403,
          `roles.rbac.authorization.k8s.io "b" is forbidden: user "me" (groups=["us" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${missing.join('\n')}`,
        ],
      )
    }
    await api.post(ROLES, role('big', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]))
    assert.equal((await me.merge(`${ROLES}/big`, { metadata: { labels: { a: 'b' } } })).status, 403)
    // What the garbage collector has to do is no escalation.
    assert.equal((await me.merge(`${ROLES}/big`, { metadata: { finalizers: ['a/b'] } })).status, 200)
    assert.equal((await me.post(BINDINGS, binding('x', 'Role/a', [user('z')]))).status, 201)
    assert.equal((await me.post(BINDINGS, binding('y', 'Role/big', [user('z')]))).status, 403)
    const lost = await me.post(BINDINGS, binding('y', 'Role/absent', [user('z')]))
    assert.equal(lost.body.message, 'rolebindings.rbac.authorization.k8s.io "absent" not found')
  })

  it('can with the verbs escalate and bind', async (t) => {
    const api = await startServer(t)
    const apiGroups = ['rbac.authorization.k8s.io']
    const me = as(api, 'me')
    const resources = ['roles', 'rolebindings']
    await api.post(ROLES, role('big', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]))
    await allow(api, { verbs: ['create', 'patch'], apiGroups, resources }, user('me'), 'default')
    await allow(
      api,
      { verbs: ['escalate'], apiGroups, resources: ['roles'], resourceNames: ['big'] },
      user('me'),
      'default',
    )
    await allow(
      api,
      { verbs: ['bind'], apiGroups, resources: ['roles'], resourceNames: ['big'] },
      user('me'),
      'default',
    )
    assert.equal((await me.merge(`${ROLES}/big`, { metadata: { labels: { a: 'b' } } })).status, 200)
    // A create names nothing that `escalate` could be limited to.
    assert.equal(
      (await me.post(ROLES, role('big2', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]))).status,
      403,
    )
    assert.equal((await me.post(BINDINGS, binding('x', 'Role/big', [user('z')]))).status, 201)
    assert.equal(
      (await me.post(BINDINGS, binding('y', 'ClusterRole/cluster-admin', [user('z')]))).status,
      403,
    )
  })

  it('needs everything for an aggregation rule', async (t) => {
    const api = await startServer(t)
    const apiGroups = ['rbac.authorization.k8s.io']
    await allow(api, { verbs: ['create'], apiGroups, resources: ['clusterroles'] }, user('me'))
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
    const { status, body } = await as(api, 'me').post(
      CLUSTER_ROLES,
      role('a', [], 'ClusterRole', { aggregationRule }),
    )
    assert.deepEqual(
      [status, body.message],
      [
        403,
        'clusterroles.rbac.authorization.k8s.io "a" is forbidden: must have cluster-admin privileges to use the aggregationRule',
      ],
    )
  })

  it('is told what is wrong with them', async (t) => {
    const api = await startServer(t)
    const bindings = `${RBAC}/clusterrolebindings`
    const cases: [string, object, string][] = [
      [
        ROLES,
        role('a', [{ verbs: ['get'], nonResourceURLs: ['/x'] }]),
        'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
      ],
      [
        CLUSTER_ROLES,
        role('a', [{ verbs: ['get'], nonResourceURLs: ['/x'], resources: ['a'] }], 'ClusterRole'),
        'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
      ],
      [
        CLUSTER_ROLES,
        role('a', [], 'ClusterRole', { aggregationRule: {} }),
        'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
      ],
      [
        bindings,
        binding('a', 'Role/x', [], 'ClusterRoleBinding'),
        'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
      ],
      [
        bindings,
        binding('a', 'ClusterRole/x', [{ kind: 'ServiceAccount', name: 's' }], 'ClusterRoleBinding'),
        'subjects[0].namespace: Required value',
      ],
      [
        bindings,
        binding('a', 'ClusterRole/x', [{ kind: 'User', apiGroup: 'x', name: 'u' }], 'ClusterRoleBinding'),
        'subjects[0].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
      ],
      [BINDINGS, binding('a', 'ClusterRole/..', []), 'roleRef.name: Invalid value: "..": may not be \'..\''],
    ]
    for (const [path, body, text] of cases) {
      const answer = await api.post(path, body)
      assert.equal(answer.status, 422)
      assert.ok(answer.body.message.endsWith(` is invalid: ${text}`), answer.body.message)
    }
    await api.post(BINDINGS, binding('b', 'Role/x', [user('u')]))
    const changed = await api.merge(`${BINDINGS}/b`, { roleRef: { name: 'y' } })
    assert.ok(
      changed.body.message.endsWith(
        'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"y"}: cannot change roleRef',
      ),
    )
  })
})
