/**
 * The one document of version 2: all operations, with parameters that several of them take written once, and all components
 * as definitions.
 */
import { serverVersions } from './versions.ts'
import { type Components, referTo } from './component.ts'
import { commonOf, ownOf, SECURITY, sectionsOf } from './document.ts'
import { knownComponents } from './known.ts'
import type { Operation } from './operation.ts'
import { byName, type Parameter } from './parameters.ts'
import type { Registry } from '../registry.ts'
import type { JsonObject } from '../resource.ts'

/** The whole document. */
export function swaggerOf(registry: Registry): JsonObject {
  const components: Components = {
    version: 2,
    found: new Map(),
    known: knownComponents(registry, serverVersions),
  }
  const shared = new Map<string, JsonObject>()
  const paths: JsonObject = {}
  for (const section of sectionsOf(registry).values())
    for (const [path, operations] of section.paths) paths[path] = pathOf(components, shared, operations)
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: '1.36' },
    paths,
    definitions: Object.fromEntries(components.found),
    parameters: Object.fromEntries(shared),
    securityDefinitions: SECURITY,
    security: [{ BearerToken: [] }],
  }
}

type Shared = Map<string, JsonObject>

function pathOf(components: Components, shared: Shared, operations: readonly Operation[]): JsonObject {
  const common = commonOf(operations)
  return {
    ...Object.fromEntries(
      operations.map((operation) => [operation.method, operationOf(components, shared, operation, common)]),
    ),
    ...(common.length === 0
      ? {}
      : { parameters: common.sort(byName).map((one) => sharedOrOwn(shared, one.name, parameterOf(one))) }),
  }
}

/** In the order of the real server, of whose text the names of shared parameters are made. */
const parameterOf = ({ name, in: place, type, description, required }: Parameter): JsonObject => ({
  uniqueItems: true,
  type,
  description,
  name,
  in: place,
  ...(required === true ? { required } : {}),
})

/**
 * A reference to the parameter, which is shared from now on. Names are never, since the kind is in their texts; nor those
 * that old clients look for.
 */
function sharedOrOwn(shared: Shared, name: string, parameter: JsonObject): JsonObject {
  if (name === 'name' || name === 'dryRun' || name === 'fieldValidation') return parameter
  const key = `${name}-${hashOf(JSON.stringify(parameter))}`
  shared.set(key, parameter)
  return { $ref: `#/parameters/${key}` }
}

const OFFSET = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n

/** FNV-1 of 64 bits, the first six bytes in base64. */
function hashOf(text: string): string {
  let hash = OFFSET
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, hash * PRIME) ^ BigInt(byte)
  const bytes = Uint8Array.from({ length: 6 }, (_, index) => Number((hash >> BigInt(56 - 8 * index)) & 0xffn))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}

const typeOf = (components: Components, type: string): JsonObject =>
  type === 'string' ? { type } : referTo(components, type)

function bodyOf(components: Components, shared: Shared, { body }: Operation): JsonObject[] {
  if (body === undefined) return []
  const parameter = {
    name: 'body',
    in: 'body',
    ...(body.isRequired ? { required: true } : {}),
    schema: typeOf(components, body.type),
  }
  return [body.type.startsWith('io.k8s.apimachinery') ? sharedOrOwn(shared, 'body', parameter) : parameter]
}

function operationOf(
  components: Components,
  shared: Shared,
  operation: Operation,
  common: readonly Parameter[],
): JsonObject {
  const { action, kind } = operation
  const own = ownOf(operation, common)
  const named: [string, JsonObject][] = [
    ...bodyOf(components, shared, operation).map((body): [string, JsonObject] => ['body', body]),
    ...own.map((one): [string, JsonObject] => [one.name, sharedOrOwn(shared, one.name, parameterOf(one))]),
  ]
  const parameters = named.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, parameter]) => parameter)
  return {
    description: operation.description,
    consumes: [...operation.consumes],
    produces: [...operation.produces],
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.statuses).map(([code, description]) => [
          code,
          { description, schema: typeOf(components, operation.answer) },
        ]),
      ),
      401: { description: 'Unauthorized' },
    },
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(kind === undefined ? {} : { 'x-kubernetes-group-version-kind': { ...kind } }),
  }
}
