/**
 * An object of a kind that nobody has set anything of, as Go writes it: the fields that its type always writes. Bookmarks are
 * such objects.
 */
import type { JsonObject, ResourceType } from './resource.ts'
import { emptyOf } from './schema/default.ts'
import { isObject } from './schema/equal.ts'
import { kindName } from './status.ts'

/** Kinds whose internal type in the real server is not like the one that is served: what bookmarks show is made of that. */
const INTERNAL: Readonly<Record<string, (bySchema: JsonObject) => JsonObject>> = {
  'Deployment.apps': withReplicas,
  'ReplicaSet.apps': withReplicas,
  'StatefulSet.apps': withReplicas,
  'DaemonSet.apps': (bySchema) => ({
    ...bySchema,
    metadata: { annotations: { 'deprecated.daemonset.template.generation': '0' } },
  }),
  'ControllerRevision.apps': (bySchema) => ({ data: null, ...bySchema }),
  ReplicationController: (bySchema) => ({ ...bySchema, spec: {} }),
}

function withReplicas({ spec, ...rest }: JsonObject): JsonObject {
  return { ...rest, spec: { replicas: 0, ...(isObject(spec) ? spec : {}) } }
}

/** Without `kind` and `apiVersion`; empty for custom kinds, whose schema writes nothing. */
export function emptyObject(type: ResourceType): JsonObject {
  if (type.custom) return {}
  const { metadata: _, ...bySchema } = emptyOf(type.schema)
  return INTERNAL[kindName(type)]?.(bySchema) ?? bySchema
}
