/** Lets functions outside of the cluster do what relay and work may do inside of it: as members of a group each. */
import type { Operator } from '../operator.ts'
import { labelled, type Manifest, RBAC } from './rbac.ts'
import { rulesOf } from './rules.ts'

/**
 * Bindings `<operator>-relay-group` and `<operator>-work-group` of the groups `<operator>-relay` and `<operator>-work` to the
 * roles that `rbacOf` makes for the same namespace. Who is a member is for whoever authenticates to say: an EKS access entry,
 * a client certificate, an OIDC claim.
 */
export function accessOf(operator: Operator, namespace: string): readonly Manifest[] {
  return (['relay', 'work'] as const).flatMap((part) => {
    const name = `${operator.name}-${part}`
    const places = [...rulesOf(operator, part, namespace).keys()]
    return places.map((place) => labelled(bindingOf(name, place), operator, part))
  })
}

function bindingOf(group: string, place: string): Manifest {
  const prefix = place === '' ? 'Cluster' : ''
  return {
    apiVersion: `${RBAC}/v1`,
    kind: `${prefix}RoleBinding`,
    metadata: { name: `${group}-group`, ...(place !== '' && { namespace: place }) },
    roleRef: { apiGroup: RBAC, kind: `${prefix}Role`, name: group },
    subjects: [{ apiGroup: RBAC, kind: 'Group', name: group }],
  }
}
