/**
 * The documents of version 3: one for each group and version, one for each group, and those of what stands beside. Which
 * there are is told by {@link documentKeys}; each is made when it is asked for.
 */
import { type Components, META, referTo } from './component.ts'
import { clientVersions } from './versions.ts'
import { knownComponents, type Version } from './known.ts'
import { operationId, tagOf } from './names.ts'
import { BASIC, type Operation } from './operation.ts'
import { addOperations, type Paths } from './operations.ts'
import { byName, type Parameter } from './parameters.ts'
import type { Registry } from '../registry.ts'
import type { JsonObject, ResourceType } from '../resource.ts'

/** How clients say who they are. */
export const SECURITY = {
  BearerToken: {
    type: 'apiKey',
    description: 'Bearer Token authentication',
    name: 'authorization',
    in: 'header',
  },
}

/** The types of a group and version, none in documents that are about no kind, and what may be done with them. */
export interface Section {
  readonly types: readonly ResourceType[]
  readonly paths: Paths
  readonly isCustom: boolean
}

const plainSection = (path: string, operation: Operation): Section => ({
  types: [],
  paths: one(path, operation),
  isCustom: false,
})

const keyOf = (group: string, version: string): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`

/** Every document there is, by its key (`apis/apps/v1`), with the operations that it holds. */
export function sectionsOf(registry: Registry): Map<string, Section> {
  const sections = new Map<string, Section>()
  for (const [path, operation] of plainOperations()) sections.set(path, plainSection(path, operation))
  for (const [key, served] of registry.versions) {
    const [group = '', version = ''] = key.split('/')
    const types = [...served.values()]
    const isCustom = types.every((type) => type.custom)
    const paths: Paths = isCustom ? new Map() : one(keyOf(group, version), resourcesOf(group, version))
    for (const type of types) addOperations(paths, type)
    sections.set(keyOf(group, version), { types, paths, isCustom })
    if (!isCustom && group !== '')
      sections.set(`apis/${group}`, plainSection(`apis/${group}`, groupOf(group)))
  }
  return sections
}

const one = (path: string, operation: Operation): Paths => new Map([[`/${path}/`, [operation]]])

const plain = (
  id: string,
  tag: string,
  description: string,
  answer: string,
  types: readonly string[] = BASIC,
): Operation => ({
  method: 'get',
  id,
  tag,
  description,
  parameters: [],
  consumes: types,
  produces: types,
  statuses: { 200: 'OK' },
  answer,
})

const resourcesOf = (group: string, version: string): Operation =>
  plain(
    operationId(group, version, 'get', 'APIResources'),
    tagOf(group, version),
    'get available resources',
    `${META}.APIResourceList`,
  )

const groupOf = (group: string): Operation =>
  plain(
    operationId(group, '', 'get', 'APIGroup'),
    tagOf(group),
    'get information of a group',
    `${META}.APIGroup`,
  )

const plainOperations = (): [string, Operation][] => {
  const versions = 'get available API versions'
  return [
    ['api', plain('getCoreAPIVersions', 'core', versions, `${META}.APIVersions`)],
    ['apis', plain('getAPIVersions', 'apis', versions, `${META}.APIGroupList`)],
    [
      'version',
      plain(
        'getCodeVersion',
        'version',
        'get the version information for this server',
        'io.k8s.apimachinery.pkg.version.Info',
        ['application/json'],
      ),
    ],
  ]
}

/** All that the document of a section is made from, as text. */
export const sourceOf = ({ types, paths }: Section): string =>
  JSON.stringify([...paths.keys()]) +
  JSON.stringify(
    types.map(({ kind, listKind, verbs, subresources, selectableFields, schema, returnsDeleted }) => [
      kind,
      listKind,
      verbs,
      subresources,
      Object.keys(selectableFields),
      schema,
      returnsDeleted === true,
    ]),
  )

/** The document of a section. */
export function documentOf(registry: Registry, section: Section): JsonObject {
  const { types, paths, isCustom } = section
  const components: Components = {
    version: 3,
    found: new Map(),
    known: knownComponents(registry, isCustom ? clientVersions : optionVersions(types)),
  }
  const written: JsonObject = {}
  for (const [path, operations] of paths) written[path] = pathOf(components, operations)
  return {
    openapi: '3.0.0',
    info: isCustom
      ? { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }
      : { title: 'Kubernetes', version: '1.36' },
    paths: written,
    components: {
      ...(components.found.size === 0 ? {} : { schemas: Object.fromEntries(components.found) }),
      ...(isCustom ? {} : { securitySchemes: SECURITY }),
    },
  }
}

/** Options are kinds of the core group, and of the document's own. */
const optionVersions = ([type]: readonly ResourceType[]): Version[] => [
  { group: '', version: 'v1' },
  ...(type === undefined || type.group === '' ? [] : [{ group: type.group, version: type.version }]),
]

/** The parameters that every operation of a path takes; the path lists them once. */
export function commonOf(operations: readonly Operation[]): Parameter[] {
  const [first, ...others] = operations
  return (first?.parameters ?? []).filter(({ name, in: place }) =>
    others.every(({ parameters }) => parameters.some((one) => one.name === name && one.in === place)),
  )
}

/** The parameters of an operation that are not common. */
export const ownOf = (operation: Operation, common: readonly Parameter[]): Parameter[] =>
  operation.parameters.filter(
    ({ name, in: place }) => !common.some((one) => one.name === name && one.in === place),
  )

function pathOf(components: Components, operations: readonly Operation[]): JsonObject {
  const common = commonOf(operations)
  return {
    ...Object.fromEntries(
      operations.map((operation) => [operation.method, operationOf(components, operation, common)]),
    ),
    ...(common.length === 0 ? {} : { parameters: common.sort(byName).map(parameterOf) }),
  }
}

const parameterOf = ({ type, ...given }: Parameter): JsonObject => ({
  ...given,
  schema: { type, uniqueItems: true },
})

const typeOf = (components: Components, type: string): JsonObject =>
  type === 'string' ? { type } : referTo(components, type)

function operationOf(components: Components, operation: Operation, common: readonly Parameter[]): JsonObject {
  const { body, action, kind } = operation
  const own = ownOf(operation, common).sort(byName)
  const content = (media: readonly string[], type: string): JsonObject =>
    Object.fromEntries(media.map((one) => [one, { schema: typeOf(components, type) }]))
  return {
    tags: [operation.tag],
    description: operation.description,
    operationId: operation.id,
    ...(own.length === 0 ? {} : { parameters: own.map(parameterOf) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: content(operation.consumes, body.type),
            ...(body.isRequired ? { required: true } : {}),
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.statuses).map(([code, description]) => [
          code,
          { description, content: content(operation.produces, operation.answer) },
        ]),
      ),
      401: { description: 'Unauthorized' },
    },
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(kind === undefined ? {} : { 'x-kubernetes-group-version-kind': { ...kind } }),
  }
}
