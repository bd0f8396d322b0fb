/**
 * Queries of requests as typed options, refused with the words of k8s.io/apimachinery/pkg/apis/meta/v1/validation.
 */
import { integerOf } from './numbers.ts'
import type { Problem } from './resource.ts'
import { parseFieldSelector, type Term } from './selector/fields.ts'
import { type LabelSelector, parseLabelSelector } from './selector/labels.ts'
import { invalidOptions } from './status.ts'

export interface ListOptions {
  labels: LabelSelector | undefined
  fields: readonly Term[]
  limit: number
  continue: string
  resourceVersion: string
  resourceVersionMatch: string
  allowWatchBookmarks: boolean
  sendInitialEvents: boolean | undefined
  timeoutSeconds: number | undefined
}

export interface WriteOptions {
  dryRun: boolean
  fieldManager: string
  force: boolean
  fieldValidation: 'Ignore' | 'Warn' | 'Strict'
}

/** Anything but absence, `false` and `0` is true, as the real server reads its queries. */
export function booleanOf(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  return value.toLowerCase() !== 'false' && value !== '0'
}

/**
 * The options of GET and DELETE on a collection. The old `/watch/` paths, which watch whatever the query says, are checked
 * like lists. Throws 400 and 422, in the real server's order.
 */
export function parseListOptions(query: URLSearchParams): ListOptions {
  const isWatch = booleanOf(query, 'watch') === true
  const timeoutSeconds = integerOf(query, 'timeoutSeconds')
  const options: ListOptions = {
    limit: integerOf(query, 'limit') ?? 0,
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields: parseFieldSelector(query.get('fieldSelector') ?? ''),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    allowWatchBookmarks: booleanOf(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: booleanOf(query, 'sendInitialEvents'),
    timeoutSeconds,
  }
  if (isWatch) defaultInitialEvents(options)
  const problems = isWatch ? problemsOfWatch(options) : problemsOfList(options)
  if (problems.length > 0) throw invalidOptions('ListOptions', problems)
  return options
}

/** A watch from no version in particular is a streaming list (SetListOptionsDefaults of meta/internalversion). */
function defaultInitialEvents(options: ListOptions): void {
  const { sendInitialEvents, resourceVersion, resourceVersionMatch } = options
  if (sendInitialEvents !== undefined || resourceVersionMatch !== '') return
  if (resourceVersion !== '' && resourceVersion !== '0') return
  options.sendInitialEvents = true
  options.resourceVersionMatch = 'NotOlderThan'
}

const forbid = (field: string, why: string): Problem => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${why}`,
})

const MATCH = 'resourceVersionMatch'

const unsupportedMatch = (match: string, supported: string): Problem => ({
  reason: 'FieldValueNotSupported',
  field: MATCH,
  message: `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`,
})

function problemsOfList(options: ListOptions): Problem[] {
  const problems: Problem[] = []
  const match = options.resourceVersionMatch
  if (match !== '') {
    if (options.resourceVersion === '')
      problems.push(forbid(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (options.continue !== '')
      problems.push(forbid(MATCH, 'resourceVersionMatch is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan')
      problems.push(unsupportedMatch(match, '"Exact", "NotOlderThan", ""'))
    if (match === 'Exact' && options.resourceVersion === '0')
      problems.push(forbid(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  if (options.sendInitialEvents !== undefined)
    problems.push(forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return problems
}

function problemsOfWatch(options: ListOptions): Problem[] {
  const problems: Problem[] = []
  const match = options.resourceVersionMatch
  const initial = options.sendInitialEvents
  if (initial !== undefined && match !== 'NotOlderThan')
    problems.push(forbid(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match !== '') {
    if (initial === undefined)
      problems.push(
        forbid(MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
      )
    if (match !== 'NotOlderThan') problems.push(unsupportedMatch(match, '"NotOlderThan"'))
    if (options.continue !== '')
      problems.push(forbid(MATCH, 'resourceVersionMatch is forbidden when continue is provided'))
  }
  return problems
}

/** Options of POST, PUT and PATCH; `kind` names them in texts. */
export function parseWriteOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  isApply: boolean,
): WriteOptions {
  const dryRun = query.getAll('dryRun')
  const fieldManager = query.get('fieldManager') ?? ''
  const force = booleanOf(query, 'force')
  const fieldValidation = query.get('fieldValidation') ?? ''
  const problems: Problem[] = []
  if (isApply && fieldManager === '') problems.push(required('fieldManager', 'is required for apply patch'))
  if (kind === 'PatchOptions' && !isApply && force !== undefined)
    problems.push(forbid('force', 'may not be specified for non-apply patch'))
  problems.push(...problemsOfManager(fieldManager), ...problemsOfDryRun(dryRun))
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(fieldValidation))
    problems.push({
      reason: 'FieldValueNotSupported',
      field: 'fieldValidation',
      message: `Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "", "Ignore", "Strict", "Warn"`,
    })
  if (problems.length > 0) throw invalidOptions(kind, problems)
  const validation = fieldValidation === 'Ignore' || fieldValidation === 'Strict' ? fieldValidation : 'Warn'
  return { dryRun: dryRun.length > 0, fieldManager, force: force ?? false, fieldValidation: validation }
}

const required = (field: string, why: string): Problem => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value: ${why}`,
})

function problemsOfManager(manager: string): Problem[] {
  if (Buffer.byteLength(manager) > 128)
    return [
      {
        reason: 'FieldValueTooLong',
        field: 'fieldManager',
        message: 'Too long: may not be more than 128 bytes',
      },
    ]
  let position = 0
  for (const character of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      return [
        {
          reason: 'FieldValueInvalid',
          field: 'fieldManager',
          message: `Invalid value: ${JSON.stringify(manager)}: invalid character U+${code} (at position ${position})`,
        },
      ]
    }
    position++
  }
  return []
}

/** What is wrong with the values of `dryRun`. */
export function problemsOfDryRun(dryRun: readonly string[]): Problem[] {
  if (dryRun.every((value) => value === 'All')) return []
  const list = dryRun.map((value) => JSON.stringify(value)).join(',')
  return [
    {
      reason: 'FieldValueNotSupported',
      field: 'dryRun',
      message: `Unsupported value: [${list}]: supported values: "All"`,
    },
  ]
}
