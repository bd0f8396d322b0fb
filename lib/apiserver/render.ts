/** Answers: an object, a list or a Status in the form that the client takes. */
import { stringify } from 'yaml'
import { objectOf, textOf, textOfObject } from './encode.ts'
import { type Page, listText } from './list.ts'
import type { Form, Include } from './negotiate.ts'
import { partialListText, partialOf } from './partial.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import type { Answer, Server } from './server.ts'
import { badRequest, type StatusError, statusOf } from './status.ts'
import type { Entry } from './store.ts'
import { tableOfObject, tableOfPage } from './tables.ts'

const JSON_TYPE = 'application/json'

export const jsonAnswer = (status: number, body: string): Answer => ({ status, body, contentType: JSON_TYPE })

export const textAnswer = (status: number, body: string): Answer => ({
  status,
  body,
  contentType: 'text/plain; charset=utf-8',
})

/** A refusal is JSON whatever the client asked for. */
export const errorAnswer = (error: StatusError): Answer => ({
  ...jsonAnswer(error.code, JSON.stringify(statusOf(error))),
  ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
})

const encoded = (status: number, text: string, form: Form): Answer =>
  form.yaml
    ? { status, body: stringify(JSON.parse(text)), contentType: 'application/yaml' }
    : jsonAnswer(status, text)

/** An object: with its entry where it is stored, so that its text is shared. */
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
  const object = entry === undefined ? what.object : objectOf(type, entry)
  if (form.as === 'metadata') return encoded(status, JSON.stringify(partialOf(object)), form)
  const table = tableOfObject(type, object, form.include ?? 'Metadata', server.clock.now())
  return encoded(status, JSON.stringify(table), form)
}

/** JSON that is no object of the kind: a Scale, a Status. */
export const plainAnswer = (status: number, object: JsonObject, form: Form): Answer =>
  encoded(status, JSON.stringify(object), form)

/** A page of a list. */
export function pageAnswer(server: Server, type: ResourceType, page: Page, form: Form): Answer {
  if (form.as === 'object') return encoded(200, listText(type, page), form)
  if (form.as === 'metadata') return encoded(200, partialListText(type, page), form)
  const table = tableOfPage(type, page, form.include ?? 'Metadata', server.clock.now())
  return encoded(200, JSON.stringify(table), form)
}

/** What a Table's rows are to carry. Throws 400. */
export function includeOf(query: URLSearchParams): Include {
  const given = query.get('includeObject') ?? ''
  if (given === '' || given === 'Metadata') return 'Metadata'
  if (given === 'None' || given === 'Object') return given
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(given)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}
