/**
 * SelfSubjectAccessReview: the embedded server lets everybody do everything, and says so. There is no authorization.
 */
import { parseJson } from './json.ts'
import { jsonAnswer } from './render.ts'
import type { JsonObject } from './resource.ts'
import type { Answer, ApiRequest, Server } from './server.ts'
import { badRequest, methodNotAllowed } from './status.ts'

const KINDS: Record<string, string> = {
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
  subjectaccessreviews: 'SubjectAccessReview',
  selfsubjectrulesreviews: 'SelfSubjectRulesReview',
}

const EVERYTHING = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
}

/** The answer to a review, or undefined for other paths. Throws 400 and 405. */
export function handleReview(_server: Server, request: ApiRequest): Answer | undefined {
  const [root, group, version, plural = '', ...rest] = request.segments
  if (root !== 'apis' || group !== 'authorization.k8s.io' || version !== 'v1') return undefined
  const kind = Object.hasOwn(KINDS, plural) ? KINDS[plural] : undefined
  if (kind === undefined || rest.length > 0) return undefined
  if (request.method !== 'POST') throw methodNotAllowed()
  const parsed = parseJson(request.body)
  if (parsed.error !== undefined)
    throw badRequest(`couldn't get version/kind; json parse error: ${parsed.error}`)
  const { spec } = (parsed.value ?? {}) as JsonObject
  const status = kind === 'SelfSubjectRulesReview' ? EVERYTHING : { allowed: true }
  const review = { kind, apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: spec ?? {}, status }
  return jsonAnswer(201, JSON.stringify(review))
}
