/** The RBAC of an operator as objects to apply: a service account each for relay and work, roles, bindings. */
import type { Operator } from '../operator.ts'
import { type Part, type Rule, rulesOf } from './rules.ts'

/** An object of a manifest: plain JSON. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object }
  readonly [field: string]: unknown
}

export const RBAC = 'rbac.authorization.k8s.io'

/**
 * Service accounts `<operator>-relay` and `<operator>-work` in `namespace`, and for each a ClusterRole or, for controllers
 * that are limited to namespaces, a Role in each of them. The relay has a Role in `namespace` besides, for the Lease
 * `<operator>-relay` by which one of several acts (`lead`). What `accessOf` makes binds functions
 * outside of the cluster to the same roles.
 */
export function rbacOf(operator: Operator, namespace: string): readonly Manifest[] {
  return (['relay', 'work'] as const).flatMap((part) => {
    const name = `${operator.name}-${part}`
    const roles = [...rulesOf(operator, part, namespace)].flatMap(([place, rules]) =>
      bound({ name, place, rules, account: { name, namespace } }),
    )
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }
    return [account, ...roles].map((manifest) => labelled(manifest, operator, part))
  })
}

interface Grant {
  readonly name: string
  /** A namespace, or empty for the cluster. */
  readonly place: string
  readonly rules: readonly Rule[]
  readonly account: { readonly name: string; readonly namespace: string }
}

function bound({ name, place, rules, account }: Grant): Manifest[] {
  const prefix = place === '' ? 'Cluster' : ''
  const metadata = place === '' ? { name } : { name, namespace: place }
  const apiVersion = `${RBAC}/v1`
  return [
    { apiVersion, kind: `${prefix}Role`, metadata, rules },
    {
      apiVersion,
      kind: `${prefix}RoleBinding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind: `${prefix}Role`, name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ]
}

export const labelled = (manifest: Manifest, operator: Operator, part: Part): Manifest => ({
  ...manifest,
  metadata: {
    ...manifest.metadata,
    labels: { 'app.kubernetes.io/part-of': operator.name, 'app.kubernetes.io/component': part },
  },
})
