/**
 * OpenAPI over HTTP: the document of version 2, the index of version 3 and its documents, each with an ETag. An address with
 * a hash stands for one content; who asks for another is sent to the current one.
 */
import { BUILTIN, type Document, documentOf, hashOf } from '../documents.ts'
import { parseAccept } from '../negotiate.ts'
import { textAnswer } from '../render.ts'
import type { Answer, ApiRequest, Server } from '../server.ts'
import { documentOf as openApiOf, type Section, sectionsOf, sourceOf } from './document.ts'
import { toProtobuf } from './protobuf.ts'
import { swaggerOf } from './swagger.ts'

/** The answer, whatever the method, or undefined when the path is none of these. */
export function handleOpenApi(server: Server, request: ApiRequest): Answer | undefined {
  const [root, version, ...rest] = request.segments
  if (root !== 'openapi') return undefined
  if (version === 'v2' && rest.length === 0 && !request.path.endsWith('/')) return swagger(server, request)
  if (version !== 'v3') return undefined
  if (rest.length > 0) return group(server, request, rest.join('/'))
  return request.path.endsWith('/') ? { ...EMPTY, status: 404 } : index(server)
}

const EMPTY = { body: '', contentType: '' }

const JSON_TYPE = 'application/json'
const PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const PROTOBUF = new Set([PROTOBUF_TYPE, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'])

const isJson = (type: string): boolean => type === JSON_TYPE || type === '*/*' || type === 'application/*'

/** The first of the forms that the client takes; undefined when there is none. */
function formOf(request: ApiRequest, hasProtobuf: boolean): 'json' | 'protobuf' | undefined {
  for (const { type } of parseAccept(request.headers.accept)) {
    if (isJson(type)) return 'json'
    if (hasProtobuf && PROTOBUF.has(type)) return 'protobuf'
  }
  return undefined
}

const kept = (server: Server, key: string, make: () => string | Buffer, hash?: () => string): Document =>
  documentOf(server.documents, key, server.clock.now(), make, hash)

function swagger(server: Server, request: ApiRequest): Answer {
  const headers = { vary: 'Accept-Encoding, Accept' }
  const form = formOf(request, true)
  if (form === undefined) return { ...EMPTY, status: 406, headers }
  const document = kept(server, 'openapi/v2', () => JSON.stringify(swaggerOf(server.registry)))
  const content =
    form === 'json'
      ? document
      : // The hash is that of the JSON.
        kept(
          server,
          'openapi/v2 protobuf',
          () => toProtobuf(JSON.parse(String(document.content))),
          () => document.hash,
        )
  return served(request, content, form === 'json' ? JSON_TYPE : PROTOBUF_TYPE, headers)
}

function index(server: Server): Answer {
  const document = kept(server, 'openapi/v3', () => {
    const sections = sectionsOf(server.registry)
    const salt = saltOf(server, sections)
    const paths = [...sections].map(([key, section]) => [
      key,
      { serverRelativeURL: addressOf(key, hashOfSection(section, salt)) },
    ])
    return JSON.stringify({ paths: Object.fromEntries(paths) })
  })
  // The real server sends its index as text, too.
  return { ...textAnswer(200, ''), body: document.content, headers: lastModified(document) }
}

const addressOf = (key: string, hash: string): string => `/openapi/v3/${key}?hash=${hash}`

/**
 * The hash of a document that need not be made for it: of all that it is made from. What makes it is in the salt, the text of
 * one small document: clients keep what they got under a hash from one release to the next.
 */
const hashOfSection = (section: Section, salt: string): string => hashOf(salt + sourceOf(section))

function saltOf(server: Server, sections: ReadonlyMap<string, Section>): string {
  const section = sections.get('apis/coordination.k8s.io/v1')
  return section === undefined ? '' : JSON.stringify(openApiOf(server.registry, section))
}

function group(server: Server, request: ApiRequest, key: string): Answer {
  const sections = sectionsOf(server.registry)
  const section = sections.get(key)
  if (section === undefined) return { ...EMPTY, status: 404 }
  const headers = { vary: 'Accept' }
  if (formOf(request, false) === undefined) return { ...EMPTY, status: 406, headers }
  const document = kept(
    server,
    `${section.isCustom ? '' : BUILTIN}openapi/v3/${key}`,
    () => JSON.stringify(openApiOf(server.registry, section)),
    () => hashOfSection(section, saltOf(server, sections)),
  )
  const asked = request.query.get('hash') ?? ''
  if (asked === '') return served(request, document, JSON_TYPE, headers)
  if (asked !== document.hash) {
    const location = addressOf(key, document.hash)
    return {
      body: '',
      contentType: JSON_TYPE,
      status: 301,
      headers: { ...headers, ...tag(document), location },
    }
  }
  return served(request, document, JSON_TYPE, {
    ...headers,
    'cache-control': 'public, immutable',
    expires: new Date(server.clock.now() + YEAR_MS).toUTCString().replace('GMT', 'UTC'),
  })
}

const YEAR_MS = 365 * 24 * 3_600_000

const tag = (document: Document): Record<string, string> => ({ etag: `"${document.hash}"` })
const lastModified = (document: Document): Record<string, string> => ({
  'last-modified': new Date(document.made).toUTCString(),
})

/** The content, or 304 for who has it already. */
function served(
  request: ApiRequest,
  document: Document,
  contentType: string,
  headers: Readonly<Record<string, string>>,
): Answer {
  const all = { ...headers, ...tag(document) }
  if (hasIt(request.headers['if-none-match'], document.hash)) return { ...EMPTY, status: 304, headers: all }
  return {
    status: 200,
    body: document.content,
    contentType,
    headers: { ...all, ...lastModified(document) },
  }
}

/** `If-None-Match`: `*`, or tags of which one is meant, weak ones too. */
const hasIt = (header: string | undefined, hash: string): boolean =>
  (header ?? '')
    .split(',')
    .some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === `"${hash}"`)
