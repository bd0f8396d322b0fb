/** A child process of the `path` benchmark: a relay that watches a namespace, and what it weighs once it has synced. */
import { ConfigMap, defineController, defineOperator, relay, systemClock as clock } from '../../lib/index.ts'
import { noInventory } from '../../lib/inventory/memory.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect } from '../../lib/kube/rest.ts'

const [kubeconfig = '', namespace = '', expected = '0'] = process.argv.slice(2)
const transport = httpsTransport(await loadCredentials({ kubeconfig }))
const api = connect(transport)
const operator = defineOperator('weigh', [
  defineController(ConfigMap, { name: 'weigh', namespaces: [namespace], reconcile() {} }),
])
const synced = Promise.withResolvers<void>()
const using = {
  api,
  cluster: 'default',
  queue: { send: async () => {} },
  inventory: noInventory,
  clock,
  random: Math.random,
  report: (happening: { type: string; state?: string }) => {
    if (happening.type === 'watch' && happening.state === 'synced') synced.resolve()
  },
}
await api.get(ConfigMap, { namespace, name: 'config-0' })
/** Also waits for the quiet windows (half a second) to end: what is kept for them is gone with them. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
await settle()
const before = process.memoryUsage()
const stop = new AbortController()
const running = relay(operator, using, stop.signal)
await synced.promise
await settle()
const after = process.memoryUsage()
const figures = {
  objects: Number(expected),
  rssBytes: after.rss - before.rss,
  heapBytes: after.heapUsed - before.heapUsed,
}
process.stdout.write(JSON.stringify(figures))
stop.abort(new Error('measured'))
await running
transport.close()
process.exit(0)
