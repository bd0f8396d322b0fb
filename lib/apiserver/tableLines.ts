/**
 * Watch streams of Tables: each line has one row; only the first names the columns.
 */
import { textOfObject } from './encode.ts'
import type { Form } from './negotiate.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { entryFor, errorLine } from './seen.ts'
import type { Server } from './server.ts'
import type { Entry } from './store.ts'
import { rowOf, tableOfEntry, tableOfObject } from './tables.ts'
import type { Lines } from './watch.ts'

export function tableLines(server: Server, type: ResourceType, form: Form): Lines {
  const include = form.include ?? 'Metadata'
  let isFirst = true
  const write = (kind: string, table: JsonObject): string => {
    const shown = isFirst ? table : { ...table, columnDefinitions: null }
    isFirst = false
    return `${JSON.stringify({ type: kind, object: shown })}\n`
  }
  const ofEntry = (kind: string, entry: Entry) =>
    write(kind, tableOfEntry(type, entry, include, server.clock.now()))
  return {
    of: (kind, change) => ofEntry(kind, entryFor(type, kind, change)),
    added: (entry) => ofEntry('ADDED', entry),
    bookmark: (revision, endsInitial) =>
      write('BOOKMARK', bookmarkTable(server, type, revision, endsInitial)),
    error: errorLine,
  }
}

function bookmarkTable(
  server: Server,
  type: ResourceType,
  revision: number,
  endsInitial: boolean,
): JsonObject {
  const metadata: JsonObject = {
    resourceVersion: String(revision),
    ...(endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  }
  const object = JSON.parse(textOfObject(type, { metadata })) as JsonObject
  const table = tableOfObject(type, object, 'Metadata', server.clock.now())
  return { ...table, rows: [rowOf(type, object, 'Metadata', server.clock.now())] }
}
