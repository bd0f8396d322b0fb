/** The ingress as a Worker, with its stage in the hands of the test: GET and POST /stage. */
import { perIsolate } from '../../functions/cloudflare.ts'
import { type Conditions, ingressStage } from './stage.ts'

const stage = perIsolate((env: { FAIRLEAD_INGRESS: string }) => ingressStage(env.FAIRLEAD_INGRESS))

export default {
  async fetch(request: Request, env: { FAIRLEAD_INGRESS: string }): Promise<Response> {
    const { app, seen, set } = stage(env)
    if (new URL(request.url).pathname !== '/stage') return await app.fetch(request)
    if (request.method === 'POST') set((await request.json()) as Conditions)
    return Response.json(seen())
  },
}
