/**
 * From an operator to the sources that have to be watched: one for each resource, scope and selector, shared by all
 * controllers that want it, with what each of them wants it for. Pure.
 */
import { hashText } from '../hash.ts'
import { apiVersionOf, groupKindOf, type KubeObject, type Resource } from '../kube.ts'
import type { Controller, Operator, Selector, Watched } from '../operator.ts'
import { definitionOf } from '../operator/predicate.ts'
import { ownerKindOf } from './fingerprint.ts'

/** What a controller wants of a source. */
export type Want =
  | { readonly type: 'primary'; readonly controller: Controller }
  | { readonly type: 'owned'; readonly controller: Controller }
  | { readonly type: 'watched'; readonly controller: Controller; readonly watched: Watched }
  /** Follows which namespaces the controller's label selector selects. */
  | { readonly type: 'namespaces'; readonly controller: Controller }

/**
 * A want with its name, which differs whenever what was told before may not be what is to be told now: another predicate,
 * other namespaces, another revision of the controller.
 */
export type Interest = Want & { readonly name: string }

/** One thing to watch. */
export interface Source {
  /** Tells cluster, resource, scope and selector. */
  readonly name: string
  readonly resource: Resource<KubeObject>
  readonly namespace: string | undefined
  readonly selector: Selector
  readonly interests: readonly Interest[]
  /** Group and kind of the primaries that objects here are owned by, and how fingerprints write each. */
  readonly ownerKinds: ReadonlyMap<string, string>
}

const NAMESPACES: Resource<KubeObject> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}

type Place = Pick<Source, 'resource' | 'namespace' | 'selector'>

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
  const owners = wants.filter((want) => want.type === 'owned').map(({ controller }) => controller.kind)
  const ownerKinds = new Map(owners.map((kind) => [groupKindOf(kind), ownerKindOf(kind)]))
  return { ...place, name, interests: wants.map((want) => ({ ...want, name: wantName(want) })), ownerKinds }
}

function wantName(want: Want): string {
  const { type, controller } = want
  return [type, controller.name, ...detailsOf(want)].join(':')
}

function detailsOf(want: Want): string[] {
  const { controller } = want
  switch (want.type) {
    case 'primary':
      return [digest([definitionOf(controller.predicate), controller.revision, controller.namespaces])]
    case 'owned':
      return [controller.owners, groupKindOf(controller.kind)]
    case 'watched':
      return [digest([definitionOf(want.watched.predicate), want.watched.map.toString()])]
    case 'namespaces':
      return []
  }
}

const digest = (parts: readonly unknown[]): string => hashText(JSON.stringify(parts))
