import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { defineKind } from '../../lib/kind.ts'
import { accessOf } from '../../lib/manifest/access.ts'
import { type Manifest, rbacOf } from '../../lib/manifest/rbac.ts'
import { defineController, defineOperator } from '../../lib/operator.ts'

const Site = defineKind({
  group: 'apps.example.com',
  kind: 'Site',
  scope: 'Namespaced',
  versions: { v1: { spec: z.object({}) } },
})
const operatorOf = (namespaces?: string[]) =>
  defineOperator('web', [defineController(Site, { ...(namespaces && { namespaces }), reconcile() {} })])
const lineOf = ({ kind, metadata: { namespace = '', name } }: Manifest) => `${kind} ${namespace}/${name}`

describe('access from outside of the cluster', () => {
  it('binds a group each for relay and work, and nobody else', () => {
    const bindings = accessOf(operatorOf(), 'web-system')
    assert.deepEqual(bindings.map(lineOf), [
      'ClusterRoleBinding /web-relay-group',
      'RoleBinding web-system/web-relay-group',
      'ClusterRoleBinding /web-work-group',
    ])
    for (const { subjects, metadata } of bindings)
      assert.deepEqual(subjects, [
        {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Group',
          name: metadata.name.replace(/-group$/, ''),
        },
      ])
  })

  it('binds to every role of the RBAC, to none that is not there, and replaces no binding of it', () => {
    for (const operator of [operatorOf(), operatorOf(['a', 'b'])]) {
      const rbac = rbacOf(operator, 'web-system')
      const isRole = ({ kind }: Manifest) => kind === 'Role' || kind === 'ClusterRole'
      const roles = rbac.filter(isRole).map(lineOf)
      const bindings = accessOf(operator, 'web-system')
      const bound = bindings.map(({ kind, metadata: { namespace = '' }, roleRef }) => {
        const ref = z.object({ kind: z.string(), name: z.string() }).parse(roleRef)
        assert.equal(kind, `${ref.kind}Binding`)
        return `${ref.kind} ${namespace}/${ref.name}`
      })
      assert.deepEqual(bound.sort(), roles.sort())
      const taken = new Set(rbac.map(lineOf))
      assert.deepEqual(
        bindings.filter((binding) => taken.has(lineOf(binding))),
        [],
      )
    }
  })
})
