/**
 * Whom a notice concerns. As the relay decides it, as far as one can without the state before and the object: no predicate is
 * asked, owned kinds wake owners only where the notice knows them, and where nobody can tell whether a controller has selected
 * the object, it is not told. What is missed so, a resync finds.
 */
import { groupKindOf, groupOf, type Key, type KubeObject, type Resource } from '../kube.ts'
import type { Controller, Operator } from '../operator.ts'
import type { Wake } from '../relay/decide.ts'
import type { Notice, Problem } from './reading.ts'

/** Why nobody is woken, for people. */
type Woken =
  | { readonly type: 'wakes'; readonly wakes: readonly Wake[] }
  | { readonly type: 'ignored'; readonly because: string }
  | { readonly type: 'refused'; readonly problem: Omit<Problem, 'index'> }

/** The keys to look at, each with a reason. Refused: a namespaced object without its namespace. */
export function wake(notice: Notice, { controllers }: Pick<Operator, 'controllers'>): Woken {
  const tellings = controllers.flatMap((controller) => tellingsOf(controller, notice))
  const [first] = tellings
  if (first === undefined) return { type: 'ignored', because: 'a kind that no controller looks at' }
  const { namespaced, kind } = first.resource
  if (namespaced && notice.key.namespace === undefined)
    return { type: 'refused', problem: { field: 'namespace', rule: `must be given: ${kind} is namespaced` } }
  const key: Key = namespaced ? notice.key : { name: notice.key.name }
  const answers = tellings.map((telling) => answer(telling, { ...notice, key }))
  const wakes = answers.flatMap((one) => (typeof one === 'string' ? [] : one))
  const because = answers.find((one) => typeof one === 'string') ?? 'no owner that a controller looks at'
  return wakes.length > 0 ? { type: 'wakes', wakes } : { type: 'ignored', because }
}

/** One way in which one controller may have to do with an object. */
interface Telling {
  readonly controller: Controller
  readonly as: 'primary' | 'owned' | 'watched'
  readonly resource: Resource<KubeObject>
}

function tellingsOf(controller: Controller, { group, kind, plural }: Notice): Telling[] {
  const isIt = (resource: Resource<KubeObject>) =>
    resource.group === group && (kind === undefined ? resource.plural === plural : resource.kind === kind)
  const watched = controller.watches.map(({ resource }) => resource).find(isIt)
  return [
    ...(isIt(controller.kind) ? [{ controller, as: 'primary' as const, resource: controller.kind }] : []),
    ...controller.owns.filter(isIt).map((resource) => ({ controller, as: 'owned' as const, resource })),
    ...(watched === undefined ? [] : [{ controller, as: 'watched' as const, resource: watched }]),
  ]
}

/** The wakes, or why there are none. */
function answer({ controller, as, resource }: Telling, notice: Notice): Wake[] | string {
  const { key, change, isStatus } = notice
  if (resource.namespaced && !isInNamespaces(controller, key)) return 'a namespace that is not selected'
  const cause = `${resource.kind} ${key.name} ${change}`
  if (as === 'watched') return [{ controller, key, related: groupKindOf(resource), cause }]
  if (as === 'owned') return wakeOwners(controller, notice, cause)
  if (isStatus) return 'a status'
  return isSelected(controller, key) ? [{ controller, key, cause: change }] : 'an object that is not selected'
}

/** Namespaces that are chosen by their labels are known to who watches them. */
function isInNamespaces({ kind, namespaces }: Controller, { namespace }: Key): boolean {
  if (!kind.namespaced || namespaces === 'all') return true
  return 'labels' in namespaces ? false : namespaces.includes(namespace ?? '')
}

/** Labels are looked at again by the worker; of the fields, only those that are in the key are known. */
function isSelected({ selector }: Controller, { namespace, name }: Key): boolean {
  const known: Readonly<Record<string, string | undefined>> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
  }
  return (selector.fields ?? '').split(',').every((term) => {
    const [, field = '', operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? []
    if (operator === undefined) return true
    return field in known && (known[field] === value) === (operator !== '!=')
  })
}

function wakeOwners(controller: Controller, { key, owners }: Notice, cause: string): Wake[] | string {
  if (owners === undefined) return 'an owned kind, and nobody says who the owner is'
  const { kind } = controller
  // The owner of a cluster-scoped object cannot be in a namespace.
  if (kind.namespaced && key.namespace === undefined) return []
  return owners
    .filter((owner) => owner.kind === kind.kind && groupOf(owner.apiVersion) === kind.group)
    .filter((owner) => owner.controller === true || controller.owners === 'every')
    .map(({ name }) => (kind.namespaced ? { namespace: key.namespace, name } : { name }))
    .filter((owner) => isSelected(controller, owner))
    .map((owner) => ({ controller, key: owner, cause }))
}
