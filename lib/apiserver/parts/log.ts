/** What is asked of the log of a container. */
import { integerOf } from '../numbers.ts'
import { booleanOf } from '../options.ts'
import type { JsonObject, Problem } from '../resource.ts'
import { listAt, stringAt } from '../schema/equal.ts'
import { badRequest, invalid } from '../status.ts'

export interface LogOptions {
  readonly container: string
  readonly follow: boolean
  readonly previous: boolean
  readonly timestamps: boolean
  readonly sinceSeconds: number | undefined
  readonly sinceTime: string | undefined
  readonly tailLines: number | undefined
  readonly limitBytes: number | undefined
}

/** The options of a query. Throws 400 for what cannot be read and 422 for what makes no sense. */
export function logOptions(query: URLSearchParams, pod: string): LogOptions {
  const options: LogOptions = {
    container: query.get('container') ?? '',
    follow: booleanOf(query, 'follow') ?? false,
    previous: booleanOf(query, 'previous') ?? false,
    sinceSeconds: integerOf(query, 'sinceSeconds'),
    sinceTime: timeOf(query.get('sinceTime') ?? ''),
    timestamps: booleanOf(query, 'timestamps') ?? false,
    tailLines: integerOf(query, 'tailLines'),
    limitBytes: integerOf(query, 'limitBytes'),
  }
  const problems = problemsOf(options, query.has('stream'))
  if (problems.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, problems)
  return options
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

function timeOf(text: string): string | undefined {
  if (text === '') return undefined
  const time = Date.parse(text)
  if (!RFC3339.test(text) || Number.isNaN(time))
    throw badRequest(
      `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`,
    )
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function problemsOf(options: LogOptions, hasStream: boolean): Problem[] {
  const { tailLines, limitBytes, sinceSeconds, sinceTime } = options
  const problems: Problem[] = []
  const refuse = (field: string, value: number, text: string) =>
    problems.push({ reason: 'FieldValueInvalid', field, message: `Invalid value: ${value}: ${text}` })
  const forbid = (field: string, text: string) =>
    problems.push({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${text}` })
  if (tailLines !== undefined && tailLines < 0)
    refuse('tailLines', tailLines, 'must be greater than or equal to 0')
  if (limitBytes !== undefined && limitBytes < 1) refuse('limitBytes', limitBytes, 'must be greater than 0')
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    forbid('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified')
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    refuse('sinceSeconds', sinceSeconds, 'must be greater than 0')
  // A feature that is not on: the field is there and may not be used.
  if (hasStream) forbid('stream', 'may not be specified')
  return problems
}

/** The options as a kubelet is asked. */
export function logQuery(options: LogOptions): string {
  const parts: [string, string][] = []
  for (const name of ['follow', 'previous', 'timestamps'] as const)
    if (options[name]) parts.push([name, 'true'])
  for (const name of ['sinceSeconds', 'sinceTime', 'tailLines', 'limitBytes'] as const)
    if (options[name] !== undefined) parts.push([name, String(options[name])])
  parts.sort(([one], [other]) => (one < other ? -1 : 1))
  return new URLSearchParams(parts).toString()
}

/** The container that is meant: the only one where none is named. Throws 400. */
export function containerOf(pod: JsonObject, asked: string): string {
  const name = stringAt(pod, 'metadata', 'name')
  const all = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    listAt(pod, 'spec', list).map((one) => stringAt(one, 'name')),
  )
  if (asked !== '') {
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`)
    return asked
  }
  const [only, ...more] = listAt(pod, 'spec', 'containers')
  if (more.length > 0)
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${all.join(' ')}]`)
  return stringAt(only, 'name')
}
