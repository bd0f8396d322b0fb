/** Reviews as a Worker. Needs the secret FAIRLEAD_REVIEW_KEYS. */
import { systemClock as clock } from '../../lib/index.ts'
import { parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { perIsolate, reportJson as report } from '../cloudflare.ts'
import { readReviewKeys } from '../env.ts'
import { operator } from '../operator.ts'

const app = perIsolate((env: Record<string, unknown>) =>
  reviewApp(operator, { keys: parseKeys(readReviewKeys(env) ?? ''), clock, report }),
)

export default {
  fetch: (request: Request, env: Record<string, unknown>) => app(env).fetch(request),
}
