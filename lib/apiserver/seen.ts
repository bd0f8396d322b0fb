/** What a watcher sees of a change, and how a line of its stream is framed. */
import { objectOf } from './encode.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { StatusError, statusOf } from './status.ts'
import type { Change, Entry } from './store.ts'

/** One line; `text` is the object as JSON. */
export const line = (kind: string, text: string): string => `{"type":"${kind}","object":${text}}\n`

/** The in-band form of a refusal. */
export const errorLine = (error: Error): string =>
  line('ERROR', JSON.stringify(error instanceof StatusError ? statusOf(error) : { message: error.message }))

/** Leaving a selector shows the last state that was inside, under the new revision. */
export function entryFor(type: ResourceType, kind: Change['type'], change: Change): Entry {
  if (kind !== 'DELETED' || change.type === 'DELETED' || change.before === undefined) return change.entry
  const { key, namespace, name } = change.before
  const object = type.conversion === undefined ? change.before.object : objectOf(type, change.before)
  const metadata = { ...(object.metadata as JsonObject), resourceVersion: String(change.revision) }
  const left = { ...object, metadata }
  // It is in this version already, and is not to be converted again.
  type.conversion?.known.set(left, left)
  return { key, namespace, name, revision: change.revision, object: left }
}
