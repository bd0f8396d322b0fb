/**
 * OpenAPI documents, made from the schemas of the served kinds: v3 by group and version with an index, and v2 in one. They
 * hold what kubectl reads of them (fields, merge keys, which parameters a write takes); descriptions are those of the
 * schemas.
 */
import { createHash } from 'node:crypto'
import { apiVersionOf } from './encode.ts'
import { metadataSchema, openApiSchema } from './openapiSchema.ts'
import { jsonAnswer, textAnswer } from './render.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import type { Answer, ApiRequest, Server } from './server.ts'
import { StatusError } from './status.ts'

/** The document, or undefined when the path is none. Throws 406. */
export function handleOpenApi(server: Server, request: ApiRequest): Answer | undefined {
  const [root, version, ...rest] = request.segments
  if (root !== 'openapi') return undefined
  if (version === 'v2' && rest.length === 0) {
    refuseProtobuf(request)
    return jsonAnswer(
      200,
      documentOf(server, 'v2', () => swagger(server)),
    )
  }
  if (version !== 'v3') return undefined
  // The real server sends its index as text, too.
  if (rest.length === 0)
    return textAnswer(
      200,
      documentOf(server, 'v3', () => index(server)),
    )
  const key = rest.join('/')
  const types = groupVersions(server).get(key)
  if (types === undefined) return { status: 404, body: '', contentType: '' }
  refuseProtobuf(request)
  return jsonAnswer(
    200,
    documentOf(server, key, () => groupDocument(types)),
  )
}

/** Only JSON is made; kubectl falls back to it, or does without. */
function refuseProtobuf(request: ApiRequest): void {
  const { accept } = request.headers
  if (accept === undefined || /json|\*\/\*|application\/\*/.test(accept)) return
  throw new StatusError(406, 'only the following media types are accepted: application/json', {
    reason: 'NotAcceptable',
  })
}

function documentOf(server: Server, key: string, make: () => object): string {
  const known = server.documents.get(key)
  if (known !== undefined) return known
  const text = JSON.stringify(make())
  server.documents.set(key, text)
  return text
}

const pathOf = (type: ResourceType): string =>
  type.group === '' ? `api/${type.version}` : `apis/${type.group}/${type.version}`

function groupVersions(server: Server): Map<string, ResourceType[]> {
  const found = new Map<string, ResourceType[]>()
  for (const types of server.registry.versions.values())
    for (const type of types.values()) {
      const path = pathOf(type)
      found.set(path, [...(found.get(path) ?? []), type])
    }
  return found
}

function index(server: Server): object {
  const paths: Record<string, object> = {}
  for (const [path, types] of groupVersions(server)) {
    const text = documentOf(server, path, () => groupDocument(types))
    const hash = createHash('sha512').update(text).digest('hex').toUpperCase()
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
  }
  return { paths }
}

/** `io.k8s.api.apps.v1.Deployment`, custom: `com.example.v1.Widget`. */
function schemaName(type: ResourceType): string {
  if (type.custom) return [...type.group.split('.').reverse(), type.version, type.kind].join('.')
  if (type.group === 'apiextensions.k8s.io')
    return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${type.version}.${type.kind}`
  return `io.k8s.api.${type.group === '' ? 'core' : (type.group.split('.')[0] ?? '')}.${type.version}.${type.kind}`
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const kindOf = (type: ResourceType): JsonObject => ({
  group: type.group,
  kind: type.kind,
  version: type.version,
})

const TYPE_FIELDS: JsonObject = {
  apiVersion: {
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
    type: 'string',
  },
  kind: {
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
    type: 'string',
  },
}

const METADATA_TEXT =
  "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"

/** `refs` is where schemas live in the document. */
function schemasOf(types: readonly ResourceType[], refs: string): Record<string, JsonObject> {
  const schemas: Record<string, JsonObject> = { [`${META}.ObjectMeta`]: metadataSchema() }
  for (const type of types) {
    const name = schemaName(type)
    const schema = openApiSchema(type.schema)
    const metadata = { description: METADATA_TEXT, allOf: [{ $ref: `${refs}${META}.ObjectMeta` }] }
    schemas[name] = {
      ...schema,
      properties: { ...(schema.properties as JsonObject), ...TYPE_FIELDS, metadata },
      'x-kubernetes-group-version-kind': [kindOf(type)],
    }
    schemas[`${name}List`] = {
      description: `${type.listKind} is a list of ${type.kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...TYPE_FIELDS,
        items: { description: `List of ${type.plural}.`, type: 'array', items: { $ref: `${refs}${name}` } },
        metadata: { type: 'object' },
      },
      'x-kubernetes-group-version-kind': [{ ...kindOf(type), kind: type.listKind }],
    }
  }
  return schemas
}

const V3_REFS = '#/components/schemas/'

const groupDocument = (types: readonly ResourceType[]): object => ({
  openapi: '3.0.0',
  info: { title: 'Kubernetes', version: 'v1.36.2' },
  paths: pathsOf(types, (name) => ({ schema: { type: name === 'force' ? 'boolean' : 'string' } })),
  components: { schemas: schemasOf(types, V3_REFS) },
})

function swagger(server: Server): object {
  const types = [...groupVersions(server).values()].flat()
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: pathsOf(types, (name) => ({ type: name === 'force' ? 'boolean' : 'string' })),
    definitions: schemasOf(types, '#/definitions/'),
  }
}

const WRITE = ['dryRun', 'fieldManager', 'fieldValidation']
const OPERATIONS: Record<string, { verb: string; action: string; parameters: string[] }> = {
  get: { verb: 'get', action: 'get', parameters: [] },
  put: { verb: 'update', action: 'put', parameters: WRITE },
  patch: { verb: 'patch', action: 'patch', parameters: [...WRITE, 'force'] },
  delete: { verb: 'delete', action: 'delete', parameters: ['dryRun', 'propagationPolicy'] },
}

/** Paths with the parameters that clients look for before they send them; `typed` words their type. */
function pathsOf(types: readonly ResourceType[], typed: (name: string) => object): Record<string, object> {
  const paths: Record<string, object> = {}
  for (const type of types) {
    const base = `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`
    const collection = `${base}/${type.namespaced ? 'namespaces/{namespace}/' : ''}${type.plural}`
    const operation = (method: string, action: string, names: readonly string[]) => ({
      operationId: `${method}${type.kind}`,
      parameters: names.map((name) => ({ name, in: 'query', ...typed(name) })),
      responses: { 200: { description: 'OK' } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': kindOf(type),
    })
    paths[collection] = { get: operation('list', 'list', []), post: operation('create', 'post', WRITE) }
    const item = Object.entries(OPERATIONS).filter(([, { verb }]) => type.verbs.some((one) => one === verb))
    const methods = Object.fromEntries(
      item.map(([method, { action, parameters }]) => [method, operation(method, action, parameters)]),
    )
    paths[`${collection}/{name}`] = methods
    for (const { name } of type.subresources) paths[`${collection}/{name}/${name}`] = methods
  }
  return paths
}
