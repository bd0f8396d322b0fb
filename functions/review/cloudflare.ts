/** Reviews as a Worker. Needs the secret FAIRLEAD_REVIEW_KEYS. */
import { systemClock as clock } from '../../lib/index.ts'
import { parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { readReviewKeys } from '../env.ts'
import { operator } from '../operator.ts'

const report = (happening: object) => console.log(JSON.stringify(happening))
const apps = new WeakMap<object, ReturnType<typeof reviewApp>>()

export default {
  fetch(request: Request, env: Record<string, unknown>): Response | Promise<Response> {
    // Bindings come with the first request; they stay the same for as long as the isolate lives.
    const app =
      apps.get(env) ?? reviewApp(operator, { keys: parseKeys(readReviewKeys(env) ?? ''), clock, report })
    apps.set(env, app)
    return app.fetch(request)
  },
}
