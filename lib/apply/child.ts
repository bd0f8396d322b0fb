/**
 * From the child that an author wrote to the object that is applied: where it lives, who owns it, and the marks by which a
 * later pass knows it again. Pure.
 */
import { hashJson } from '../hash.ts'
import { apiVersionOf, groupKindOf, groupOf, type Key, type KubeObject, type Resource } from '../kube.ts'
import { keyText } from '../message.ts'
import type { Desired } from '../operator.ts'
import type { Owning } from './owner.ts'

/** The label by which an owner's children are listed; its value is the owner's uid. */
export const OWNER = 'fairlead.dev/owner'

/** A child ready to be applied: `configuration` is the hash of all that the author wants of it. */
export interface Child {
  readonly resource: Resource<KubeObject>
  readonly key: Key
  readonly object: { readonly metadata: Readonly<Record<string, unknown>>; readonly [field: string]: unknown }
  readonly configuration: string
}

/** `Deployment default/web`: how people read a child's identity. */
export const childText = (child: Pick<Child, 'resource' | 'key'>): string =>
  `${child.resource.kind} ${keyText(child.key)}`

/** Identity of a child whatever its version. */
export const childId = (resource: Resource<unknown>, key: Key): string =>
  `${groupKindOf(resource)} ${keyText(key)}`

/** Fields that the server fills; a child copied from a live object may carry them, and they are nobody's wish. */
const SERVER_FIELDS = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'ownerReferences',
]

/** Checks a desired child against what the controller owns and completes it. Throws what the author must repair. */
export function toChild(desired: Desired, owner: KubeObject, controller: Owning): Child {
  const resource = ownedResource(desired, controller)
  const {
    metadata = {},
    status: _status,
    ...rest
  } = desired as Desired & { status?: unknown; stringData?: object; data?: object }
  const key = childKey(metadata, owner, { resource, controller })
  const wanted = Object.fromEntries(
    Object.entries(metadata).filter(([field]) => !SERVER_FIELDS.includes(field)),
  )
  const object = {
    ...(resource.group === '' && resource.kind === 'Secret' ? withoutStringData(rest) : rest),
    apiVersion: apiVersionOf(resource),
    metadata: {
      ...wanted,
      ...key,
      labels: { ...(wanted.labels as object | undefined), [OWNER]: owner.metadata.uid },
      ownerReferences: [referenceTo(owner, controller)],
    },
  }
  return { resource, key, object, configuration: hashJson(object) }
}

/** The server moves stringData into data, where nobody owns it: edits would not be seen and old keys never go. */
function withoutStringData({ stringData, ...secret }: { stringData?: object; data?: object }): object {
  if (!stringData) return secret
  const encoded = Object.entries(stringData).map(([name, text]) => [name, toBase64(String(text))])
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(encoded) } }
}

const toBase64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))

function ownedResource(desired: Desired, controller: Owning): Resource<KubeObject> {
  const { apiVersion, kind } = desired
  const said = `Controller "${controller.name}": apply was given a child`
  if (apiVersion === undefined || kind === undefined)
    throw new Error(
      `${said} without ${kind === undefined ? 'kind' : 'apiVersion'} (name ${desired.metadata?.name ?? 'unknown'})`,
    )
  const group = groupOf(apiVersion)
  const resource = controller.owns.find((owned) => owned.group === group && owned.kind === kind)
  if (resource === undefined)
    throw new Error(
      `${said} of kind ${kind} (${apiVersion}), which is not in its owns: add it there, so that it is watched`,
    )
  if (apiVersionOf(resource) !== apiVersion)
    throw new Error(
      `${said} ${apiVersion} ${kind}, but owns that kind as ${apiVersionOf(resource)}: use one version`,
    )
  return resource
}

function childKey(
  metadata: { readonly name?: string; readonly namespace?: string },
  owner: KubeObject,
  { resource, controller }: { resource: Resource<KubeObject>; controller: Owning },
): Key {
  const said = `Controller "${controller.name}": child ${resource.kind} "${metadata.name ?? ''}"`
  if (!metadata.name) throw new Error(`${said} must have metadata.name`)
  const home = owner.metadata.namespace
  if (!resource.namespaced) {
    if (home !== undefined)
      throw new Error(`${said} is cluster-scoped and cannot be owned by an object in namespace ${home}`)
    return { name: metadata.name }
  }
  const namespace = metadata.namespace ?? home
  if (namespace === undefined)
    throw new Error(`${said} must have metadata.namespace, because its owner has none`)
  if (home !== undefined && namespace !== home)
    throw new Error(
      `${said} is in namespace ${namespace} and cannot be owned by an object in namespace ${home}`,
    )
  return { namespace, name: metadata.name }
}

const referenceTo = (owner: KubeObject, controller: Owning) => ({
  apiVersion: apiVersionOf(controller.kind),
  kind: controller.kind.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})
