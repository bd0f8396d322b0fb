/**
 * Failures as the real server words them. Handlers throw a `StatusError`; the HTTP edge turns it into a `Status` body. The
 * texts are those of k8s.io/apimachinery/pkg/api/errors and are matched by clients, so they are kept to the letter.
 */
import { goQuote } from './quote.ts'
import type { JsonObject, Problem, ResourceType } from './resource.ts'

/** What is named in the texts of a failure. */
export type Named = Pick<ResourceType, 'group' | 'kind' | 'plural'>

interface Extras {
  reason?: string
  details?: JsonObject
  /** Sent as a `Retry-After` header and as `details.retryAfterSeconds`. */
  retryAfterSeconds?: number | undefined
  /** A token with which a list may go on all the same. */
  continue?: string | undefined
}

/** A refusal: becomes the response. `code` is the HTTP status. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string | undefined
  readonly details: JsonObject | undefined
  readonly retryAfterSeconds: number | undefined
  readonly continue: string | undefined

  constructor(code: number, message: string, extras: Extras = {}) {
    super(message)
    this.name = 'StatusError'
    this.code = code
    this.reason = extras.reason
    this.retryAfterSeconds = extras.retryAfterSeconds
    this.continue = extras.continue
    this.details =
      extras.retryAfterSeconds === undefined
        ? extras.details
        : { ...extras.details, retryAfterSeconds: extras.retryAfterSeconds }
  }
}

/** The `Status` object of a failure. */
export function statusOf(error: StatusError): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: error.continue === undefined ? {} : { continue: error.continue },
    status: 'Failure',
    message: error.message,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    code: error.code,
  }
}

/** `Success` with the identity of what was deleted. */
export function success(type: Named, name: string, uid: string): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...group(type), kind: type.plural, uid },
  }
}

const group = (type: Named): JsonObject => (type.group === '' ? {} : { group: type.group })
const named = (name: string): JsonObject => (name === '' ? {} : { name })

/** `deployments.apps`, core: `configmaps`. */
export const resourceName = (type: Named): string =>
  type.group === '' ? type.plural : `${type.plural}.${type.group}`
/** `Deployment.apps`, core: `ConfigMap`. */
export const kindName = (type: Named): string =>
  type.group === '' ? type.kind : `${type.kind}.${type.group}`

const about = (type: Named, name: string): JsonObject => ({
  ...named(name),
  ...group(type),
  kind: type.plural,
})

export const badRequest = (message: string): StatusError =>
  new StatusError(400, message, { reason: 'BadRequest' })

export const notFound = (type: Named, name: string): StatusError =>
  new StatusError(404, `${resourceName(type)} ${goQuote(name)} not found`, {
    reason: 'NotFound',
    details: about(type, name),
  })

/** A path below a known group that names no resource. */
export const unknownResource = (): StatusError =>
  new StatusError(404, 'the server could not find the requested resource', {
    reason: 'NotFound',
    details: {},
  })

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'the server does not allow this method on the requested resource', {
    reason: 'MethodNotAllowed',
    details: {},
  })

/** The same for a subresource of a custom resource. */
export const methodNotSupported = (type: Named, verb: string): StatusError =>
  new StatusError(405, `${verb} is not supported on resources of kind "${resourceName(type)}"`, {
    reason: 'MethodNotAllowed',
    details: { ...group(type), kind: type.plural },
  })

export const alreadyExists = (type: Named, name: string): StatusError =>
  new StatusError(409, `${resourceName(type)} ${goQuote(name)} already exists`, {
    reason: 'AlreadyExists',
    details: about(type, name),
  })

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

/** `why` defaults to the lost race of optimistic concurrency. */
export const conflict = (type: Named, name: string, why = MODIFIED): StatusError =>
  new StatusError(409, `Operation cannot be fulfilled on ${resourceName(type)} ${goQuote(name)}: ${why}`, {
    reason: 'Conflict',
    details: about(type, name),
  })

/** A precondition of DELETE: the real server names the kind here, not the resource. */
export const preconditionFailed = (type: Named, name: string, why: string): StatusError =>
  new StatusError(409, `Operation cannot be fulfilled on ${kindName(type)} ${goQuote(name)}: ${why}`, {
    reason: 'Conflict',
    details: { ...named(name), ...group(type), kind: type.kind },
  })

export const forbidden = (type: Named, name: string, why: string, causes?: Problem[]): StatusError =>
  new StatusError(
    403,
    `${resourceName(type)}${name === '' ? '' : ` ${goQuote(name)}`} is forbidden: ${why}`,
    {
      reason: 'Forbidden',
      details: { ...about(type, name), ...(causes === undefined ? {} : { causes: causes.map(toCause) }) },
    },
  )

const toCause = (problem: Problem): JsonObject => ({
  reason: problem.reason,
  message: problem.message,
  ...(problem.field === '' ? {} : { field: problem.field }),
})

/** 422 with one cause per problem; the text names each distinct problem once. */
export function invalid(kind: Pick<Named, 'group' | 'kind'>, name: string, problems: Problem[]): StatusError {
  const texts = [...new Set(problems.map((problem) => `${problem.field}: ${problem.message}`))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new StatusError(422, `${kindName({ ...kind, plural: '' })} ${goQuote(name)} is invalid: ${list}`, {
    reason: 'Invalid',
    details: {
      ...named(name),
      ...(kind.group === '' ? {} : { group: kind.group }),
      ...(kind.kind === '' ? {} : { kind: kind.kind }),
      causes: problems.map(toCause),
    },
  })
}

/** 422 about the query of a request (`ListOptions`, `CreateOptions`, ...). */
export const invalidOptions = (kind: string, problems: Problem[]): StatusError =>
  invalid({ group: 'meta.k8s.io', kind }, '', problems)

/** 410: the version asked for is no longer known. `token` is one with which a list may go on all the same. */
export const expired = (message: string, token?: string): StatusError =>
  new StatusError(410, message, { reason: 'Expired', continue: token })

/** 504: a version that does not exist yet. */
export const tooLargeVersion = (
  asked: bigint | number,
  current: number,
  retryAfterSeconds: number | undefined,
): StatusError =>
  new StatusError(504, `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    reason: 'Timeout',
    details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
    retryAfterSeconds,
  })

/** 500 without a reason: what the real server lets through unwrapped. */
export const internal = (message: string): StatusError => new StatusError(500, message)
