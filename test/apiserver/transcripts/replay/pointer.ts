/**
 * JSON pointers with the two additions of transcripts: `/list[key.path=value]` picks an item, `/list/#` is the length. Reads
 * and writes places, and answers conditions on them.
 */
import { isObject, type Json, type JsonObject } from './json.ts'

/** What must be true of an answer: its status, or of a place in its body that it is there or what it holds. */
export interface Condition {
  readonly status?: number | undefined
  readonly pointer?: string | undefined
  readonly equals?: Json | undefined
  readonly exists?: boolean | undefined
}

/** The parts of a pointer, unescaped. */
export const splitPointer = (pointer: string): string[] =>
  pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** A key as a part of a pointer. */
export const escapePart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** What stands at a pointer, or undefined where nothing does. */
export function lookup(value: Json | undefined, pointer: string): Json | undefined {
  let at = value
  for (const part of splitPointer(pointer)) at = step(at, part)
  return at
}

function step(value: Json | undefined, part: string): Json | undefined {
  const picked = /^(.*?)\[([^=\]]+)=([^\]]*)\]$/.exec(part)
  if (picked !== null) {
    const [, name = '', key = '', wanted] = picked
    const list = name === '' ? value : member(value, name)
    return Array.isArray(list) ? list.find((item) => String(within(item, key)) === wanted) : undefined
  }
  if (part === '#') return Array.isArray(value) ? value.length : undefined
  return member(value, part)
}

const within = (item: Json, path: string): Json | undefined =>
  path.split('.').reduce<Json | undefined>(member, item)

/** A member's own value: what a prototype has is not there. */
function member(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return Object.hasOwn(value, key) ? value[Number(key)] : undefined
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** Sets what stands at a pointer, making the objects on the way; undefined takes it away. */
export function put(target: JsonObject, pointer: string, value: Json | undefined): void {
  const parts = splitPointer(pointer)
  const last = parts.pop() ?? ''
  let at: JsonObject = target
  for (const part of parts) {
    const next = at[part] ?? {}
    at[part] = next
    // A list is written to by its indices, as an object is by its keys.
    at = next as JsonObject
  }
  if (value === undefined) delete at[last]
  else at[last] = value
}

/** Does the condition hold for this answer? */
export function holds(condition: Condition, answer: { status?: number; body?: Json | undefined }): boolean {
  if (condition.status !== undefined && answer.status !== condition.status) return false
  if (condition.pointer === undefined) return true
  const value = lookup(answer.body, condition.pointer)
  if (condition.exists !== undefined) return (value !== undefined) === condition.exists
  return JSON.stringify(value) === JSON.stringify(condition.equals)
}

/** A copy in which everything that the pointers (with `*` for any key) name is a token. `<object>` takes the place of objects only. */
export function mask<T extends Json | undefined>(
  body: T,
  masks: Readonly<Record<string, string>> | undefined,
): T {
  if (masks === undefined || body === undefined) return body
  const copy = structuredClone(body)
  for (const [pointer, token] of Object.entries(masks)) maskAt(copy, splitPointer(pointer), token)
  return copy
}

function maskAt(value: Json | undefined, [head, ...rest]: readonly string[], token: string): void {
  if (typeof value !== 'object' || value === null || head === undefined) return
  // Arrays are written to by their indices, which are keys as well.
  const members = value as JsonObject
  for (const key of head === '*' ? Object.keys(value) : Object.hasOwn(value, head) ? [head] : []) {
    if (rest.length > 0) maskAt(members[key], rest, token)
    else if (token !== '<object>' || isObject(members[key])) members[key] = token
  }
}
