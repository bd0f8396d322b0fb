/** What a watcher sees of a change, and how a line of its stream is framed. */
import type { JsonObject } from './resource.ts'
import { StatusError, statusOf } from './status.ts'
import type { Change, Entry } from './store.ts'

/** One line; `text` is the object as JSON. */
export const line = (kind: string, text: string): string => `{"type":"${kind}","object":${text}}\n`

/** The in-band form of a refusal. */
export const errorLine = (error: Error): string =>
  line('ERROR', JSON.stringify(error instanceof StatusError ? statusOf(error) : { message: error.message }))

/** Leaving a selector shows the last state that was inside, under the new revision. */
export function entryFor(kind: Change['type'], change: Change): Entry {
  if (kind !== 'DELETED' || change.type === 'DELETED' || change.before === undefined) return change.entry
  const { key, namespace, name, object } = change.before
  const metadata = { ...(object.metadata as JsonObject), resourceVersion: String(change.revision) }
  return { key, namespace, name, revision: change.revision, object: { ...object, metadata } }
}
