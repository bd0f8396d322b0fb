/**
 * Requests about resources: from the verb to the answer. Each verb is a few steps of other files; what is common to all
 * (forms, options, warnings) is here.
 */
import { decodeBody } from './decode.ts'
import { parseDeleteOptions } from './deleteOptions.ts'
import { objectOf } from './encode.ts'
import { listPage } from './list.ts'
import { type Form, negotiate, patchType } from './negotiate.ts'
import { booleanOf, parseListOptions, parseRevision, parseWriteOptions } from './options.ts'
import { dedupeOwners } from './owners.ts'
import { includeOf, objectAnswer, pageAnswer, plainAnswer } from './render.ts'
import type { Route, Verb } from './route.ts'
import { applyScale, SCALE, scaleOf, updateScale } from './scale.ts'
import { patchedScale, sentScale } from './scaleRequest.ts'
import { type Answer, type ApiRequest, findEntry, type Server, timestamp } from './server.ts'
import { internal, notFound, tooLargeVersion } from './status.ts'
import type { Entry } from './store.ts'
import { openWatch } from './watch.ts'
import { placeInNamespace } from './write/check.ts'
import { createObject } from './write/create.ts'
import { checkName } from './write/name.ts'
import type { Outcome, Writing } from './write/outcome.ts'
import { parseApply } from './write/apply.ts'
import { patchObject } from './write/patch.ts'
import { removeCollection, removeObject } from './write/remove.ts'
import { updateObject } from './write/update.ts'

/** Does what the verb says. Throws StatusError. */
export function handleResource(server: Server, request: ApiRequest, route: Route, verb: Verb): Answer {
  const answer = handleVerb(server, request, route, verb)
  const { deprecation } = route.type
  return deprecation === undefined
    ? answer
    : { ...answer, warnings: [deprecation, ...(answer.warnings ?? [])] }
}

function handleVerb(server: Server, request: ApiRequest, route: Route, verb: Verb): Answer {
  const isList = verb === 'list' || verb === 'watch' || verb === 'deletecollection'
  const form = formOf(request, route, isList)
  switch (verb) {
    case 'get':
      return get(server, request, route, form)
    case 'list':
      return pageAnswer(
        server,
        route.type,
        listPage(server, route, parseListOptions(request.query, false)),
        form,
      )
    case 'watch':
      return watch(server, request, route, form)
    case 'create':
      return create(server, request, route, form)
    case 'update':
      return update(server, request, route, form)
    case 'patch':
      return patch(server, request, route, form)
    case 'delete':
      return remove(server, request, route, form)
    case 'deletecollection':
      return removeAll(server, request, route, form)
  }
}

function formOf(request: ApiRequest, route: Route, isList: boolean): Form {
  const { accept } = request.headers
  // A stream of single objects may be asked for in their form or in the list's.
  const isStream = route.watch || booleanOf(request.query, 'watch') === true
  const form = negotiate(accept, route.type, isStream ? undefined : isList)
  return form.as === 'table' ? { ...form, include: includeOf(request.query) } : form
}

function get(server: Server, request: ApiRequest, route: Route, form: Form): Answer {
  const { type, namespace, name, subresource } = route
  const asked = parseRevision(request.query.get('resourceVersion') ?? '', internal)
  if (asked !== undefined && asked > server.store.revision)
    throw tooLargeVersion(asked, server.store.revision)
  const entry = findEntry(server, type, namespace, name)
  if (entry === undefined) throw notFound(type, name)
  if (subresource === 'scale') return plainAnswer(200, scaleOf(type, objectOf(type, entry)), form)
  return objectAnswer(server, type, { status: 200, object: entry.object, entry }, form)
}

function watch(server: Server, request: ApiRequest, route: Route, form: Form): Answer {
  const options = parseListOptions(request.query, true)
  if (route.name !== '') {
    if (!route.watch && findEntry(server, route.type, route.namespace, route.name) === undefined)
      throw notFound(route.type, route.name)
    options.fieldSelector = `metadata.name=${route.name}`
  }
  const stream = openWatch(server, route, options, form)
  return { status: 200, body: '', contentType: 'application/json', stream }
}

/** The name under which a write is recorded: the query's, else the first part of the user agent. */
function managerOf(request: ApiRequest, asked: string): string {
  if (asked !== '') return asked
  const agent = (request.headers['user-agent'] ?? '').split('/')[0] ?? ''
  return agent === '' ? 'unknown' : agent.slice(0, 128)
}

function writingOf(
  server: Server,
  request: ApiRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  isApply = false,
): Writing {
  const options = parseWriteOptions(request.query, kind, isApply)
  return { manager: managerOf(request, options.fieldManager), options, now: timestamp(server) }
}

function outcomeAnswer(server: Server, outcome: Outcome, form: Form, warnings: readonly string[]): Answer {
  const answer = objectAnswer(server, outcome.type, outcome, form)
  const all = [...outcome.warnings, ...warnings]
  return all.length === 0 ? answer : { ...answer, warnings: all }
}

function create(server: Server, request: ApiRequest, route: Route, form: Form): Answer {
  const writing = writingOf(server, request, 'CreateOptions')
  const { type, namespace, name } = route
  const { object, warnings } = decodeBody(server, request, type, writing.options.fieldValidation)
  warnings.push(...dedupeOwners(object, ''))
  if (name !== '') checkName(object, name)
  const outcome = createObject(server, { type, namespace }, object, writing)
  return outcomeAnswer(server, outcome, form, warnings)
}

function update(server: Server, request: ApiRequest, route: Route, form: Form): Answer {
  const writing = writingOf(server, request, 'UpdateOptions')
  const { type, namespace, name, subresource } = route
  if (subresource === 'scale') {
    const scale = sentScale(request)
    return plainAnswer(
      200,
      updateScale(server, { route, entry: found(server, route) }, scale, writing).object,
      form,
    )
  }
  const { object, warnings } = decodeBody(server, request, type, writing.options.fieldValidation)
  warnings.push(...dedupeOwners(object, ''))
  placeInNamespace(object, namespace)
  checkName(object, name)
  const entry = findEntry(server, type, namespace, name)
  if (entry === undefined && !(type.allowsCreateOnUpdate && subresource === '')) throw notFound(type, name)
  const outcome =
    entry === undefined
      ? createObject(server, { type, namespace }, object, writing)
      : updateObject(server, { route, entry, isPut: true }, object, writing)
  return outcomeAnswer(server, outcome, form, warnings)
}

function found(server: Server, route: Route): Entry {
  const entry = findEntry(server, route.type, route.namespace, route.name)
  if (entry === undefined) throw notFound(route.type, route.name)
  return entry
}

function patch(server: Server, request: ApiRequest, route: Route, form: Form): Answer {
  const type = patchType(request.headers['content-type'], route.type)
  const writing = writingOf(server, request, 'PatchOptions', type === 'apply')
  const sent = { type, body: request.body }
  if (route.subresource === 'scale') {
    const entry = found(server, route)
    const target = { route, entry }
    const outcome =
      type === 'apply'
        ? applyScale(server, target, parseApply(sent.body, SCALE), writing)
        : updateScale(server, target, patchedScale(route, entry, sent), writing)
    return plainAnswer(200, outcome.object, form)
  }
  return outcomeAnswer(server, patchObject(server, route, sent, writing), form, [])
}

function remove(server: Server, request: ApiRequest, route: Route, form: Form): Answer {
  const options = parseDeleteOptions(request)
  const removal = removeObject(server, route, options)
  if (removal.type === 'gone') return plainAnswer(200, removal.status, { ...form, as: 'object' })
  return objectAnswer(server, route.type, { ...removal, status: 200 }, form)
}

function removeAll(server: Server, request: ApiRequest, route: Route, form: Form): Answer {
  const selection = parseListOptions(request.query, false)
  const options = parseDeleteOptions(request)
  return pageAnswer(server, route.type, removeCollection(server, route, selection, options), form)
}
