/** Walks through what a step holds. Places are pointers without escapes: they are names within one recording, never read back. */
import { isObject, type Json, type JsonObject } from '../replay/json.ts'
import type { Recorded } from './page.ts'

/** An object, and its place. */
export interface Placed {
  readonly object: JsonObject
  readonly at: string
}

/** Every object of a value, itself first. */
export function* objectsOf(value: Json | undefined, at = ''): Generator<Placed> {
  if (isObject(value)) yield { object: value, at }
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) yield* objectsOf(item, `${at}/${key}`)
}

/** Every object that the server has sent in a step: answer, events, bookmark, webhook calls. */
export function* receivedIn({ step }: Recorded): Generator<Placed> {
  for (const part of ['response', 'events', 'bookmark', 'calls']) yield* objectsOf(step[part], `/${part}`)
}

/** The path that a step asks for; empty for a watch, whose events say themselves what they are. */
export function askedPath({ step }: Recorded): string {
  for (const asked of [step.request, step.wait])
    if (isObject(asked) && typeof asked.path === 'string') return asked.path
  return ''
}

/** The body that a step sends. */
export const sentBody = ({ step }: Recorded): Json | undefined =>
  isObject(step.request) ? step.request.body : undefined

/** Does the step read a whole collection? */
export function readsCollection(recorded: Recorded): boolean {
  const { request, wait } = recorded.step
  const isRead = wait !== undefined || (isObject(request) && request.method === 'GET')
  const [path = ''] = askedPath(recorded).split('?')
  const [root, ...parts] = path.split('/').slice(1)
  const rest = parts.slice(root === 'api' ? 1 : 2)
  const names = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest
  return isRead && names.length === 1
}
