/** What kubectl asks about users, roles and tokens. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accountIn, binding, role, user, whoAmI } from './access.ts'
import { skip, startKubectl } from './kubectl.ts'

describe('kubectl and who may do what', { skip }, () => {
  it('R23: auth can-i answers for oneself and for others, with subresources, names and paths', async (t) => {
    const { kubectl } = await startKubectl(t)
    await kubectl(
      'create',
      'clusterrole',
      'r',
      '--verb=get',
      '--resource=pods/log',
      '--resource=secrets',
      '--resource-name=s',
    )
    await kubectl('create', 'clusterrolebinding', 'r', '--clusterrole=r', '--user=bob', '--group=devs')
    const canI = async (...args: string[]) =>
      (await kubectl('auth', 'can-i', ...args)).trim().split('\n').at(-1)
    assert.equal(await canI('*', '*'), 'yes')
    assert.equal(await canI('get', 'pods', '--subresource=log', '--as=bob'), 'no')
    assert.equal(await canI('get', 'secrets/s', '--as=bob'), 'yes')
    assert.equal(await canI('get', 'secrets/t', '--as=bob'), 'no')
    assert.equal(await canI('get', 'secrets/s', '--as=zoe', '--as-group=devs'), 'yes')
    assert.equal(await canI('list', 'secrets', '--as=bob'), 'no')
    assert.equal(await canI('get', '/healthz', '--as=bob'), 'yes')
    assert.equal(await canI('get', '/metrics', '--as=bob'), 'no')
  })

  it('auth can-i --list and auth whoami show what applies, and to whom', async (t) => {
    const { kubectl } = await startKubectl(t)
    const list = await kubectl('auth', 'can-i', '--list', '--as=bob')
    assert.match(list, /selfsubjectaccessreviews\.authorization\.k8s\.io +\[\] +\[\] +\[create\]/)
    assert.match(list, /\[\/openapi\/\*\] +\[\] +\[get\]/)
    assert.doesNotMatch(list, /\*\.\*/)
    assert.match(await kubectl('auth', 'can-i', '--list'), /^\*\.\* +\[\] +\[\] +\[\*\]$/m)
    assert.match(
      await kubectl('auth', 'whoami'),
      /Username +system:admin\nGroups +\[system:masters system:authenticated\]/,
    )
    assert.match(
      await kubectl('auth', 'whoami', '--as=bob', '--as-group=devs', '--as-uid=7'),
      /Username +bob\nUID +7\nGroups +\[devs system:authenticated\]/,
    )
  })

  it('create token gives one that proves the account, and says why it does not', async (t) => {
    const { api, kubectl } = await startKubectl(t)
    await kubectl('create', 'serviceaccount', 'robot')
    const token = (await kubectl('create', 'token', 'robot', '--duration=20m')).trim()
    const { body } = await whoAmI(api, { authorization: `Bearer ${token}` })
    const { username } = body.status.userInfo as { username: string }
    assert.equal(username, 'system:serviceaccount:default:robot')
    assert.match(await kubectl('create', 'token', 'absent'), /serviceaccounts "absent" not found/)
    assert.match(await kubectl('create', 'token', 'robot', '--duration=10s'), /less than 10 minutes/)
    const bound = ['--bound-object-kind=Secret', '--bound-object-name=s']
    assert.match(await kubectl('create', 'token', 'robot', ...bound), /secrets "s" not found/)
    await kubectl('create', 'secret', 'generic', 's')
    assert.match(
      await kubectl('create', 'token', 'robot', '--audience=a', ...bound),
      /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/,
    )
  })

  it('acts for others with --as, and says what they may not do', async (t) => {
    const { kubectl } = await startKubectl(t)
    assert.match(
      await kubectl('get', 'configmaps', '--as=alice'),
      /Error from server \(Forbidden\): configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default"/,
    )
    await kubectl('create', 'rolebinding', 'view', '--clusterrole=view', '--serviceaccount=default:robot')
    assert.match(
      await kubectl('get', 'configmaps', '--as=system:serviceaccount:default:robot'),
      /No resources found/,
    )
    assert.match(
      await kubectl('get', 'rolebindings', '-o', 'wide'),
      /view +ClusterRole\/view +\S+ +default\/robot/,
    )
  })

  it('auth reconcile adds what is missing, and takes away what is too much when told so', async (t) => {
    const { kubectl, file } = await startKubectl(t)
    // It takes no namespace from anywhere else.
    const placed = (object: { metadata: object }) =>
      file({ ...object, metadata: { ...object.metadata, namespace: 'default' } })
    const rules = (resource: string) => [{ apiGroups: [''], resources: [resource], verbs: ['get'] }]
    const first = role('r', rules('pods'))
    const more = role('r', rules('secrets'))
    assert.match(
      await kubectl('auth', 'reconcile', '-f', placed(first)),
      /role\.rbac\.authorization\.k8s\.io\/r reconciled/,
    )
    await kubectl('auth', 'reconcile', '-f', placed(more))
    const resources = () => kubectl('get', 'role', 'r', '-o', 'jsonpath={.rules[*].resources[*]}')
    assert.equal(await resources(), 'pods secrets')
    await kubectl('auth', 'reconcile', '--remove-extra-permissions', '-f', placed(more))
    assert.equal(await resources(), 'secrets')
    const bound = binding('b', 'Role/r', [user('zoe'), accountIn('default', 'robot')])
    assert.match(
      await kubectl('auth', 'reconcile', '-f', placed(bound)),
      /rolebinding\.rbac\.authorization\.k8s\.io\/b reconciled/,
    )
    assert.equal(await kubectl('get', 'rolebinding', 'b', '-o', 'jsonpath={.subjects[*].name}'), 'zoe robot')
  })
})
