/**
 * What tests in other languages may ask of this server, beside Kubernetes' own paths: `POST /fairlead/compact`. In process
 * the same is a method of `ApiServer`.
 */
import { jsonAnswer } from './render.ts'
import { type Answer, type ApiRequest, compact, type Server } from './server.ts'
import { methodNotAllowed } from './status.ts'

/** The answer, or undefined when the path is none of these. Throws 405. */
export function handleControl(server: Server, { segments, method }: ApiRequest): Answer | undefined {
  if (segments[0] !== 'fairlead' || segments[1] !== 'compact' || segments.length > 2) return undefined
  if (method !== 'POST') throw methodNotAllowed()
  compact(server)
  return jsonAnswer(200, JSON.stringify({ revision: server.compacted }))
}
