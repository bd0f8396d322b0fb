/**
 * Field tracking where managers own fields of other versions, which are compared in those. Where a webhook converts, tracking itself is synchronous:
 * it is begun again with each conversion that it misses.
 */
import { askForConversion } from '../conversion/ask.ts'
import { trackUpdate, type Update } from '../fields/managed.ts'
import { Unconvertible, type Versions } from '../fields/versions.ts'
import type { JsonObject, ResourceType, Schema } from '../resource.ts'
import type { Server } from '../server.ts'
import { StatusError } from '../status.ts'
import { equivalentsOf } from '../registry.ts'
import { apiVersionOf } from '../../kube.ts'

/** The object with its managedFields brought up to date; at once where no webhook converts. */
export const tracked = (
  server: Server,
  type: ResourceType,
  update: Omit<Update, 'type' | 'versions'>,
): JsonObject | Promise<JsonObject> =>
  withVersions(server, type, (versions) => trackUpdate({ ...update, type, versions }))

class Missing extends Error {
  readonly object: JsonObject
  readonly apiVersion: string

  constructor(object: JsonObject, apiVersion: string) {
    super('a conversion is missing')
    this.object = object
    this.apiVersion = apiVersion
  }
}

/** The result of `run`, which compares objects in other versions and changes nothing but what it returns. */
export function withVersions<T>(
  server: Server,
  type: ResourceType,
  run: (versions: Versions | undefined) => T,
): T | Promise<T> {
  const { conversion, versionSchemas: schemas } = type
  if (schemas === undefined) return run(formsOf(server, type))
  if (conversion === undefined)
    return run({
      typeOf: versionOf(type, schemas),
      convert: (object, apiVersion) => ({ ...object, apiVersion }),
    })
  const known = new Map<string, JsonObject | Unconvertible>()
  const keyOf = (object: JsonObject, apiVersion: string) => `${apiVersion} ${JSON.stringify(object)}`
  const versions: Versions = {
    typeOf: versionOf(type, schemas),
    convert: (object, apiVersion) => {
      const found = known.get(keyOf(object, apiVersion))
      if (found === undefined) throw new Missing(object, apiVersion)
      if (found instanceof Unconvertible) throw found
      return found
    },
  }
  const attempt = async (): Promise<T> => {
    for (;;) {
      try {
        return run(versions)
      } catch (error) {
        if (!(error instanceof Missing)) throw error
        const { object, apiVersion } = error
        const result = await askForConversion(server, conversion, object, apiVersion).catch(unconvertible)
        known.set(keyOf(object, apiVersion), result)
      }
    }
  }
  return attempt()
}

/** The forms of a built-in kind that has several (events, autoscalers); undefined for all others. */
function formsOf(server: Server, type: ResourceType): Versions | undefined {
  const forms = equivalentsOf(server.registry, type, '')
  if (forms.length < 2) return undefined
  const formOf = (apiVersion: string) => forms.find((one) => apiVersionOf(one) === apiVersion)
  return {
    typeOf: formOf,
    convert: (object, apiVersion) => {
      const stored = type.toStored?.(object) ?? object
      return formOf(apiVersion)?.fromStored?.(stored) ?? { ...stored, apiVersion }
    },
  }
}

const versionOf =
  (type: ResourceType, schemas: ReadonlyMap<string, Schema>): Versions['typeOf'] =>
  (apiVersion) => {
    const schema = schemas.get(apiVersion)
    return schema === undefined ? undefined : { ...type, schema }
  }

function unconvertible(error: unknown): Unconvertible {
  if (error instanceof StatusError) return new Unconvertible(error.message, { cause: error })
  throw error
}
