/**
 * What may be done with a kind, path by path: the operations of OpenAPI documents in a form from which both versions are
 * written. Paths, names and texts are those of the real server, in which custom kinds differ from built-in ones here and
 * there.
 */
import type { ResourceType, Subresource } from '../resource.ts'
import { capitalised, componentName, operationId } from './names.ts'
import { BASIC, isAllowed, named, objectOf, type Operation, operation, some, specified } from './operation.ts'
import { parametersOf, restOfPath } from './parameters.ts'

/** Operations by path. */
export type Paths = Map<string, Operation[]>

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const STATUS = `${META}.Status`
const OPTIONS = { type: `${META}.DeleteOptions`, isRequired: false }

const STREAM = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json']

const OK = { 200: 'OK' }
const CREATED = { 200: 'OK', 201: 'Created' }
const ACCEPTED = { 200: 'OK', 202: 'Accepted' }

/** Adds the operations of a kind and of its subresources. */
export function addOperations(paths: Paths, type: ResourceType): void {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`
  const add = (path: string, operation: Operation | undefined) => {
    if (operation === undefined) return
    const known = paths.get(root + path)
    if (known === undefined) paths.set(root + path, [operation])
    else known.push(operation)
  }
  const place = `${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}`
  if (type.namespaced) {
    add(`/${type.plural}`, list(type, 'list', true))
    add(`/watch/${type.plural}`, watch(type, 'watchlist', true))
  }
  for (const make of [read, replace, remove, patch]) add(`${place}/{name}`, make(type))
  add(`/watch${place}/{name}`, watch(type, 'watch', false))
  add(place, list(type, 'list', false))
  add(place, create(type))
  add(place, removeAll(type))
  add(`/watch${place}`, watch(type, 'watchlist', false))
  for (const part of type.subresources) {
    const path = `${place}/{name}/${part.name}`
    for (const operation of partOperations(type, part)) add(path, operation)
    if (part.connection?.hasPath === true)
      for (const operation of connections(type, part, true)) add(`${path}/{path}`, operation)
  }
}

function list(type: ResourceType, action: string, isEverywhere: boolean): Operation | undefined {
  const target = { type }
  if (!isAllowed(target, 'list')) return undefined
  const mayWatch = !type.custom && isAllowed(target, 'watch')
  return operation(target, {
    method: 'get',
    verb: 'list',
    action,
    description: `${mayWatch ? 'list or watch' : 'list'} objects of kind ${type.kind}`,
    parameters: parametersOf('list'),
    suffix: isEverywhere ? 'ForAllNamespaces' : '',
    isEverywhere,
    answer: componentName(type, type.listKind),
    statuses: OK,
    ...(type.custom ? {} : { produces: [...BASIC, ...STREAM] }),
  })
}

const INSTEAD = "deprecated: use the 'watch' parameter with a list operation instead"

/** The paths from before lists could be watched; custom kinds do not tell of theirs. */
function watch(
  type: ResourceType,
  action: 'watch' | 'watchlist',
  isEverywhere: boolean,
): Operation | undefined {
  const target = { type }
  if (type.custom || !isAllowed(target, 'watch')) return undefined
  const isList = action === 'watchlist'
  return (isList ? operation : named)(target, {
    method: 'get',
    verb: 'watch',
    action,
    description: isList
      ? `watch individual changes to a list of ${type.kind}. ${INSTEAD}.`
      : `watch changes to an object of kind ${type.kind}. ${INSTEAD}, filtered to a single item with the 'fieldSelector' parameter.`,
    parameters: parametersOf('list'),
    suffix: `${isList ? 'List' : ''}${isEverywhere ? 'ForAllNamespaces' : ''}`,
    isEverywhere,
    answer: `${META}.WatchEvent`,
    statuses: OK,
    produces: [...BASIC, ...STREAM],
  })
}

function create(type: ResourceType, part?: Subresource): Operation | undefined {
  const target = { type, part }
  if (!isAllowed(target, 'create')) return undefined
  const object = objectOf(target)
  return (part === undefined ? operation : named)(target, {
    method: 'post',
    verb: 'create',
    action: 'post',
    description: `create${some(target)}`,
    parameters: parametersOf('create'),
    body: { type: object, isRequired: true },
    answer: object,
    statuses: { ...CREATED, ...ACCEPTED },
  })
}

function removeAll(type: ResourceType): Operation | undefined {
  if (!isAllowed({ type }, 'deletecollection')) return undefined
  return operation(
    { type },
    {
      method: 'delete',
      verb: 'delete',
      action: 'deletecollection',
      description: `delete collection of ${type.kind}`,
      // Of `Collection`, which is the rest of the verb.
      ...collected(type),
      answer: STATUS,
      statuses: OK,
    },
  )
}

const collected = (type: ResourceType): Pick<Operation, 'id' | 'parameters' | 'body'> => ({
  id: operationId(
    type.group,
    type.version,
    'delete',
    `collection${type.namespaced ? 'Namespaced' : ''}${type.kind}`,
  ),
  ...(type.custom
    ? { parameters: parametersOf('list') }
    : {
        parameters: [...parametersOf('delete'), ...parametersOf('list', 'watch', 'allowWatchBookmarks')],
        body: OPTIONS,
      }),
})

function read(type: ResourceType, part?: Subresource): Operation | undefined {
  const target = { type, part }
  if (!isAllowed(target, 'get')) return undefined
  const isLog = part?.options === 'PodLogOptions'
  return named(target, {
    method: 'get',
    verb: 'read',
    action: 'get',
    description: `read ${specified(target)}`,
    parameters: isLog ? parametersOf('PodLogOptions') : type.custom ? parametersOf('get') : [],
    answer: isLog ? 'string' : objectOf(target),
    statuses: OK,
    ...(isLog ? { produces: ['text/plain', ...BASIC] } : {}),
  })
}

function replace(type: ResourceType, part?: Subresource): Operation | undefined {
  const target = { type, part }
  if (!isAllowed(target, 'update')) return undefined
  const object = objectOf(target)
  return named(target, {
    method: 'put',
    verb: 'replace',
    action: 'put',
    description: `replace ${specified(target)}`,
    parameters: parametersOf('update'),
    body: { type: object, isRequired: true },
    answer: object,
    statuses: CREATED,
  })
}

function patch(type: ResourceType, part?: Subresource): Operation | undefined {
  const target = { type, part }
  if (!isAllowed(target, 'patch')) return undefined
  const strategic = type.custom ? [] : ['application/strategic-merge-patch+json']
  return named(target, {
    method: 'patch',
    verb: 'patch',
    action: 'patch',
    description: `partially update ${specified(target)}`,
    parameters: parametersOf('patch'),
    consumes: [...PATCHES, ...strategic, 'application/apply-patch+yaml'],
    body: { type: `${META}.Patch`, isRequired: true },
    answer: objectOf(target),
    statuses: type.custom ? OK : CREATED,
  })
}

function remove(type: ResourceType): Operation | undefined {
  const target = { type }
  if (!isAllowed(target, 'delete')) return undefined
  return named(target, {
    method: 'delete',
    verb: 'delete',
    action: 'delete',
    description: `delete${some(target)}`,
    parameters: parametersOf('delete'),
    body: OPTIONS,
    answer: type.returnsDeleted === true ? objectOf(target) : STATUS,
    statuses: ACCEPTED,
  })
}

const partOperations = (type: ResourceType, part: Subresource): (Operation | undefined)[] =>
  part.connection === undefined
    ? [create(type, part), read(type, part), replace(type, part), patch(type, part)]
    : connections(type, part, false)

/** Requests that are passed on. */
const connections = (type: ResourceType, part: Subresource, hasPath: boolean): Operation[] =>
  (part.connection?.methods ?? []).map((method) =>
    named(
      { type, part },
      {
        method: method.toLowerCase(),
        verb: `connect${capitalised(method)}`,
        action: 'connect',
        ...passedOn(type, part, method, hasPath),
        description: `connect ${method} requests to ${part.name} of ${type.kind}`,
        parameters: [...parametersOf(part.options ?? 'get'), ...(hasPath ? [restOfPath] : [])],
        consumes: ['*/*'],
        produces: ['*/*'],
        answer: 'string',
        statuses: OK,
      },
    ),
  )

/** The verb of these is `connect`, the method stands behind the group. */
const passedOn = (type: ResourceType, part: Subresource, method: string, hasPath: boolean) => ({
  id: operationId(
    type.group,
    type.version,
    'connect',
    `${capitalised(method)}${type.namespaced ? 'Namespaced' : ''}${type.kind}${capitalised(part.name)}${hasPath ? 'WithPath' : ''}`,
  ),
})
