/** The body of a review request: of the one content type that the API server sends, within limits, and parsed. */
import { BodyError, parseJson, readBytes } from '../body.ts'
import type { Clock } from '../clock.ts'
import { Denied } from '../review.ts'

/** controller-runtime's limit (`pkg/webhook/admission/http.go`): an object of 3 MiB, its old state, and what surrounds them. */
export const MOST_BYTES = 7 * 1024 * 1024

/** Far deeper than any object of Kubernetes, and no danger to a stack. */
const DEEPEST = 1000

/** The API server sends its review at once. */
const BODY_SECONDS = 10

/** Throws {@link Denied} with 400, 408 or 413. */
export async function readJson(request: Request, clock: Clock): Promise<unknown> {
  const type = request.headers.get('content-type')
  if (type !== 'application/json')
    throw new Denied(`content type must be application/json, got ${JSON.stringify(type ?? '')}`, {
      code: 400,
      reason: 'BadRequest',
    })
  try {
    const bytes = await readBytes(request, { mostBytes: MOST_BYTES, seconds: BODY_SECONDS, clock })
    return parseJson(bytes, DEEPEST)
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    const { code, reason, message } = error
    throw new Denied(message, { code, reason })
  }
}
