/**
 * JSON merge patch (RFC 7396) and JSON Patch (RFC 6902) as a kube-apiserver applies them. A target and a patch come in, a new
 * object goes out; the target is not changed. Whether the result fits the kind is decided elsewhere.
 *
 * JSON Patch is not the RFC's to the letter, because the real server is not (gopkg.in/evanphx/json-patch.v4): null and absent
 * are the same thing, so `replace`, `copy`, `move` and `test` accept an absent member of an object; indices may be negative;
 * a missing `value` is null; the text before a path's first slash is ignored.
 */
import type { Json, JsonObject } from '../resource.ts'
import { copyOf, isEqual, isObject, member, put } from './json.ts'

/** Upper limit of operations in one JSON Patch (`--max-json-patch-operations`, fixed at 10000 in k8s.io/apiserver). */
const MAX_OPERATIONS = 10_000

/** What all `copy` of one JSON Patch may add: else a few that double a text would fill the memory (AccumulatedCopySizeLimit). */
const MAX_COPIED_BYTES = 3 * 1024 * 1024

/** A patch that cannot be applied; becomes a Status with this code, reason and message. */
export class PatchError extends Error {
  readonly code: number
  readonly reason: string | undefined
  /** What the patch library says; clients are not told, but the author of a webhook is. */
  readonly detail: string | undefined

  constructor(code: number, reason: string | undefined, message: string, detail?: string) {
    super(message)
    this.name = 'PatchError'
    this.code = code
    this.reason = reason
    this.detail = detail
  }
}

/** RFC 7396: null removes, objects merge, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const key of Object.keys(patch)) {
    const value = member(patch, key) as Json
    if (value === null) delete result[key]
    else put(result, key, mergePatch(member(result, key), value))
  }
  return result
}

/**
 * Applies the operations in order, all or none. Throws {@link PatchError}: 400 when `operations` is not a list of operations,
 * 413 when there are too many, 422 (with a text that names nothing, as the real server's) when one does not apply.
 */
export function jsonPatch(target: JsonObject, operations: Json): Json {
  const root: JsonObject = { '': copyOf(target) }
  let copied = 0
  for (const operation of parseOperations(operations)) {
    if (operation.op === 'copy') copied += copy(root, operation)
    else run(root, operation)
    if (copied > MAX_COPIED_BYTES) throw notApplicable()
  }
  return member(root, '') as Json
}

interface Operation {
  readonly op: string
  readonly path: string | undefined
  readonly from: string | undefined
  readonly value: Json
}

function parseOperations(operations: Json): Operation[] {
  // Go reads null as a list of nothing.
  if (operations === null) return []
  if (!Array.isArray(operations)) throw undecodable(operations, '[]handlers.jsonPatchOp')
  if (operations.length > MAX_OPERATIONS)
    throw new PatchError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    )
  return operations.map((operation) => {
    if (operation === null) throw notApplicable()
    if (!isObject(operation)) throw undecodable(operation, 'handlers.jsonPatchOp')
    return {
      op: text(operation, 'op') ?? '',
      path: text(operation, 'path'),
      from: text(operation, 'from'),
      value: member(operation, 'value') ?? null,
    }
  })
}

function text(operation: JsonObject, key: string): string | undefined {
  const value = member(operation, key)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string')
    throw new PatchError(
      400,
      'BadRequest',
      `error decoding patch: json: cannot unmarshal ${kindOf(value)} into Go struct field jsonPatchOp.${key} of type string`,
    )
  return value
}

const kindOf = (value: Json): string => (Array.isArray(value) ? 'array' : typeof value)

const undecodable = (value: Json, type: string): PatchError =>
  new PatchError(
    400,
    'BadRequest',
    `error decoding patch: json: cannot unmarshal ${value === null ? 'null' : kindOf(value)} into Go value of type ${type}`,
  )

/** The real server's answer to most patches that fail on this object; `detail` is what went wrong. */
export const notApplicable = (detail?: string): PatchError =>
  new PatchError(422, 'Invalid', 'the server rejected our request due to an error in our request', detail)

const MISSING = 'missing value'

/** A step inside of an operation failed: its words, in those of the operation. */
function within<T>(words: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    throw notApplicable(error.detail === undefined ? words : `${words}: ${error.detail}`)
  }
}

/** `root` holds the document under the empty key. */
function run(root: JsonObject, operation: Operation): void {
  const { op, value } = operation
  const path = operation.path
  if (path === undefined) throw notApplicable(`${op} operation failed to decode path: ${MISSING}`)
  switch (op) {
    case 'add': {
      const place = locate(root, path) ?? missing('add', `path: ${JSON.stringify(path)}`)
      within(`error in add for path: '${path}'`, () => add(place, value))
      return
    }
    case 'remove': {
      const place = locate(root, path) ?? missing('remove', `path: ${JSON.stringify(path)}`)
      within(`error in remove for path: '${path}'`, () => remove(place))
      return
    }
    case 'replace':
      replace(root, path, value)
      return
    case 'test':
      test(root, path, value)
      return
    case 'move': {
      const from = source(operation)
      const place = locate(root, from) ?? missing('move', `from path: ${from}`)
      within(`error in move for path: '${from}'`, () => {
        const moved = read(place)
        remove(place)
        const target = locate(root, path) ?? missing('move', `destination path: ${path}`)
        add(target, moved)
      })
      return
    }
    default:
      throw notApplicable(`Unexpected kind: ${op}`)
  }
}

function missing(name: string, what: string): never {
  throw notApplicable(`${name} operation does not apply: doc is missing ${what}: ${MISSING}`)
}

function test(root: JsonObject, path: string, value: Json): void {
  const found = path === '' ? member(root, '') : read(locate(root, path) ?? missing('test', `path: ${path}`))
  if (!isEqual(found, value)) throw notApplicable(`testing value ${path} failed: test failed`)
}

/** How many bytes of JSON that added. */
function copy(root: JsonObject, operation: Operation): number {
  const { path } = operation
  if (path === undefined) throw notApplicable(`copy operation failed to decode path: ${MISSING}`)
  const from = source(operation)
  const place = locate(root, from) ?? missing('copy', `from path: ${from}`)
  const value = copyOf(within(`error in copy for path: '${from}'`, () => read(place)))
  const target = locate(root, path) ?? missing('copy', `destination path: ${path}`)
  within(`error while adding value during copy`, () => add(target, value))
  return JSON.stringify(value).length
}

function source({ op, from }: Operation): string {
  if (from === undefined) throw notApplicable(`${op} operation failed to decode from: ${MISSING}`)
  return from
}

interface Place {
  readonly parent: JsonObject | Json[]
  readonly key: string
}

/** The container of what `path` names; undefined where there is none (the root itself has none). */
function locate(root: JsonObject, path: string): Place | undefined {
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const key = steps.pop()
  if (key === undefined) return undefined
  let at: Json = member(root, '') as Json
  for (const step of steps) {
    const next = isContainer(at) ? readOrNothing({ parent: at, key: step }) : undefined
    if (next === undefined) return undefined
    at = next
  }
  return isContainer(at) ? { parent: at, key } : undefined
}

/** On the way to a place an index that is none ends the way. */
function readOrNothing(place: Place): Json | undefined {
  try {
    return read(place)
  } catch (error) {
    if (error instanceof PatchError) return undefined
    throw error
  }
}

const isContainer = (value: Json): value is JsonObject | Json[] => typeof value === 'object' && value !== null

/** An index into a list of `length`; negative ones count from the end. */
function indexOf(key: string, length: number): number {
  if (!/^[+-]?\d+$/.test(key)) throw notApplicable(`value was not a proper array index: '${key}'`)
  const index = Number(key)
  const at = index < 0 ? index + length : index
  if (at < 0 || at >= length)
    throw notApplicable(`Unable to access invalid index: ${index}: invalid index referenced`)
  return at
}

const read = ({ parent, key }: Place): Json =>
  Array.isArray(parent) ? (parent[indexOf(key, parent.length)] as Json) : (member(parent, key) ?? null)

function add({ parent, key }: Place, value: Json): void {
  if (!Array.isArray(parent)) put(parent, key, value)
  else if (key === '-') parent.push(value)
  else parent.splice(indexOf(key, parent.length + 1), 0, value)
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(indexOf(key, parent.length), 1)
  else if (Object.hasOwn(parent, key)) delete parent[key]
  else throw notApplicable(`Unable to remove nonexistent key: ${key}: ${MISSING}`)
}

function replace(root: JsonObject, path: string, value: Json): void {
  if (path === '') {
    if (!isContainer(value)) throw notApplicable()
    put(root, '', value)
    return
  }
  const { parent, key } = locate(root, path) ?? missing('replace', `path: ${path}`)
  if (!Array.isArray(parent)) put(parent, key, value)
  else
    within(`error in remove for path: '${path}'`, () => {
      parent[indexOf(key, parent.length)] = value
    })
}
