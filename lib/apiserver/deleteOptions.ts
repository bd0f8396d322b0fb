/**
 * DeleteOptions, from the body of a DELETE or its query. A body that does not fit is refused: an option that was overlooked
 * (`dryRun`, a precondition) would delete what should stay.
 */
import { bytesOf, textOf } from './body.ts'
import { TYPE_META } from './decode.ts'
import { decodeProblem, jsonKind } from './decodeProblem.ts'
import { type Literals, parseJson } from './json.ts'
import { bodyFormat } from './negotiate.ts'
import { integerOf } from './numbers.ts'
import { booleanOf, problemsOfDryRun } from './options.ts'
import { fromProtobuf } from './protobuf/decode.ts'
import { goQuote } from './quote.ts'
import type { Json, JsonObject, Schema } from './resource.ts'
import type { ApiRequest } from './server.ts'
import { badRequest, invalidOptions } from './status.ts'
import { parseYamlText } from './yaml.ts'

export interface DeleteOptions {
  dryRun: boolean
  propagationPolicy: 'Foreground' | 'Background' | 'Orphan' | undefined
  orphanDependents: boolean | undefined
  gracePeriodSeconds: number | undefined
  uid: string | undefined
  resourceVersion: string | undefined
}

const SCHEMA: Schema = {
  type: 'object',
  properties: {
    kind: { type: 'string' },
    apiVersion: { type: 'string' },
    gracePeriodSeconds: { type: 'integer', format: 'int64' },
    preconditions: {
      type: 'object',
      'x-go-type': 'Preconditions',
      properties: { uid: { type: 'string', 'x-go-type': 'types.UID' }, resourceVersion: { type: 'string' } },
    },
    orphanDependents: { type: 'boolean' },
    propagationPolicy: { type: 'string', 'x-go-type': 'v1.DeletionPropagation' },
    dryRun: { type: 'array', items: { type: 'string' } },
  },
}

/** The options of a DELETE: those of its body where there is one, else those of its query. Throws 400, 415 and 422. */
export const parseDeleteOptions = (request: ApiRequest): DeleteOptions =>
  readDeleteOptions(bytesOf(request).length === 0 ? queryAsOptions(request.query) : bodyAsOptions(request))

/** The options of an object that was decoded as such. Throws 422. */
export function readDeleteOptions(raw: JsonObject): DeleteOptions {
  const preconditions = (raw.preconditions ?? {}) as JsonObject
  const dryRun = Array.isArray(raw.dryRun) ? raw.dryRun.map(String) : []
  const policy = raw.propagationPolicy ?? undefined
  const problems = problemsOfDryRun(dryRun)
  if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(String(policy)))
    problems.push({
      reason: 'FieldValueNotSupported',
      field: 'propagationPolicy',
      message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    })
  if (policy !== undefined && typeof raw.orphanDependents === 'boolean')
    problems.push({
      reason: 'FieldValueInvalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    })
  if (problems.length > 0) throw invalidOptions('DeleteOptions', problems)
  return {
    dryRun: dryRun.length > 0,
    propagationPolicy: policy as DeleteOptions['propagationPolicy'],
    orphanDependents: typeof raw.orphanDependents === 'boolean' ? raw.orphanDependents : undefined,
    gracePeriodSeconds: typeof raw.gracePeriodSeconds === 'number' ? raw.gracePeriodSeconds : undefined,
    uid: typeof preconditions.uid === 'string' ? preconditions.uid : undefined,
    resourceVersion:
      typeof preconditions.resourceVersion === 'string' ? preconditions.resourceVersion : undefined,
  }
}

function queryAsOptions(query: URLSearchParams): JsonObject {
  const options: JsonObject = { dryRun: query.getAll('dryRun') }
  const policy = query.get('propagationPolicy')
  if (policy !== null) options.propagationPolicy = policy
  const orphan = booleanOf(query, 'orphanDependents')
  if (orphan !== undefined) options.orphanDependents = orphan
  const grace = integerOf(query, 'gracePeriodSeconds')
  if (grace !== undefined) options.gracePeriodSeconds = grace
  const preconditions: JsonObject = {}
  for (const name of ['uid', 'resourceVersion']) {
    const value = query.get(name) ?? ''
    if (value !== '') preconditions[name] = value
  }
  return { ...options, preconditions }
}

function bodyAsOptions(request: ApiRequest): JsonObject {
  const { value, literals } = parseOptions(request)
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw unreadable(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${TYPE_META}`)
  const { kind, apiVersion } = value
  if (typeof kind === 'string' && kind !== '' && kind !== 'DeleteOptions')
    throw badRequest(
      `no kind ${goQuote(kind)} is registered for version ${goQuote(String(apiVersion || 'meta.k8s.io/v1'))} in scheme "pkg/apis/meta/internalversion/scheme/register.go:27"`,
    )
  const problem = decodeProblem(value, { kind: 'DeleteOptions', custom: false, schema: SCHEMA }, literals)
  if (problem !== undefined) throw badRequest(problem)
  return value
}

function parseOptions(request: ApiRequest): { value: Json; literals?: Literals } {
  const format = bodyFormat(request.headers['content-type'])
  if (format === 'protobuf') return { value: fromProtobuf(bytesOf(request), badRequest) }
  const text = textOf(request)
  if (format === 'yaml') return { value: parseYamlText(text, unreadable) }
  const parsed = parseJson(text)
  if (parsed.error !== undefined) throw unreadable(parsed.error)
  return parsed
}

const unreadable = (why: string) => badRequest(`couldn't get version/kind; json parse error: ${why}`)
