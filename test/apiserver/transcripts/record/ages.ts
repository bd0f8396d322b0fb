/** Ages in Tables, which grow while one looks at them. */
import { isObject, type Json, type JsonObject } from '../replay/json.ts'

/** The columns that hold ages, by the watch that a Table came in; the empty name is for whatever is no watch. */
export type Columns = Map<string, number[]>

const AGE = /^(\d+[smhdy])+$|^<invalid>$/

/** The rewritten form of a Table with tokens in place of ages; anything else as it is. */
export function hideAges(
  original: JsonObject,
  written: JsonObject,
  columns: Columns,
  stream: string,
): JsonObject {
  const { rows } = written
  if (original.kind !== 'Table' || !Array.isArray(rows)) return written
  const { columnDefinitions } = original
  if (Array.isArray(columnDefinitions) && columnDefinitions.length > 0)
    columns.set(stream, ageColumns(columnDefinitions))
  const hidden = columns.get(stream) ?? []
  return { ...written, rows: rows.map((row) => hideIn(row, hidden)) }
}

const ageColumns = (definitions: readonly Json[]): number[] =>
  definitions.flatMap((definition, index) => {
    if (!isObject(definition)) return []
    const isAge = definition.type === 'date' || /^(Age|Last Seen|First Seen)$/.test(String(definition.name))
    return isAge ? [index] : []
  })

function hideIn(row: Json, hidden: readonly number[]): Json {
  if (!isObject(row) || !Array.isArray(row.cells)) return row
  const cells = row.cells.map((cell, index) =>
    hidden.includes(index) && typeof cell === 'string' && AGE.test(cell) ? '<age>' : cell,
  )
  return { ...row, cells }
}
