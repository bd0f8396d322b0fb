/** What somebody may do: rules, reasons and refusals. Compared with a kube-apiserver v1.36. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accountIn, allow, as, binding, createAccount, group, may, RBAC, role, user } from './access.ts'
import { type Api, CONFIGMAPS, defineWidgets, startServer, WIDGETS } from './client.ts'

const ROLES = `${RBAC}/namespaces/default/roles`
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`

/** The reason, or false where it is not allowed. */
async function reasonFor(api: Api, username: string, attributes: object, groups: string[] = []) {
  const status = await may(api, {
    user: username,
    groups,
    resourceAttributes: { namespace: 'default', ...attributes },
  })
  return status.allowed === true ? status.reason : false
}

describe('roles', () => {
  it('R23: allow what their rules say, with names, subresources and stars', async (t) => {
    const api = await startServer(t)
    const apps = ['apps']
    await allow(
      api,
      { verbs: ['get', 'update'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] },
      user('names'),
      'default',
    )
    await allow(
      api,
      { verbs: ['*'], apiGroups: apps, resources: ['deployments/scale', '*/status'] },
      user('parts'),
      'default',
    )
    await allow(api, { verbs: ['get'], apiGroups: ['*'], resources: ['*'] }, user('stars'), 'default')
    const cases: [string, object, boolean][] = [
      ['names', { verb: 'get', resource: 'secrets', name: 'a' }, true],
      ['names', { verb: 'get', resource: 'secrets', name: 'b' }, false],
      ['names', { verb: 'get', resource: 'secrets' }, false],
      ['names', { verb: 'list', resource: 'secrets', name: 'a' }, false],
      ['names', { verb: 'get', resource: 'secrets', name: 'a', namespace: 'other' }, false],
      ['names', { verb: 'get', resource: 'secrets', name: 'a', namespace: '' }, false],
      ['parts', { verb: 'patch', group: 'apps', resource: 'deployments', subresource: 'scale' }, true],
      ['parts', { verb: 'patch', group: 'apps', resource: 'deployments' }, false],
      ['parts', { verb: 'patch', group: 'apps', resource: 'anything', subresource: 'status' }, true],
      ['parts', { verb: 'patch', group: '', resource: 'deployments', subresource: 'scale' }, false],
      ['stars', { verb: 'get', group: 'x.y', resource: 'things', subresource: 'foo' }, true],
      ['stars', { verb: 'list', group: 'x.y', resource: 'things' }, false],
      ['stars', { verb: '*', group: '*', resource: '*' }, false],
    ]
    for (const [who, attributes, expected] of cases)
      assert.equal(
        (await reasonFor(api, who, attributes)) !== false,
        expected,
        JSON.stringify([who, attributes]),
      )
  })

  it('allow paths, also those below one that ends with a star', async (t) => {
    const api = await startServer(t)
    await allow(api, { verbs: ['get'], nonResourceURLs: ['/foo', '/bar/*', '/b*z', '/q**'] }, user('walker'))
    const cases: [string, boolean][] = [
      ['/foo', true],
      ['/foo/', false],
      ['/bar', false],
      ['/bar/', true],
      ['/bar/x/y', true],
      ['/bz', false],
      ['/qqq', true],
      ['foo', false],
    ]
    for (const [path, expected] of cases) {
      const status = await may(api, { user: 'walker', nonResourceAttributes: { path, verb: 'get' } })
      assert.equal(status.allowed, expected, path)
    }
    assert.equal(
      (await may(api, { user: 'walker', nonResourceAttributes: { path: '/foo', verb: 'post' } })).allowed,
      false,
    )
  })

  it('say by which binding they allow, and which roles are bound in vain', async (t) => {
    const api = await startServer(t)
    const pods = { verb: 'list', resource: 'pods' }
    await api.post(ROLES, role('r', [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }]))
    await api.post(
      BINDINGS,
      binding('b', 'Role/r', [
        user('u'),
        group('g'),
        accountIn('other', 's'),
        { kind: 'ServiceAccount', name: 'own' },
      ]),
    )
    await api.post(BINDINGS, binding('v', 'ClusterRole/view', [user('viewer')]))
    const by = 'RBAC: allowed by RoleBinding "b/default" of Role "r" to'
    assert.equal(await reasonFor(api, 'u', pods), `${by} User "u"`)
    assert.equal(await reasonFor(api, 'x', pods, ['f', 'g']), `${by} Group "g"`)
    assert.equal(
      await reasonFor(api, 'system:serviceaccount:other:s', pods),
      `${by} ServiceAccount "s/other"`,
    )
    assert.equal(
      await reasonFor(api, 'system:serviceaccount:default:own', pods),
      `${by} ServiceAccount "own/default"`,
    )
    assert.equal(
      await reasonFor(api, 'viewer', pods),
      'RBAC: allowed by RoleBinding "v/default" of ClusterRole "view" to User "viewer"',
    )
    const cluster = await may(api, {
      user: 'x',
      groups: ['system:monitoring'],
      nonResourceAttributes: { path: '/metrics', verb: 'get' },
    })
    assert.equal(
      cluster.reason,
      'RBAC: allowed by ClusterRoleBinding "system:monitoring" of ClusterRole "system:monitoring" to Group "system:monitoring"',
    )
    await api.post(BINDINGS, binding('lost', 'Role/absent', [user('lost')]))
    const absent = 'role.rbac.authorization.k8s.io "absent" not found'
    assert.deepEqual(
      await may(api, { user: 'lost', resourceAttributes: { namespace: 'default', ...pods } }),
      {
        allowed: false,
        reason: `RBAC: ${absent}`,
      },
    )
    await api.post(BINDINGS, binding('lost2', 'ClusterRole/absent', [user('lost')]))
    assert.equal(
      (await as(api, 'lost').get('/api/v1/namespaces/default/pods')).body.message,
      `pods is forbidden: User "lost" cannot list resource "pods" in API group "" in the namespace "default": RBAC: [${absent}, cluster${absent}]`,
    )
  })

  it('let members of system:masters do everything, without a reason', async (t) => {
    const api = await startServer(t)
    assert.deepEqual(
      await may(api, { groups: ['system:masters'], resourceAttributes: { verb: 'x', resource: 'y' } }),
      { allowed: true },
    )
  })
})

describe('a refusal', () => {
  it('comes before anybody looks whether there is such a thing', async (t) => {
    const api = await startServer(t)
    const alice = as(api, 'alice')
    const cluster = 'at the cluster scope'
    const cases: [string, string, string][] = [
      [
        'GET',
        '/apis/none.example.com/v1/things',
        `things.none.example.com is forbidden: User "alice" cannot list resource "things" in API group "none.example.com" ${cluster}`,
      ],
      ['GET', '/nothing', 'forbidden: User "alice" cannot get path "/nothing"'],
      ['POST', '/healthz', 'forbidden: User "alice" cannot post path "/healthz"'],
      ['GET', '/f%3Co%3E', 'forbidden: User "alice" cannot get path "/f&lt;o&gt;"'],
      [
        'GET',
        '/api/v1/namespaces/n',
        'namespaces "n" is forbidden: User "alice" cannot get resource "namespaces" in API group "" in the namespace "n"',
      ],
      [
        'PUT',
        '/api/v1/namespaces/n/finalize',
        'namespaces "n" is forbidden: User "alice" cannot update resource "namespaces/finalize" in API group "" in the namespace "n"',
      ],
      [
        'GET',
        '/api/v1/watch/pods',
        `pods is forbidden: User "alice" cannot watch resource "pods" in API group "" ${cluster}`,
      ],
      [
        'GET',
        '/api/v1/pods?watch=1&fieldSelector=metadata.name%3Dx',
        `pods "x" is forbidden: User "alice" cannot watch resource "pods" in API group "" ${cluster}`,
      ],
      [
        'GET',
        '/api/v1/pods?limit=z&fieldSelector=metadata.name%3Dx',
        `pods is forbidden: User "alice" cannot list resource "pods" in API group "" ${cluster}`,
      ],
      [
        'DELETE',
        '/api/v1/namespaces/n/pods',
        'pods is forbidden: User "alice" cannot deletecollection resource "pods" in API group "" in the namespace "n"',
      ],
      [
        'PATCH',
        '/apis/apps/v1/namespaces/n/deployments/d/scale',
        'deployments.apps "d" is forbidden: User "alice" cannot patch resource "deployments/scale" in API group "apps" in the namespace "n"',
      ],
    ]
    for (const [method, path, message] of cases) {
      const { status, body } = await alice.send(method, path)
      assert.deepEqual([status, body.reason, body.message], [403, 'Forbidden', message])
    }
    for (const path of ['/healthz', '/version', '/api', '/apis/apps/v1', '/openapi/v3'])
      assert.equal((await alice.get(path)).status, 200, path)
    assert.equal((await api.get('/nothing')).status, 404)
  })

  it('is what listeners hear of: the resource that was wanted', async (t) => {
    const api = await startServer(t)
    const heard: unknown[] = []
    api.server.onRequest(({ verb, resource, name }) => heard.push([verb, resource, name]))
    await as(api, 'alice').get('/apis/apps/v1/namespaces/n/deployments/d/status')
    await as(api, 'alice').get('/nothing')
    assert.deepEqual(heard, [
      ['get', 'deployments/status', 'd'],
      ['other', '', undefined],
    ])
  })

  it('meets custom resources, and a user who may update but not create', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    const apiGroups = ['example.com']
    await allow(
      api,
      { verbs: ['get', 'patch', 'update'], apiGroups, resources: ['widgets'] },
      user('u'),
      'default',
    )
    const u = as(api, 'u')
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } }
    const refused = await u.apply(`${WIDGETS}/w`, widget)
    assert.equal(
      refused.body.message,
      'widgets.example.com "w" is forbidden: User "u" cannot create resource "widgets" in API group "example.com" in the namespace "default"',
    )
    await api.post(WIDGETS, widget)
    assert.equal((await u.apply(`${WIDGETS}/w`, widget)).status, 200)
    assert.equal((await u.get(`${WIDGETS}/w`)).status, 200)
    assert.equal((await u.get(WIDGETS)).status, 403)
  })

  it('follows roles and bindings at once', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const headers = await robot.bearer()
    const list = async () => (await api.send('GET', CONFIGMAPS, { headers })).status
    assert.equal(await list(), 403)
    const name = await allow(
      api,
      { verbs: ['list'], apiGroups: [''], resources: ['configmaps'] },
      robot.subject,
      'default',
    )
    assert.equal(await list(), 200)
    await api.merge(`${ROLES}/${name}`, { rules: [] })
    assert.equal(await list(), 403)
    await api.merge(`${ROLES}/${name}`, { rules: [{ verbs: ['*'], apiGroups: [''], resources: ['*'] }] })
    assert.equal(await list(), 200)
    await api.remove(`${BINDINGS}/${name}`)
    assert.equal(await list(), 403)
  })
})
