/**
 * What relay and work must be allowed to do for an operator, and nothing beyond: a rule per resource, per place. The
 * places are the whole cluster and single namespaces, where a controller is limited to them.
 */
import type { KubeObject, Resource } from '../kube.ts'
import type { Controller, Operator } from '../operator.ts'

/** The half of an operator that rules are for. */
export type Part = 'relay' | 'work'

/** A PolicyRule (rbac.authorization.k8s.io/v1). */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  /** Only the objects of these names. */
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** Rules by place; the empty string is the cluster. */
export type Places = ReadonlyMap<string, readonly Rule[]>

const CLUSTER = ''
const FOLLOW = ['get', 'list', 'watch']
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

type Verb = (typeof VERBS)[number]
type AnyController = Operator['controllers'][number]

/** One permission, before rules are formed. */
interface Grant {
  readonly place: string
  readonly group: string
  readonly resource: string
  /** Only the object of this name. */
  readonly name?: string
  readonly verbs: readonly Verb[]
}

/** The rules of one half, in a stable order. `namespace` is the operator's own, where the lease of its relays is. */
export function rulesOf(operator: Operator, part: Part, namespace: string): Places {
  const { controllers } = operator
  const grants =
    part === 'relay'
      ? [...controllers.flatMap(relayGrants), ...leaseGrants(leaseNameOf(operator), namespace)]
      : controllers.flatMap(workGrants)
  const places = [...new Set(grants.map(({ place }) => place))].sort()
  return new Map(places.map((place) => [place, rules(grants.filter((grant) => grant.place === place))]))
}

/** The lease by which the relays of an operator agree on one (`lead`). */
export const leaseNameOf = ({ name }: Operator): string => `${name}-relay`

/** The API server does not know the name of what is created before it has decided, so a name cannot limit that. */
function leaseGrants(name: string, place: string): Grant[] {
  const lease = { place, group: 'coordination.k8s.io', resource: 'leases' }
  return [
    { ...lease, verbs: ['create'] },
    { ...lease, name, verbs: ['get', 'update'] },
  ]
}

function relayGrants(controller: AnyController): Grant[] {
  const { kind, owns, watches } = controller
  const watched = [kind, ...owns, ...watches.map(({ resource }) => resource)]
  return [
    ...watched.flatMap((resource) => grants(controller, resource, FOLLOW)),
    ...namespaceGrants(controller),
  ]
}

function workGrants(controller: AnyController): Grant[] {
  const { kind, owns, watches, permissions = [] } = controller
  return [
    // Patch: finalizers. List: map functions look for the primaries that a change concerns.
    ...grants(controller, kind, watches.length > 0 ? ['get', 'list', 'patch'] : ['get', 'patch']),
    ...(kind.ownStatus ? grants(controller, kind, ['patch'], 'status') : []),
    // What OwnerReferencesPermissionEnforcement asks of whoever sets blockOwnerDeletion.
    ...(owns.length > 0 ? grants(controller, kind, ['update'], 'finalizers') : []),
    ...owns.flatMap((owned) => grants(controller, owned, ['get', 'list', 'create', 'patch', 'delete'])),
    ...watches.flatMap(({ resource }) => grants(controller, resource, ['get'])),
    ...eventGrants(controller),
    ...permissions.flatMap(({ resource, verbs, subresource }) =>
      grants(controller, resource, verbs, subresource),
    ),
  ]
}

/** Events are where their object is; those about cluster-wide objects are in `default`. */
function eventGrants(controller: AnyController): Grant[] {
  const event = { group: 'events.k8s.io', plural: 'events', namespaced: true }
  const verbs = ['get', 'create', 'patch']
  if (controller.kind.namespaced) return grants(controller, event, verbs)
  return [{ place: 'default', group: event.group, resource: event.plural, verbs }]
}

/** Namespaces chosen by label are followed. */
const namespaceGrants = ({ namespaces }: AnyController): Grant[] =>
  namespaces !== 'all' && 'labels' in namespaces
    ? [{ place: CLUSTER, group: '', resource: 'namespaces', verbs: FOLLOW }]
    : []

function grants(
  { namespaces }: Pick<Controller, 'namespaces'>,
  resource: Pick<Resource<KubeObject>, 'group' | 'plural' | 'namespaced'>,
  verbs: readonly Verb[],
  subresource?: string,
): Grant[] {
  const isEverywhere = namespaces === 'all' || 'labels' in namespaces || !resource.namespaced
  const name = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`
  return (isEverywhere ? [CLUSTER] : namespaces).map((place) => ({
    place,
    group: resource.group,
    resource: name,
    verbs,
  }))
}

/** One rule for the resources of a group that share their verbs (and the name that they are limited to). */
function rules(grants: readonly Grant[]): Rule[] {
  const verbsOf = new Map<string, Set<Verb>>()
  for (const { group, resource, name, verbs } of grants) {
    const key = [group, resource, ...(name === undefined ? [] : [name])].join('|')
    verbsOf.set(key, new Set([...(verbsOf.get(key) ?? []), ...verbs]))
  }
  const resourcesOf = new Map<string, string[]>()
  for (const [key, granted] of [...verbsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [group, resource, name = ''] = key.split('|')
    const shared = `${group}|${VERBS.filter((verb) => granted.has(verb)).join()}|${name}`
    resourcesOf.set(shared, [...(resourcesOf.get(shared) ?? []), resource ?? ''])
  }
  return [...resourcesOf].map(([shared, resources]) => {
    const [group = '', verbs = '', name = ''] = shared.split('|')
    const limit = name === '' ? {} : { resourceNames: [name] }
    return { apiGroups: [group], resources, ...limit, verbs: verbs.split(',') }
  })
}
