/** Answers: an object, a list or a Status in the form that the client takes. */
import { objectOf, textOf, textOfObject } from './encode.ts'
import { type Page, listText } from './list.ts'
import { checkListness, type Form } from './negotiate.ts'
import { partialListText, partialOf } from './partial.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { scaleTypeOf } from './printers/scale.ts'
import type { Answer, Server } from './server.ts'
import { badRequest, type StatusError, statusOf } from './status.ts'
import type { Entry } from './store.ts'
import { tableOfObject, tableOfPage } from './tables.ts'
import { yamlText } from './yaml.ts'

const JSON_TYPE = 'application/json'

export const jsonAnswer = (status: number, body: string): Answer => ({ status, body, contentType: JSON_TYPE })

export const textAnswer = (status: number, body: string): Answer => ({
  status,
  body,
  contentType: 'text/plain; charset=utf-8',
})

/** A refusal is JSON whatever the client asked for. */
export const errorAnswer = (error: StatusError): Answer => ({
  ...jsonAnswer(error.code, `${JSON.stringify(statusOf(error))}\n`),
  ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
})

/** Encoders of the real server end what they write with a line. */
const encoded = (status: number, text: string, form: Form): Answer =>
  form.yaml
    ? { status, body: yamlText(JSON.parse(text)), contentType: 'application/yaml' }
    : jsonAnswer(status, `${text}\n`)

/** An object: with its entry where it is stored, so that its text is shared. Throws 406 where a list was asked for. */
export function objectAnswer(
  server: Server,
  type: ResourceType,
  what: { object: JsonObject; entry?: Entry | undefined; status: number },
  form: Form,
): Answer {
  const { status, entry } = what
  if (form.as === 'object') {
    const text = entry === undefined ? textOfObject(type, what.object) : textOf(type, entry)
    return encoded(status, text, form)
  }
  return transformed(server, type, status, entry === undefined ? what.object : objectOf(type, entry), form)
}

function transformed(
  server: Server,
  type: ResourceType,
  status: number,
  object: JsonObject,
  form: Form,
): Answer {
  checkListness(form, type, false)
  checkInclude(form)
  const shown =
    form.as === 'table'
      ? tableOfObject(type, object, form, server.clock.now())
      : partialOf(type, object, form.version)
  return encoded(status, JSON.stringify(shown), form)
}

/** The Scale of an object of `type`. */
export const scaleAnswer = (server: Server, type: ResourceType, scale: JsonObject, form: Form): Answer =>
  form.as === 'object'
    ? plainAnswer(200, scale, form)
    : transformed(server, scaleTypeOf(type), 200, scale, form)

/** JSON that is no object of the kind: a Status. */
export const plainAnswer = (status: number, object: JsonObject, form: Form): Answer =>
  encoded(status, JSON.stringify(object), form)

/** A page of a list. Throws 406 where a single object was asked for. */
export function pageAnswer(server: Server, type: ResourceType, page: Page, form: Form): Answer {
  if (form.as === 'object') return encoded(200, listText(type, page), form)
  checkListness(form, type, true)
  checkInclude(form)
  if (form.as === 'metadataList') return encoded(200, partialListText(type, page, form.version), form)
  return encoded(200, JSON.stringify(tableOfPage(type, page, form, server.clock.now())), form)
}

/** Is it known what a Table's rows are to carry? Asked only once there is something to show. Throws 400. */
export function checkInclude({ include = '' }: Form): void {
  if (['', 'Metadata', 'None', 'Object'].includes(include)) return
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}
