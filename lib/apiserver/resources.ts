/**
 * Requests about resources: from the verb to the answer. Each verb is a few steps of other files; what is common to all
 * (forms, options, warnings) is here.
 */
import { askingOf, deletionOf } from './admission/asking.ts'
import { answerQuestion } from './auth/question.ts'
import { textOf } from './body.ts'
import { decodeBody } from './decode.ts'
import { parseDeleteOptions } from './deleteOptions.ts'
import { objectOf } from './encode.ts'
import { untilFresh } from './fresh.ts'
import { listPage } from './list.ts'
import { type Form, negotiate, patchType } from './negotiate.ts'
import { metadataOf } from './metadata.ts'
import { parseRevision } from './numbers.ts'
import { booleanOf, type ListOptions, parseListOptions, parseWriteOptions } from './options.ts'
import { dedupeOwners } from './owners.ts'
import { checkInclude, errorAnswer, objectAnswer, pageAnswer, plainAnswer, scaleAnswer } from './render.ts'
import type { JsonObject, Readable, ResourceType, Verb } from './resource.ts'
import { readComponents } from './parts/component.ts'
import { connect } from './parts/connect.ts'
import { isOrder, send } from './parts/parts.ts'
import type { Route } from './route.ts'
import { applyScale, SCALE, scaleOf, updateScale } from './scale.ts'
import { patchedScale } from './scaleRequest.ts'
import { exactMatch } from './selector/fields.ts'
import { type AdmittedRequest, type Answer, type ApiRequest, type Server, timestamp } from './server.ts'
import { badRequest, internal, notFound, StatusError, tooLargeVersion } from './status.ts'
import type { Entry } from './store.ts'
import { openWatch } from './begin.ts'
import { sentType, subresourceOf } from './subresource.ts'
import { targetOf, untilCurrent } from './write/again.ts'
import { placeInNamespace } from './write/check.ts'
import { createObject } from './write/create.ts'
import { checkName } from './write/name.ts'
import type { Outcome, Writing } from './write/outcome.ts'
import { parseApply } from './write/apply.ts'
import { patchObject } from './write/patch.ts'
import { removeCollection, removeObject } from './write/remove.ts'
import { checkUid, updateObject } from './write/update.ts'

/** Does what the verb says; warnings come with refusals too. Rejects with what is no StatusError. */
export async function handleResource(
  server: Server,
  request: AdmittedRequest,
  route: Route,
  verb: Verb,
): Promise<Answer> {
  const { deprecation } = route.type
  const warnings = deprecation === undefined ? [] : [deprecation]
  const warn = (text: string) => void warnings.push(text)
  const answer = await handleVerb(server, request, { route, warn }, verb).catch((error: unknown) => {
    if (error instanceof StatusError) return errorAnswer(error)
    throw error
  })
  return warnings.length === 0 ? answer : { ...answer, warnings }
}

/** What a request is about, and where the texts of its `Warning` headers go. */
interface About {
  readonly route: Route
  readonly warn: (text: string) => void
}

async function handleVerb(
  server: Server,
  request: AdmittedRequest,
  about: About,
  verb: Verb,
): Promise<Answer> {
  const { route } = about
  if (isPassedOn(route)) return connect(server, request, route)
  const isList = verb === 'list' || verb === 'watch' || verb === 'deletecollection'
  const form = formOf(request, route, isList)
  if (route.type.isVirtual === true && verb !== 'create') return readComponents(server, route, form)
  switch (verb) {
    case 'get':
      return get(server, request, route, form)
    case 'list':
      return pageAnswer(
        server,
        route.type,
        await listPage(server, route, parseListOptions(request.query)),
        form,
      )
    case 'watch':
      return watch(server, request, route, form)
    case 'create':
      return create(server, request, about, form)
    case 'update':
      return update(server, request, about, form)
    case 'patch':
      return patch(server, request, about, form)
    case 'delete':
      return remove(server, request, about, form)
    case 'deletecollection':
      return removeAll(server, request, about, form)
  }
}

/** A log or a connection: no object is read. */
const isPassedOn = ({ type, subresource }: Route): boolean =>
  subresourceOf(type, subresource)?.options !== undefined

function formOf(request: ApiRequest, route: Route, isList: boolean): Form {
  const form = negotiate(request.headers.accept, sentType(route.type, route.subresource), isList)
  const include = request.query.get('includeObject') ?? ''
  return form.as === 'table' ? { ...form, include } : form
}

async function get(server: Server, request: ApiRequest, route: Route, form: Form): Promise<Answer> {
  const { type, subresource } = route
  if (booleanOf(request.query, 'export') === true)
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  await reached(server, type, request.query.get('resourceVersion') ?? '')
  const entry = await found(server, route)
  if (subresource === 'scale') return scaleAnswer(server, type, scaleOf(type, objectOf(type, entry)), form)
  return objectAnswer(server, type, { status: 200, object: entry.object, entry }, form)
}

/** Resolves when the version exists that must not be older. Rejects with 400, 500 and 504. */
async function reached(server: Server, { isUncached }: ResourceType, version: string): Promise<void> {
  if (isUncached !== true) return untilFresh(server, parseRevision(version, internal))
  const asked = parseRevision(version, (why) => badRequest(`invalid resource version: ${why}`))
  if (asked > server.store.revision) throw tooLargeVersion(asked, server.store.revision, undefined)
}

async function watch(server: Server, request: ApiRequest, route: Route, form: Form): Promise<Answer> {
  const options = parseListOptions(request.query)
  if (route.name !== '') pin(options, route.name)
  const stream = await openWatch(server, route, options, form)
  checkInclude(form)
  return { status: 200, body: '', contentType: 'application/json', stream }
}

/** The old paths that watch one object are a field selector in other words. Throws 400 beside one that says otherwise. */
function pin(options: ListOptions, name: string): void {
  if (options.fields.length === 0) options.fields = [{ field: 'metadata.name', negated: false, value: name }]
  else if (exactMatch(options.fields, 'metadata.name') !== name)
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
}

/** The name under which a write is recorded: the query's, else the first part of the user agent. */
function managerOf(request: ApiRequest, asked: string): string {
  if (asked !== '') return asked
  const agent = (request.headers['user-agent'] ?? '').split('/')[0] ?? ''
  return agent === '' ? 'unknown' : agent.slice(0, 128)
}

function writingOf(
  server: Server,
  request: AdmittedRequest,
  { warn }: About,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  isApply = false,
): Writing {
  const options = parseWriteOptions(request.query, kind, isApply)
  const manager = managerOf(request, options.fieldManager)
  return { manager, options, now: timestamp(server), asking: askingOf(server, request, warn) }
}

async function create(server: Server, request: AdmittedRequest, about: About, form: Form): Promise<Answer> {
  const writing = writingOf(server, request, about, 'CreateOptions')
  const { route } = about
  const { namespace, name } = route
  const type = sentType(route.type, route.subresource)
  const object = bodyOf(server, request, type, writing)
  if (isOrder(type)) return plainAnswer(201, await send(server, route, object, writing), form)
  if (type.isVirtual === true)
    return objectAnswer(server, type, await answerQuestion(server, { type, route }, object, writing), form)
  if (name !== '') checkName(object, name)
  const outcome = await createObject(server, { type, namespace }, object, writing)
  return objectAnswer(server, type, outcome, form)
}

/** The object of a POST or PUT. Throws 400 and 415. */
function bodyOf(server: Server, request: AdmittedRequest, type: Readable, writing: Writing): JsonObject {
  const { object, warnings } = decodeBody(server, request, type, writing.options.fieldValidation)
  for (const text of [...warnings, ...dedupeOwners(object, '')]) writing.asking.warn(text)
  return object
}

async function update(server: Server, request: AdmittedRequest, about: About, form: Form): Promise<Answer> {
  const { route } = about
  const writing = writingOf(server, request, about, 'UpdateOptions')
  if (route.subresource !== 'scale') {
    const outcome = await untilCurrent(() => put(server, request, route, writing))
    return objectAnswer(server, route.type, outcome, form)
  }
  const { object } = await untilCurrent(async () => {
    const entry = await found(server, route)
    return updateScale(server, { route, entry }, bodyOf(server, request, SCALE, writing), writing)
  })
  return scaleAnswer(server, route.type, object, form)
}

async function put(
  server: Server,
  request: AdmittedRequest,
  route: Route,
  writing: Writing,
): Promise<Outcome> {
  const { type, namespace, name, subresource } = route
  const object = bodyOf(server, request, type, writing)
  placeInNamespace(object, namespace)
  checkName(object, name)
  const target = targetOf(server, route)
  const { entry } = target instanceof Promise ? await target : target
  if (entry !== undefined) return updateObject(server, { route, entry, isPut: true }, object, writing)
  if (!type.allowsCreateOnUpdate || subresource !== '') throw notFound(type, name)
  checkUid(type, route, object, '')
  // There is no version yet that it could be behind.
  delete metadataOf(object).resourceVersion
  return createObject(server, { type, namespace, isUpsert: true }, object, writing)
}

async function found(server: Server, route: Route): Promise<Entry> {
  const target = targetOf(server, route)
  const { entry } = target instanceof Promise ? await target : target
  if (entry === undefined) throw notFound(route.type, route.name)
  return entry
}

async function patch(server: Server, request: AdmittedRequest, about: About, form: Form): Promise<Answer> {
  const { route } = about
  const type = patchType(request.headers['content-type'], route.type)
  const writing = writingOf(server, request, about, 'PatchOptions', type === 'apply')
  const sent = { type, body: textOf(request) }
  if (route.subresource !== 'scale') {
    const outcome = await untilCurrent(async () => {
      const target = targetOf(server, route)
      return patchObject(server, target instanceof Promise ? await target : target, sent, writing)
    })
    return objectAnswer(server, route.type, outcome, form)
  }
  const { object } = await untilCurrent(async () => {
    const target = { route, entry: await found(server, route) }
    if (type === 'apply') return applyScale(server, target, parseApply(sent.body, SCALE), writing)
    const { object: scale, warnings } = patchedScale(server, target, sent, writing)
    for (const text of warnings) writing.asking.warn(text)
    return updateScale(server, target, scale, writing)
  })
  return scaleAnswer(server, route.type, object, form)
}

async function remove(server: Server, request: AdmittedRequest, about: About, form: Form): Promise<Answer> {
  const options = parseDeleteOptions(request)
  const removal = await removeObject(
    server,
    about.route,
    options,
    deletionOf(server, request, options, about.warn),
  )
  if (removal.type === 'status') return plainAnswer(200, removal.status, { ...form, as: 'object' })
  // Accepted, and not done: said only to those who use the oldest way to ask for it.
  const status = !removal.isGone && options.orphanDependents === false ? 202 : 200
  return objectAnswer(server, about.route.type, { ...removal, status }, form)
}

async function removeAll(
  server: Server,
  request: AdmittedRequest,
  about: About,
  form: Form,
): Promise<Answer> {
  const { route, warn } = about
  const selection = parseListOptions(request.query)
  const options = parseDeleteOptions(request)
  const asking = deletionOf(server, request, options, warn)
  return pageAnswer(
    server,
    route.type,
    await removeCollection(server, { route, selection }, options, asking),
    form,
  )
}
