/**
 * A watch body, text chunks of any size in, parsed watch lines out. It forgives nothing: a line that is no JSON, one that
 * never ends and a stream that stops within one are errors, because a skipped line is a lost change.
 */
import type { WatchLine } from '../kube.ts'
import { type Asked, badAnswer, fromStatus, isRecord } from './failure.ts'

/** Objects have at most 1.5 MiB in etcd, and their JSON is rarely more than twice that. */
const LINE_LIMIT = 8 * 1024 * 1024

const TYPES: readonly string[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']

/**
 * Yields each line of a watch as it completes. Throws ApiError: what an in-band ERROR line says (410 `Expired`/`Gone`), or
 * `BadAnswer`. Ends when `chunks` ends; ends `chunks` when it is ended early or throws.
 */
export async function* readLines<T>(chunks: AsyncIterable<string>, asked: Asked) {
  let rest: string[] = []
  let restLength = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      // The pieces of a line are joined once: appending to a string for every chunk of a long line is quadratic to scan.
      const line = restLength === 0 ? chunk.slice(from, end) : rest.join('') + chunk.slice(from, end)
      if (restLength > 0) rest = []
      restLength = 0
      from = end + 1
      if (!isBlank(line)) yield parseLine<T>(line, asked)
    }
    if (from < chunk.length) {
      rest.push(chunk.slice(from))
      restLength += chunk.length - from
    }
    if (restLength > LINE_LIMIT) throw badAnswer(asked, 200, `a line is longer than ${LINE_LIMIT} characters`)
  }
  const last = rest.join('')
  if (!isBlank(last)) yield parseLine<T>(last, asked)
}

const isBlank = (line: string): boolean => line === '' || line.trim() === ''

function parseLine<T>(line: string, asked: Asked): WatchLine<T> {
  const parsed = parseJson(line, asked)
  if (!isRecord(parsed) || !isRecord(parsed.object))
    throw badAnswer(asked, 200, 'a line of the stream has no object')
  if (parsed.type === 'ERROR')
    throw fromStatus(parsed.object, 500) ?? badAnswer(asked, 200, 'an ERROR line has no Status')
  if (!isWatchLine<T>(parsed)) throw badAnswer(asked, 200, 'a line of the stream has an unknown type')
  return parsed
}

/** The object itself is taken as the kind that was asked for: the server validates objects, not we. */
const isWatchLine = <T>(line: object): line is WatchLine<T> =>
  'type' in line && typeof line.type === 'string' && TYPES.includes(line.type)

function parseJson(line: string, asked: Asked): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // V8's message quotes the text, which may be a Secret's: it is not passed on, nor kept as the cause.
    throw badAnswer(
      asked,
      200,
      `the stream broke within a line of ${line.length} characters, or it is not JSON`,
    )
  }
}
