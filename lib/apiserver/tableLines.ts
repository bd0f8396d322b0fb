/**
 * Watch streams of Tables: each line has one row; only the first names the columns.
 */
import { bookmarkOf } from './encode.ts'
import type { Form } from './negotiate.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { entryFor, errorLine } from './seen.ts'
import type { Server } from './server.ts'
import type { Entry } from './store.ts'
import { tableOfEntry, tableOfObject } from './tables.ts'
import type { Lines } from './watch.ts'

export function tableLines(server: Server, type: ResourceType, form: Form): Lines {
  let isFirst = true
  const write = (kind: string, table: JsonObject): string => {
    const shown = isFirst ? table : { ...table, columnDefinitions: null }
    isFirst = false
    return `${JSON.stringify({ type: kind, object: shown })}\n`
  }
  const ofEntry = (kind: string, entry: Entry) =>
    write(kind, tableOfEntry(type, entry, form, server.clock.now()))
  return {
    of: (kind, change) => ofEntry(kind, entryFor(type, kind, change)),
    added: (entry) => ofEntry('ADDED', entry),
    bookmark: (revision, endsInitial) =>
      write('BOOKMARK', bookmarkTable(server, type, form, { revision, endsInitial })),
    error: errorLine,
  }
}

/** The row of a bookmark carries what it says of the initial events, even where rows carry nothing. */
function bookmarkTable(
  server: Server,
  type: ResourceType,
  form: Form,
  { revision, endsInitial }: { revision: number; endsInitial: boolean },
): JsonObject {
  const metadata: JsonObject = {
    resourceVersion: String(revision),
    ...(endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  }
  const object = bookmarkOf(type, metadata)
  const shown: Form = endsInitial && form.include === 'None' ? { ...form, include: 'Metadata' } : form
  return tableOfObject(type, object, shown, server.clock.now())
}
