/**
 * From an operator to the sources that have to be watched: one for each resource, scope and selector, shared by all
 * controllers that want it, with what each of them wants it for. Pure.
 */
import { apiVersionOf, groupKindOf, type KubeObject, type Resource } from '../kube.ts'
import type { Controller, Operator, Selector, Watched } from '../operator.ts'

/** What a controller wants of a source. */
export type Interest =
  | { readonly type: 'primary'; readonly controller: Controller }
  | { readonly type: 'owned'; readonly controller: Controller; readonly ownerKind: number }
  | { readonly type: 'watched'; readonly controller: Controller; readonly watched: Watched }
  /** Follows which namespaces the controller's label selector selects. */
  | { readonly type: 'namespaces'; readonly controller: Controller }

/** One thing to watch. */
export interface Source {
  /**
   * Tells resource, scope and selector, and who wants it for what: what is remembered under a name is only worth
   * something to those who were told of it.
   */
  readonly name: string
  readonly resource: Resource<KubeObject>
  readonly namespace: string | undefined
  readonly selector: Selector
  readonly interests: readonly Interest[]
  /** Group and kind of the primaries that objects here are owned by: fingerprints point into it. */
  readonly ownerKinds: readonly string[]
}

const NAMESPACES: Resource<KubeObject> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}

type Place = Pick<Source, 'resource' | 'namespace' | 'selector'>
type Want = Exclude<Interest, { type: 'owned' }> | { readonly type: 'owned'; readonly controller: Controller }

/** The sources of an operator in one cluster. The same operator always gives the same names. */
export function planSources(operator: Operator, cluster: string): Source[] {
  const places = new Map<string, { place: Place; wants: Want[] }>()
  const add = (place: Place, want: Want) => {
    const name = placeName(place)
    const known = places.get(name) ?? { place, wants: [] }
    places.set(name, known)
    if (!known.wants.some((other) => isSame(other, want))) known.wants.push(want)
  }
  for (const controller of operator.controllers) addController(controller, add)
  return [...places].map(([name, { place, wants }]) => toSource(place, wants, `${cluster}|${name}`))
}

function addController(controller: Controller, add: (place: Place, want: Want) => void): void {
  const { kind, selector, owns, watches, namespaces } = controller
  for (const namespace of scopesOf(controller, kind))
    add({ resource: kind, namespace, selector }, { type: 'primary', controller })
  for (const resource of owns)
    for (const namespace of scopesOf(controller, resource))
      add({ resource, namespace, selector: {} }, { type: 'owned', controller })
  for (const watched of watches)
    for (const namespace of scopesOf(controller, watched.resource))
      add(
        { resource: watched.resource, namespace, selector: watched.selector },
        { type: 'watched', controller, watched },
      )
  if (kind.namespaced && typeof namespaces === 'object' && 'labels' in namespaces)
    add(
      { resource: NAMESPACES, namespace: undefined, selector: namespaces },
      { type: 'namespaces', controller },
    )
}

/** Namespaces limit controllers of namespaced kinds only; those chosen by label are watched together. */
function scopesOf(controller: Controller, resource: Resource<KubeObject>): readonly (string | undefined)[] {
  const { kind, namespaces } = controller
  if (!resource.namespaced || !kind.namespaced || !Array.isArray(namespaces)) return [undefined]
  return [...new Set<string>(namespaces)]
}

const isSame = (a: Want, b: Want): boolean =>
  a.type === b.type &&
  a.controller === b.controller &&
  (a.type !== 'watched' || b.type !== 'watched' || a.watched === b.watched)

const placeName = ({ resource, namespace, selector }: Place): string =>
  [
    `${apiVersionOf(resource)}/${resource.plural}`,
    namespace ?? '*',
    selector.labels ?? '',
    selector.fields ?? '',
  ].join('|')

function toSource(place: Place, wants: readonly Want[], name: string): Source {
  const owned = wants.filter((want) => want.type === 'owned')
  const ownerKinds = [...new Set(owned.map((want) => groupKindOf(want.controller.kind)))].sort()
  const interests = wants.map(
    (want): Interest =>
      want.type === 'owned'
        ? { ...want, ownerKind: ownerKinds.indexOf(groupKindOf(want.controller.kind)) }
        : want,
  )
  return { ...place, name: [name, ...wants.map(wantName).sort()].join('|'), interests, ownerKinds }
}

const wantName = ({ type, controller }: Want): string =>
  type === 'owned'
    ? `owned:${controller.name}:${controller.owners}:${groupKindOf(controller.kind)}`
    : `${type}:${controller.name}`
