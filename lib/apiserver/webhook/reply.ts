/**
 * What a webhook answered as an object, or the words of client-go and apimachinery for what is no such answer.
 */
import { decodeProblem, jsonKind } from '../decodeProblem.ts'
import { TYPE_META } from '../decode.ts'
import { parseJson } from '../json.ts'
import type { Json, JsonObject, Schema } from '../resource.ts'
import { isObject, stringAt } from '../schema/equal.ts'
import { prune } from '../schema/prune.ts'
import { parseYamlText } from '../yaml.ts'
import { WebhookFailure } from './failure.ts'
import type { Reply } from './post.ts'

/** The review that is expected back. */
export interface Expected {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly schema: Schema
}

/** Versions of both kinds of review. */
export const REVIEW_VERSIONS = ['v1', 'v1beta1']

/** The review in an answer; `undefined` for one of another version, which Go decodes into an object that nobody looks at. */
export function reviewIn(reply: Reply, expected: Expected): JsonObject | undefined {
  if (reply.status < 200 || reply.status > 206) throw new WebhookFailure(refusalText(reply))
  if (reply.body === '')
    throw new WebhookFailure(
      `0-length response with status code: ${reply.status} and content type: ${reply.contentType}`,
    )
  const object = parse(reply.body)
  const version = checkKind(object, expected)
  const problem = decodeProblem(object, { kind: expected.kind, custom: false, schema: expected.schema })
  if (problem !== undefined) throw new WebhookFailure(problem)
  if (version !== expected.version) return undefined
  prune(object, expected.schema)
  return object
}

const unreadable = (why: string) => new WebhookFailure(`couldn't get version/kind; json parse error: ${why}`)

/** JSON, or else YAML: Go's decoders take both. */
function parse(text: string): JsonObject {
  const value: Json = text.trimStart().startsWith('{') ? parsedJson(text) : parseYamlText(text, unreadable)
  if (value === null) return {}
  if (!isObject(value))
    throw unreadable(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${TYPE_META}`)
  return value
}

function parsedJson(text: string): Json {
  const parsed = parseJson(text)
  if (parsed.error !== undefined) throw unreadable(parsed.error)
  return parsed.value
}

/** The version of the object; what it leaves out is what was expected. */
function checkKind(object: JsonObject, { group, version, kind }: Expected): string {
  const apiVersion = stringAt(object, 'apiVersion') || `${group}/${version}`
  const given = stringAt(object, 'kind') || kind
  const full = apiVersion === version ? `${group}/${version}` : apiVersion
  const [known = ''] = REVIEW_VERSIONS.filter((one) => full === `${group}/${one}`)
  if (known !== '' && given === kind) return known
  throw new WebhookFailure(
    `no kind ${JSON.stringify(given)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/util/webhook/client.go:71"`,
  )
}

/** Texts by status (k8s.io/apimachinery/pkg/api/errors.NewGenericServerResponse). */
const TEXTS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}

function refusalText({ status, contentType, body }: Reply): string {
  const isText = contentType === '' || /^text\//i.test(contentType)
  const said = isText ? body.trim() : 'unknown'
  if (status === 403 || status === 415) return said
  if (status === 406)
    return said === '' || said === 'unknown'
      ? 'the server was unable to respond with a content type that the client supports'
      : said
  const known = TEXTS[status]
  if (known !== undefined) return known
  return status >= 500
    ? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
    : `the server responded with the status code ${status} but did not return more information`
}
