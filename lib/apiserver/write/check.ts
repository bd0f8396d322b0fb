/**
 * What has to hold before an object is stored: it is in the namespace of its path, the namespace takes new content, and the
 * object is valid. The refusals are those of k8s.io/apiserver's registry and admission.
 */
import { scaleProblems } from '../crd/scaleRules.ts'
import { metadataOf, metadataText } from '../metadata.ts'
import { findKind } from '../registry.ts'
import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { validateMetadata } from '../schema/metadata.ts'
import { validateSchema } from '../schema/validate.ts'
import { findEntry, type Server } from '../server.ts'
import { badRequest, forbidden, invalid, notFound } from '../status.ts'

/** Fills the namespace of an object from its path. Throws 400 when the object says another. */
export function placeInNamespace(object: JsonObject, namespace: string): void {
  const given = metadataText(object, 'namespace')
  if (namespace === '') {
    if (given !== '') delete metadataOf(object).namespace
    return
  }
  if (given !== '' && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  object.metadata = { ...metadataOf(object), namespace }
}

/** Throws 404 when the namespace is absent and 403 when it is going away. */
export function admitIntoNamespace(
  server: Server,
  type: ResourceType,
  namespace: string,
  name: string,
): void {
  if (namespace === '') return
  const namespaces = findKind(server.registry, 'v1', 'Namespace')
  if (namespaces === undefined) return
  const entry = findEntry(server, namespaces, '', namespace)
  if (entry === undefined) throw notFound(namespaces, namespace)
  if (metadataText(entry.object, 'deletionTimestamp') === '') return
  throw forbidden(
    type,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        field: 'metadata.namespace',
        message: `namespace ${namespace} is being terminated`,
      },
    ],
  )
}

/** Throws 422 with everything that is wrong with the object; `before` is what an update replaces. */
export function checkValid(
  type: ResourceType,
  object: JsonObject,
  before: JsonObject | undefined,
  subresource = '',
): void {
  const problems = validateMetadata(object, before, type, subresource)
  if (type.custom) {
    const { kind } = object
    if (typeof kind === 'string' && kind !== type.kind) throw wrongKind(type, object, kind)
    if (subresource === 'status') problems.push(...statusProblems(type, object, before))
    else problems.push(...validateSchema(object, before, type.schema))
    problems.push(...scaleProblems(object, type.scale, subresource))
  }
  problems.push(...(type.validate?.(object, before, subresource) ?? []))
  if (problems.length === 0) return
  // Both kinds of Event are validated as the stored one.
  const group = type.group === 'events.k8s.io' ? '' : type.group
  throw invalid({ group, kind: type.kind }, metadataText(object, 'name'), problems)
}

/** A write of the status looks at nothing else, and its texts name fields from there on. */
function statusProblems(type: ResourceType, object: JsonObject, before: JsonObject | undefined): Problem[] {
  const schema = type.schema.properties?.status
  if (schema === undefined || object.status === undefined) return []
  return validateSchema(object.status, before?.status, schema, 'status').map((problem) => ({
    ...problem,
    message: problem.message.replaceAll(
      `${problem.field} in body`,
      `${problem.field.replace(/^status\.?/, '')} in body`,
    ),
  }))
}

function wrongKind(type: ResourceType, object: JsonObject, kind: string) {
  const message = `Invalid value: ${JSON.stringify(kind)}: must be ${type.kind}`
  return invalid({ group: type.group, kind }, metadataText(object, 'name'), [
    { reason: 'FieldValueInvalid', field: 'kind', message },
  ])
}
