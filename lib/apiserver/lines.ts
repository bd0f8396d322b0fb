/**
 * The lines of watch streams, by form. Whole objects and metadata are encoded once per change and shared by all watchers;
 * Tables, which few ask for, are made for each.
 */
import { apiVersionOf, bookmarkOf, textOf, textOfObject } from './encode.ts'
import { partialOf, partialText } from './partial.ts'
import type { Form } from './negotiate.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { entryFor, errorLine, line } from './seen.ts'
import { type Server, tableFor } from './server.ts'
import type { Entry } from './store.ts'
import { tableLines } from './tableLines.ts'
import type { Lines } from './watch.ts'

/** What makes the lines of a watch of `type` in `form`. */
export function linesFor(server: Server, type: ResourceType, form: Form): Lines {
  if (form.as === 'table') return tableLines(server, type, form)
  const table = tableFor(server, type)
  const isWhole = form.as === 'object'
  const encode = isWhole
    ? (entry: Entry) => textOf(type, entry)
    : (entry: Entry) => partialText(type, entry, form.version)
  return {
    of: (kind, change) => {
      const make = () => line(kind, encode(entryFor(type, kind, change)))
      // Only the newest change is shared: that is where watchers meet.
      if (table.log.at(-1) !== change) return make()
      const key = `${kind} ${isWhole ? '' : form.version} ${apiVersionOf(type)}`
      const known = table.lines.get(key) ?? make()
      table.lines.set(key, known)
      return known
    },
    added: (entry) => line('ADDED', encode(entry)),
    bookmark: (revision, endsInitial) => line('BOOKMARK', bookmarkText(type, form, revision, endsInitial)),
    error: errorLine,
  }
}

function bookmarkText(type: ResourceType, form: Form, revision: number, endsInitial: boolean): string {
  const metadata: JsonObject = {
    resourceVersion: String(revision),
    ...(endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  }
  const bookmark = bookmarkOf(type, metadata)
  if (form.as !== 'object') return JSON.stringify(partialOf(type, bookmark, form.version))
  return textOfObject(type, bookmark)
}
