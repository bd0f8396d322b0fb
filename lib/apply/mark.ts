/**
 * The mark on a child, `<hash of its configuration>[/<hash of a set>]`, and what it proves. The first part, with unbroken
 * ownership of the applied fields, proves that the child is up to date. The second proves that no child exists outside that
 * set: it is written only where that is so, and taken away before a child outside the set is made. A crash at any call
 * leaves fewer proofs, never a false one.
 */
import { APPLIED, appliedBy } from '../applied.ts'
import { isNotFound, type Key, type KubeObject, type Resource } from '../kube.ts'
import type { Child } from './child.ts'
import { ownsAll } from './owned.ts'
import type { Owner, Owning } from './owner.ts'

/** The object with its mark. `set`: nothing exists outside it. */
export function marked(child: Child, set: string | undefined): object {
  const metadata = child.object.metadata
  const mark = set === undefined ? child.configuration : `${child.configuration}/${set}`
  const annotations = { ...(metadata.annotations as object | undefined), [APPLIED]: mark }
  return { ...child.object, metadata: { ...metadata, annotations } }
}

const markOf = (live: KubeObject): readonly (string | undefined)[] =>
  live.metadata.annotations?.[APPLIED]?.split('/') ?? []

/** The set that a child speaks of. */
export const setIn = (live: KubeObject | undefined): string | undefined => live && markOf(live)[1]

/** A mark that came with a restored backup is the truth of another time, and one on a vanishing child soon will be. */
export const isProof = (live: KubeObject | undefined, set: string, { fieldManager }: Owning): boolean =>
  live !== undefined &&
  setIn(live) === set &&
  live.metadata.deletionTimestamp === undefined &&
  appliedBy(live.metadata) === fieldManager

/** The configuration is the one last applied, and nobody has taken a field of it since. */
export function isAsApplied(child: Child, live: KubeObject, { fieldManager }: Owning): boolean {
  if (markOf(live)[0] !== child.configuration) return false
  const mine = live.metadata.managedFields?.find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === 'Apply' && !subresource,
  )
  return mine?.fieldsV1 !== undefined && ownsAll(appliedFields(child), mine.fieldsV1)
}

/** Identity is never a managed field. */
function appliedFields(child: Child): object {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = child.object
  const { name: _name, namespace: _namespace, ...managed } = metadata
  return { ...rest, metadata: managed }
}

/** Takes the mark off a child whose configuration is not known here. Resolves with what is left, if it is still there. */
export async function unmark(
  resource: Resource<KubeObject>,
  object: KubeObject,
  { api, controller }: Owner,
): Promise<KubeObject | undefined> {
  const body = { metadata: { uid: object.metadata.uid, annotations: { [APPLIED]: null } } }
  try {
    const { fieldManager } = controller
    return await api.patch(resource, placeOf(resource, object), { type: 'merge', body }, { fieldManager })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Where an object read from the server lives. */
export const placeOf = (resource: Resource<unknown>, { metadata: { namespace, name } }: KubeObject): Key =>
  resource.namespaced ? { namespace, name } : { name }
