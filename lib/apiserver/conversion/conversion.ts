/**
 * How versions of a custom resource become each other where a webhook converts them. One for each served version of a CRD;
 * what was converted is remembered for as long as it is stored.
 */
import type { JsonObject, Schema } from '../resource.ts'

export interface Conversion {
  /** `clientConfig` of the webhook. */
  readonly client: JsonObject
  readonly reviewVersions: readonly string[]
  /** `group/version` that this is for, and in which objects are stored. */
  readonly own: string
  readonly storage: string
  /** Those of `ResourceType.versionSchemas`. */
  readonly schemas: ReadonlyMap<string, Schema>
  /** Stored object -> the same in this version. */
  readonly known: WeakMap<JsonObject, JsonObject>
  /** Those that are being converted. */
  readonly pending: WeakMap<JsonObject, Promise<JsonObject>>
}
