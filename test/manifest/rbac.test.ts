import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { ConfigMap, Deployment, Namespace, Node, Secret } from '../../lib/kind/builtin.ts'
import { defineKind } from '../../lib/kind.ts'
import { rbacOf } from '../../lib/manifest/rbac.ts'
import { rulesOf } from '../../lib/manifest/rules.ts'
import { type Controller, defineController, defineOperator, watch } from '../../lib/operator.ts'

const kindOf = (scope: 'Namespaced' | 'Cluster') =>
  defineKind({
    group: 'apps.example.com',
    kind: 'Site',
    scope,
    versions: { v1: { spec: z.object({}), status: z.object({}) } },
  })
const Site = kindOf('Namespaced')
const reconcile = () => {}
const operatorOf = (controller: Pick<Controller, 'name'>) =>
  defineOperator('web', [controller as ReturnType<typeof defineController>])
const linesOf = (controller: Pick<Controller, 'name'>, part: 'relay' | 'work', namespace = 'web-system') =>
  Object.fromEntries(
    [...rulesOf(operatorOf(controller), part, namespace)].map(([place, rules]) => [
      place,
      rules.map(({ apiGroups, resources, resourceNames = [], verbs }) =>
        [`${apiGroups}:`, resources, ...resourceNames, verbs].join(' '),
      ),
    ]),
  )

/** What every relay may do in the operator's own namespace. */
const LEASE = ['coordination.k8s.io: leases create', 'coordination.k8s.io: leases web-relay get,update']

describe('the rules of an operator', () => {
  it('let the relay follow what is watched, and nothing else', () => {
    const controller = defineController(Site, {
      owns: [Deployment, ConfigMap],
      watches: [watch(Secret, { map: () => [] })],
      reconcile,
    })
    assert.deepEqual(linesOf(controller, 'relay'), {
      '': [
        'apps.example.com: sites get,list,watch',
        'apps: deployments get,list,watch',
        ': configmaps,secrets get,list,watch',
      ],
      'web-system': LEASE,
    })
  })

  it('let the relay hold its own lease, and no other (R7)', () => {
    const controller = defineController(Site, { namespaces: ['a', 'b'], reconcile })
    assert.deepEqual(linesOf(controller, 'relay', 'elsewhere').elsewhere, LEASE)
    assert.deepEqual(linesOf(controller, 'relay', 'b').b, [
      'apps.example.com: sites get,list,watch',
      ...LEASE,
    ])
    assert.ok(!JSON.stringify(linesOf(controller, 'work', 'b')).includes('leases'))
  })

  it('let work do what a reconcile does, and nothing else', () => {
    assert.deepEqual(linesOf(defineController(Site, { owns: [Deployment], reconcile }), 'work'), {
      '': [
        'apps.example.com: sites get,patch',
        'apps.example.com: sites/finalizers update',
        'apps.example.com: sites/status patch',
        'apps: deployments get,list,create,patch,delete',
        'events.k8s.io: events get,create,patch',
      ],
    })
  })

  it('leave out the status and finalizers of a built-in kind that owns nothing', () => {
    assert.deepEqual(linesOf(defineController(ConfigMap, { reconcile }), 'work'), {
      '': ['events.k8s.io: events get,create,patch', ': configmaps get,patch'],
    })
  })

  it('let map functions read what changed and look for primaries', () => {
    const controller = defineController(Site, { watches: [watch(Secret, { map: () => [] })], reconcile })
    assert.deepEqual(linesOf(controller, 'work')[''], [
      'apps.example.com: sites get,list,patch',
      'apps.example.com: sites/status patch',
      'events.k8s.io: events get,create,patch',
      ': secrets get',
    ])
  })

  it('add what the author asks for', () => {
    const permissions = [
      { resource: Secret, verbs: ['get'] },
      { resource: Deployment, verbs: ['patch'], subresource: 'scale' },
    ] as const
    const lines = linesOf(defineController(Site, { permissions, reconcile }), 'work')['']
    assert.ok(lines?.includes(': secrets get'))
    assert.ok(lines?.includes('apps: deployments/scale patch'))
  })

  it('stay within the namespaces that a controller is limited to; cluster-wide kinds cannot', () => {
    const controller = defineController(Site, {
      namespaces: ['a', 'b'],
      watches: [watch(Node, { map: () => [] })],
      reconcile,
    })
    assert.deepEqual(linesOf(controller, 'relay'), {
      '': [': nodes get,list,watch'],
      a: ['apps.example.com: sites get,list,watch'],
      b: ['apps.example.com: sites get,list,watch'],
      'web-system': LEASE,
    })
    assert.deepEqual(Object.keys(linesOf(controller, 'work')), ['', 'a', 'b'])
  })

  it('let the relay follow namespaces that are chosen by label (A8)', () => {
    const controller = defineController(Site, { namespaces: { labels: 'team=web' }, reconcile })
    assert.deepEqual(linesOf(controller, 'relay')[''], [
      'apps.example.com: sites get,list,watch',
      ': namespaces get,list,watch',
    ])
    assert.ok(!linesOf(controller, 'work')['']?.some((line) => line.includes('namespaces')))
  })

  it('put the Events of cluster-wide objects where the API server wants them (F2)', () => {
    const controller = defineController(kindOf('Cluster'), { owns: [Namespace], reconcile })
    assert.deepEqual(linesOf(controller, 'work').default, ['events.k8s.io: events get,create,patch'])
  })
})

describe('rbacOf', () => {
  it('binds a service account each for relay and work', () => {
    const objects = rbacOf(operatorOf(defineController(Site, { namespaces: ['a'], reconcile })), 'web-system')
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
      [
        'ServiceAccount web-system/web-relay',
        'Role a/web-relay',
        'RoleBinding a/web-relay',
        'Role web-system/web-relay',
        'RoleBinding web-system/web-relay',
        'ServiceAccount web-system/web-work',
        'Role a/web-work',
        'RoleBinding a/web-work',
      ],
    )
    assert.deepEqual(objects[2]?.subjects, [
      { kind: 'ServiceAccount', name: 'web-relay', namespace: 'web-system' },
    ])
  })
})
