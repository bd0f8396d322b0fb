/**
 * Types that belong to no kind: lists, options, Statuses, discovery itself. Documents refer to them.
 */
import { always, byNamedDefault, listOf, ofPackage, needed, struct } from '../kinds/dsl.ts'
import { schemaProps } from '../kinds/schemaProps.ts'
import type { Schema } from '../resource.ts'
import { metadata, objectMeta } from '../schema/objectmeta.ts'

const meta = (schema: Schema): Schema => ofPackage('meta.v1', schema)

const typed = { apiVersion: 'string', kind: 'string' }

/** A list that is written even where it is empty. */
const manyOf = (given: Schema | string): Schema => needed(listOf(given))

/** `metadata` of lists and of Statuses. */
export const listMeta: Schema = meta(
  struct('ListMeta', {
    selfLink: 'string',
    resourceVersion: 'string',
    continue: 'string',
    remainingItemCount: 'int64?',
    shardInfo: struct('ShardInfo', { selector: 'string!' }),
  }),
)

const serverAddress = struct('ServerAddressByClientCIDR', { clientCIDR: 'string!', serverAddress: 'string!' })
const groupVersion = struct('GroupVersionForDiscovery', { groupVersion: 'string!', version: 'string!' })
const apiGroup = struct('APIGroup', {
  ...typed,
  name: 'string!',
  versions: manyOf(groupVersion),
  preferredVersion: always(groupVersion),
  serverAddressByClientCIDRs: listOf(serverAddress),
})
const apiResource = struct('APIResource', {
  name: 'string!',
  singularName: 'string!',
  namespaced: 'bool!',
  group: 'string',
  version: 'string',
  kind: 'string!',
  verbs: needed({ type: 'array', items: { type: 'string' } }),
  shortNames: 'string[]',
  categories: 'string[]',
  storageVersionHash: 'string',
})

const scale = struct('Scale', {
  ...typed,
  metadata,
  spec: always(struct('ScaleSpec', { replicas: byNamedDefault('int32', 0) })),
  status: always(struct('ScaleStatus', { replicas: 'int32!', selector: 'string' })),
})

const statusDetails = struct('StatusDetails', {
  name: 'string',
  group: 'string',
  kind: 'string',
  uid: 'string',
  causes: listOf(struct('StatusCause', { reason: 'string', message: 'string', field: 'string' })),
  retryAfterSeconds: 'int32',
})

const deleteOptions = struct('DeleteOptions', {
  ...typed,
  gracePeriodSeconds: 'int64?',
  preconditions: struct('Preconditions', { uid: 'string?', resourceVersion: 'string?' }),
  orphanDependents: 'bool?',
  propagationPolicy: 'string?',
  dryRun: 'string[]',
  ignoreStoreReadErrorWithClusterBreakingPotential: 'bool?',
})

const raw: Schema = ofPackage('runtime', { type: 'object', 'x-go-type': 'RawExtension' })

const types: Readonly<Record<string, Schema>> = {
  APIGroup: apiGroup,
  APIGroupList: struct('APIGroupList', { ...typed, groups: manyOf(apiGroup) }),
  APIResourceList: struct('APIResourceList', {
    ...typed,
    groupVersion: 'string!',
    resources: manyOf(apiResource),
  }),
  APIVersions: struct('APIVersions', {
    ...typed,
    versions: manyOf('string'),
    serverAddressByClientCIDRs: manyOf(serverAddress),
  }),
  DeleteOptions: deleteOptions,
  ListMeta: listMeta,
  MicroTime: { type: 'string', format: 'micro-time' },
  ObjectMeta: objectMeta,
  Patch: { type: 'object' },
  Status: struct('Status', {
    ...typed,
    metadata: always(listMeta),
    status: 'string',
    message: 'string',
    reason: 'string',
    details: statusDetails,
    code: 'int32',
  }),
  Time: { type: 'string', format: 'date-time' },
  WatchEvent: struct('WatchEvent', { type: 'string!', object: needed(raw) }),
}

const others: Readonly<Record<string, Schema>> = {
  'io.k8s.api.autoscaling.v1.Scale': scale,
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps': schemaProps,
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { format: 'quantity' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { format: 'int-or-string' },
  'io.k8s.apimachinery.pkg.version.Info': struct('Info', {
    major: 'string!',
    minor: 'string!',
    emulationMajor: 'string',
    emulationMinor: 'string',
    minCompatibilityMajor: 'string',
    minCompatibilityMinor: 'string',
    gitVersion: 'string!',
    gitCommit: 'string!',
    gitTreeState: 'string!',
    buildDate: 'string!',
    goVersion: 'string!',
    compiler: 'string!',
    platform: 'string!',
  }),
}

/** The schemas by the names of their components. */
export const metaTypes: ReadonlyMap<string, Schema> = new Map([
  ...Object.entries(types).map(([name, schema]): [string, Schema] => [
    `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`,
    schema,
  ]),
  ...Object.entries(others),
])
