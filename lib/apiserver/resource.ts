/**
 * What the embedded API server knows of a kind that it serves: names for discovery, a schema for everything that is
 * decided by structure (defaulting, pruning, validation, server-side apply, strategic merge), and the few rules that are
 * not (allocation, immutability, generation). Built-in kinds and CRDs are both turned into this.
 */
import type { User } from './auth/user.ts'
import type { Conversion } from './conversion/conversion.ts'
import type { ParameterSet } from './openapi/parameters.ts'

/** JSON as it is stored. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/**
 * A structural schema (apiextensions/v1 JSONSchemaProps). Built-in kinds are written in the same form; the two
 * `patch` keys are the strategic-merge tags of their Go types.
 */
export interface Schema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  format?: string
  nullable?: boolean
  default?: Json
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  required?: string[]
  enum?: Json[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: boolean
  exclusiveMaximum?: boolean
  multipleOf?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  minProperties?: number
  maxProperties?: number
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  not?: Schema
  description?: string
  title?: string
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: 'granular' | 'atomic'
  'x-kubernetes-validations'?: ValidationRule[]
  'x-kubernetes-patch-strategy'?: string
  'x-kubernetes-patch-merge-key'?: string
  /** Built-in kinds, as their Go types encode them: a `null` (pointers) or every zero value is left out. */
  'x-go-omit'?: 'null' | 'zero' | undefined
  /** Built-in kinds: the field is always written; this is what it holds when nobody set it. */
  'x-go-zero'?: Json
  /** Built-in kinds: the struct within the struct that the field stands in, which decoding errors name in the path. */
  'x-go-embedded'?: string
  /** Built-in kinds: the Go type that a decoding error names; objects carry the name of their struct. */
  'x-go-type'?: string
  /** Built-in kinds: the package of the Go type, for OpenAPI; what stands below is of the same one unless it says otherwise. */
  'x-go-package'?: string
  /** Built-in kinds: OpenAPI names another type here than what is decoded. */
  'x-go-published'?: Schema
  /** Built-in kinds: whether OpenAPI lists the field as required, where that does not follow from `x-go-zero`. */
  'x-go-required'?: boolean
  /** Built-in kinds: the values that OpenAPI lists. */
  'x-go-enum'?: string[]
  /** Built-in kinds: of which fields a struct has one, as OpenAPI tells it. */
  'x-go-union'?: JsonObject
  /** Built-in kinds: the default that OpenAPI names; the others are filled in without being told. */
  'x-go-default'?: Json
}

export interface ValidationRule {
  rule: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
  optionalOldSelf?: boolean
}

/** One problem of an object, as it appears in `details.causes` of an Invalid Status. */
export interface Problem {
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldValueNotSupported`, `FieldValueDuplicate`, `FieldValueForbidden`, ... */
  reason: string
  /** `spec.containers[0].image` */
  field: string
  message: string
}

/** What admission may look at: the stored objects of a kind, all of them or those of a namespace. */
export type World = (apiVersion: string, kind: string, namespace?: string) => JsonObject[]

export interface Column {
  name: string
  type: string
  format?: string
  description?: string
  priority: number
  /** A JSON path (CRDs) or a function of the object (built-in kinds). `now` is in milliseconds. */
  value: string | ((object: JsonObject, now: number) => Json)
}

/** RFC 1123 subdomain (most kinds), RFC 1123 label, whatever fits between two slashes of a path (RBAC), or anything. */
export type NameFormat = 'subdomain' | 'label' | 'path' | 'any'

/** How the registry of a kind looks at metadata, beyond what it does for every kind. */
export interface MetadataRules {
  /** Finalizers are Kubernetes' own, or have a domain. */
  standardFinalizers: boolean
  /** What an update looks at once more: what changed, the whole of it, both, or nothing. */
  again: 'changes' | 'whole' | 'both' | 'none'
  /** The same for a write of the status. */
  status: 'changes' | 'none'
}

/** A part of a resource that has a path of its own below an object's. */
export interface Subresource {
  /** `status`, `eviction` */
  name: string
  /** What is sent or answered there, where that is not the resource's own kind. */
  kind?: string
  /** Of `kind`, where the real server names them: discovery shows nothing else. */
  group?: string
  version?: string
  /** The type of what is sent, where that is not the resource's own. */
  sent?: ResourceType
  /** What discovery lists and requests may do, in the order of discovery. */
  verbs: Verb[]
  /** The kind of what the query holds, where it holds more than usual. */
  options?: ParameterSet
  /** Requests are passed on: by these methods, and with a path of their own or without. */
  connection?: { methods: readonly string[]; hasPath: boolean }
}

/** What a request does. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** What reading an object needs to know of its kind. */
export type Readable = Pick<ResourceType, 'group' | 'version' | 'kind' | 'schema' | 'custom'> &
  Partial<Pick<ResourceType, 'dropUnknown' | 'formerVersions'>>

/** A served version of a kind. */
export interface ResourceType {
  group: string
  version: string
  kind: string
  listKind: string
  plural: string
  singular: string
  shortNames: string[]
  categories: string[]
  namespaced: boolean
  schema: Schema
  /** Custom resources: unknown fields are pruned and validated by schema; built-in kinds: unknown fields are dropped. */
  custom: boolean
  /** Objects of several group/versions that are one storage (events, CRD versions) share this key. */
  storage: string
  /** `group/version` that the real server stores the kind in, where it is not this one: discovery shows a hash of it. */
  storageVersion?: string
  /** Nothing of the kind is stored: it is a question, and its answer (reviews), or made when it is read. */
  isVirtual?: boolean
  /** Lists and watches are served by storage itself, without a watch cache: they never wait for a version, and always page. */
  isUncached?: boolean
  /** All of them, in the order of discovery; `hasStatus` and `scale` say more of two. */
  subresources: Subresource[]
  hasStatus: boolean
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string }
  /** Kinds without generation (ConfigMap, Secret, ...) have `undefined`; others: does this update bump it? */
  bumpsGeneration?: (before: JsonObject, after: JsonObject) => boolean
  /** What a new object has, where that is not 1. */
  firstGeneration?: number
  columns: Column[]
  /** Annotations that stand for a field of another version: metadata alone is shown without them. */
  hiddenAnnotations?: string[]
  /** The conditions that the row of an object has in a Table; none for most kinds. */
  rowConditions?: (object: JsonObject) => JsonObject[]
  /** Field selectors beyond metadata.name and metadata.namespace: path -> value. */
  selectableFields: Record<string, (object: JsonObject) => string>
  /** In the order of discovery. */
  verbs: Verb[]
  /** `group/version`s that are served no more, and taken in bodies. */
  formerVersions?: readonly string[]
  /** DELETE answers with the object that is gone instead of a Status. */
  returnsDeleted?: boolean
  /** A custom kind whose definition is being deleted. */
  isEnding?: true
  /** What `metadata.name` must look like. */
  nameFormat: NameFormat
  metadataRules: MetadataRules
  /** Parts of the metadata that a write of the status leaves as they are. */
  statusKeeps: readonly ('labels' | 'annotations' | 'finalizers' | 'ownerReferences')[]
  /** Cross-field validation beyond the schema; `before` is absent on create, `subresource` is empty for the object itself. */
  validate?: (object: JsonObject, before: JsonObject | undefined, subresource?: string) => Problem[]
  /** Takes out fields that the kind does not have but its schema cannot tell; returns their paths. */
  dropUnknown?: (object: JsonObject) => string[]
  /** The text of a `Warning` header with which every request for this version is answered. */
  deprecation?: string
  /** Texts for `Warning` headers of a write that is accepted; arguments as for `validate`. */
  warnings?: (object: JsonObject, before?: JsonObject, subresource?: string) => string[]
  /** Fills what depends on the server (cluster IPs, uids of parts); runs after defaulting. Returns nothing, changes in place. */
  prepare?: (
    object: JsonObject,
    before: JsonObject | undefined,
    server: Allocations,
    subresource?: string,
  ) => void
  /**
   * What admission that is built in makes of a new object, in place, before webhooks see it. Answers why the object may not be
   * made, where it may not.
   */
  admit?: (object: JsonObject, world: World) => string | undefined
  /** Kinds that end gracefully: how many seconds that takes, of those that a client asked for; the others go at once. */
  graceSeconds?: (object: JsonObject, asked: number | undefined) => number
  /** A deletion that does not say what becomes of dependents leaves them, with a warning where there is a text for it. */
  orphansByDefault?: { readonly warning?: string }
  /** Writes down who asks for a new object, in place. */
  sign?: (object: JsonObject, user: User) => void
  /** What a write through a subresource (`''`: through none) cannot change, where that is not what most kinds have. */
  outOfReach?: Readonly<Record<string, readonly string[]>>
  /** Defaults that depend on other values; runs after the schema's own. */
  defaults?: (object: JsonObject) => void
  /** Between stored form and this version's (events: core/v1 <-> events.k8s.io/v1; CRD versions: apiVersion only). */
  fromStored?: (object: JsonObject) => JsonObject
  toStored?: (object: JsonObject) => JsonObject
  /** Schemas of all versions of a CRD, served or not, by `group/version`. */
  versionSchemas?: ReadonlyMap<string, Schema>
  /** Versions of a CRD that a webhook converts: `fromStored` reads only what was converted before (`conversion/convert.ts`). */
  conversion?: Conversion
  /** Whatever a deletion says, dependents are none of its business. */
  ignoresDependents?: true
  /** The update of an existing object by PUT without a resourceVersion is allowed (most built-in kinds). */
  allowsUnconditionalUpdate: boolean
  /** PUT on an absent name creates it (few kinds: Lease, Event, ...). */
  allowsCreateOnUpdate: boolean
}

/** What `prepare` may ask of the server. */
export interface Allocations {
  clusterIP(): string
  nodePort(): number
  /** Why an address or a port that a client asks for is not to be had, if it is not. */
  refuseAddress(address: string): string | undefined
  refusePort(port: number): string | undefined
  /** RFC 3339 in whole seconds. */
  now(): string
}
