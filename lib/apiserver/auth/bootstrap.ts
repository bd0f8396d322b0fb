/** Puts the roles and bindings that every cluster has from its start into the store, before the first request. */
import { RBAC_GROUP } from '../kinds/rbacrules.ts'
import { findType } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { findEntry, type Server, tableFor, timestamp } from '../server.ts'
import { commit } from '../store.ts'
import { AGGREGATOR } from './aggregate.ts'
import { PRESETS, type Preset } from './presets.ts'

/** Those that are there stay as they are. Roles that gather others come as somebody has gathered them, or empty. */
export function presetRoles(server: Server, isGathered: boolean): void {
  const now = timestamp(server)
  for (const one of PRESETS) {
    const type = findType(server.registry, RBAC_GROUP, 'v1', one.plural)
    if (type === undefined) continue
    const { kind } = type
    if (findEntry(server, type, one.namespace, one.name) !== undefined) continue
    commit(server.store, tableFor(server, type), one, (resourceVersion) => {
      const birth = { uid: server.newUid(), resourceVersion, creationTimestamp: now }
      return { kind, apiVersion: API_VERSION, ...objectOf(one, birth, isGathered) }
    })
  }
}

const API_VERSION = `${RBAC_GROUP}/v1`
const ANNOTATIONS: JsonObject = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const RULES: JsonObject = { 'f:rules': {} }

/** What a server itself writes of an object. */
interface Birth {
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
}

function objectOf(one: Preset, birth: Birth, isGathered: boolean): JsonObject {
  const { namespace, name, labels, content, owned } = one
  const gathered = isGathered ? one.gathered : undefined
  const time = birth.creationTimestamp
  return {
    metadata: {
      name,
      ...(namespace === '' ? {} : { namespace }),
      ...birth,
      labels,
      annotations: ANNOTATIONS,
      managedFields: [
        ...(gathered === undefined ? [] : [entryOf(AGGREGATOR, 'Apply', time, RULES)]),
        entryOf('kube-apiserver', 'Update', time, owned),
      ],
    },
    ...content,
    ...(gathered === undefined ? {} : { rules: gathered }),
  }
}

const entryOf = (manager: string, operation: string, time: string, fieldsV1: JsonObject): JsonObject => ({
  manager,
  operation,
  apiVersion: API_VERSION,
  time,
  fieldsType: 'FieldsV1',
  fieldsV1,
})
