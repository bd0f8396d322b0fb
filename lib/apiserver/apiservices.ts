/**
 * The APIServices of what this server itself serves: those of built-in groups are there from the start, those of custom
 * kinds come and go with their versions.
 */
import { trackUpdate } from './fields/managed.ts'
import { apiServiceName, localStatus } from './kinds/apiservice.ts'
import { metadataOf } from './metadata.ts'
import { priorityOf } from './priorities.ts'
import { findKind } from './registry.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { objectAt } from './schema/equal.ts'
import { type Server, tableFor, timestamp } from './server.ts'
import { commit } from './store.ts'
import { removeEntry } from './write/update.ts'

const MANAGED = 'kube-aggregator.kubernetes.io/automanaged'

interface Version {
  readonly group: string
  readonly version: string
}

/** Those of built-in groups. */
export function presetApiServices(server: Server): void {
  const type = typeIn(server)
  if (type !== undefined) add(server, type, versionsOf(server, false), 'onstart')
}

/** Brings those of custom kinds to what is served now. What somebody else wrote stays. */
export function followVersions(server: Server): void {
  const type = typeIn(server)
  if (type === undefined) return
  const versions = versionsOf(server, true)
  const served = new Set(versions.map(({ group, version }) => apiServiceName(group, version)))
  for (const entry of [...tableFor(server, type).entries])
    if (objectAt(metadataOf(entry.object), 'labels')[MANAGED] === 'true' && !served.has(entry.name))
      removeEntry(server, type, entry)
  add(server, type, versions, 'true')
}

/** Those that are there stay as they are. */
function add(server: Server, type: ResourceType, versions: readonly Version[], managed: string): void {
  const table = tableFor(server, type)
  for (const version of versions) {
    const name = apiServiceName(version.group, version.version)
    if (table.byKey.has(name)) continue
    commit(server.store, table, { namespace: '', name }, (resourceVersion) =>
      made(server, type, version, { resourceVersion, managed }),
    )
  }
}

const typeIn = (server: Server): ResourceType | undefined =>
  findKind(server.registry, 'apiregistration.k8s.io/v1', 'APIService')

/** APIServices themselves are served by nobody that one could name. */
const versionsOf = ({ registry }: Server, isCustom: boolean): Version[] =>
  [...registry.versions.values()]
    .flatMap((served) => [...served.values()].slice(0, 1))
    .filter(({ custom, group }) => custom === isCustom && group !== 'apiregistration.k8s.io')

function made(
  server: Server,
  type: ResourceType,
  { group, version }: Version,
  { resourceVersion, managed }: { resourceVersion: string; managed: string },
): JsonObject {
  const now = timestamp(server)
  const priority = priorityOf(group, version)
  const after: JsonObject = {
    kind: type.kind,
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: {
      name: apiServiceName(group, version),
      uid: server.newUid(),
      resourceVersion,
      creationTimestamp: now,
      labels: { [MANAGED]: managed },
    },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: priority.group,
      versionPriority: priority.version,
    },
    status: localStatus(now),
  }
  return trackUpdate({ before: undefined, after, type, manager: 'kube-apiserver', now })
}
