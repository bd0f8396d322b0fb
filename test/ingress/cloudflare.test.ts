/** The ingress over HTTP in the Workers runtime. */
import { COMPATIBILITY, startWorkers } from '../cloudflare/harness.ts'
import { ingressContract } from './http.contract.ts'
import type { Conditions, Seen } from './stage.ts'

ingressContract('as a Worker', async (senders) => {
  const config = { name: 'ingress', main: 'test/ingress/http.worker.ts', ...COMPATIBILITY }
  const harness = await startWorkers([{ config: { ...config, vars: { FAIRLEAD_INGRESS: senders } } }])
  const { url } = await harness.listen()
  const send = (path: string, init?: RequestInit) => fetch(new URL(path, url), init)
  return {
    send,
    async set(conditions: Conditions) {
      await (await send('/stage', { method: 'POST', body: JSON.stringify(conditions) })).body?.cancel()
    },
    seen: async () => (await (await send('/stage')).json()) as Seen,
    close: () => harness.close(),
  }
})
