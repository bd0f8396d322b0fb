/** What a watch tells, as plain data, and how it is read from the server's lists and lines. */
import type { Cursor } from '../inventory.ts'
import { INITIAL_END, type Metadata, type WatchLine } from '../kube.ts'

/**
 * One thing that a watch tells. Between `restart` and `synced` everything that exists is seen once, so what is known and
 * was not seen in between is gone; another `restart` before `synced` begins anew and nothing may be concluded.
 * `initial` marks objects that were read as a state: several writes may have become one. Otherwise it is one write.
 */
export type Change =
  | { readonly type: 'restart' }
  | { readonly type: 'seen'; readonly object: Metadata; readonly initial: boolean }
  | { readonly type: 'gone'; readonly object: Metadata }
  | { readonly type: 'synced' }

/** Changes that arrived together, and the cursor that holds once they are dealt with. */
export interface Changes {
  readonly changes: readonly Change[]
  readonly cursor: Cursor
}

/** What has an identity and a version; anything else that a server may send (a Table, a Status) is passed over. */
export const isObject = (object: { readonly metadata?: Partial<Metadata> }): boolean =>
  Boolean(object.metadata?.name && object.metadata.uid && object.metadata.resourceVersion)

/** Whether this line ends the initial state of a streaming list. */
export const isInitialEnd = ({ type, object }: WatchLine): boolean =>
  type === 'BOOKMARK' && object.metadata.annotations?.[INITIAL_END] === 'true'

/** An object, or its end, as a change. Bookmarks are not changes. */
export function toChange({ type, object }: WatchLine, initial: boolean): Change[] {
  if (type === 'BOOKMARK' || !isObject(object)) return []
  return [
    type === 'DELETED'
      ? { type: 'gone', object: object.metadata }
      : { type: 'seen', object: object.metadata, initial },
  ]
}
