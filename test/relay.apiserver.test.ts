/** The relay against the embedded API server, through the real client and on the real clock: the protocol is not faked here. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { APPLIED } from '../lib/applied.ts'
import { systemClock } from '../lib/clock.ts'
import { memoryInventory } from '../lib/inventory/memory.ts'
import { ConfigMap } from '../lib/kind/builtin.ts'
import type { Kube } from '../lib/kube.ts'
import type { Message } from '../lib/message.ts'
import { defineOperator } from '../lib/operator.ts'
import { installCrds } from '../lib/manifest/install.ts'
import { relay } from '../lib/relay.ts'
import { startCluster } from './cluster.ts'
import { App, apps } from './relay.run.ts'

const operator = defineOperator('test', [apps({ owns: [ConfigMap], quietSeconds: 0 })])

/** A relay that runs; `next` resolves with the next message that was sent. */
function start(api: Kube, inventory = memoryInventory()) {
  const sent: Message[] = []
  let wake = () => {}
  const queue = {
    async send(messages: readonly Message[]) {
      sent.push(...messages)
      wake()
    },
  }
  const stop = new AbortController()
  const using = { api, cluster: 'c1', queue, inventory, report: () => {}, clock: systemClock }
  const running = relay(operator, using, stop.signal)
  return {
    inventory,
    async next(): Promise<string> {
      while (sent.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      const message = sent.shift()
      return `${message?.lane} ${message?.name}: ${message?.causes.join('; ')}`
    },
    async stop() {
      stop.abort(new Error('the test is over'))
      await running
    },
  }
}

const app = (name: string, size = 1) => ({
  apiVersion: 'test.fairlead.dev/v1',
  kind: 'App',
  metadata: { namespace: 'default', name },
  spec: { size },
})
const configMap = (owner: { name: string; uid: string }, mark: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'child',
    namespace: 'default',
    annotations: { [APPLIED]: mark },
    ownerReferences: [{ apiVersion: 'test.fairlead.dev/v1', kind: 'App', controller: true, ...owner }],
  },
  data: { mark },
})
const merge = (body: object) => ({ type: 'merge', body }) as const

describe('relay against an API server', () => {
  it('sends what exists, what changes and what is deleted, and is not woken by a status or our own apply (C6, C8)', async () => {
    await using cluster = await startCluster(operator)
    const { api } = cluster
    const key = { namespace: 'default', name: 'web' }
    const child = { namespace: 'default', name: 'child' }
    const { metadata } = await api.create(App, app('web'))
    const run = start(api)
    assert.equal(await run.next(), 'background web: found')

    await api.patch(App, key, merge({ spec: { size: 2 } }))
    assert.equal(await run.next(), 'change web: generation 2')

    const owner = { name: 'web', uid: metadata.uid }
    const apply = (mark: string) =>
      api.patch(
        ConfigMap,
        child,
        { type: 'apply', object: configMap(owner, mark), force: true },
        { fieldManager: 'app.test.fairlead.dev' },
      )
    await apply('1')
    await apply('2')
    await api.patch(ConfigMap, child, merge({ data: { mark: 'edited' } }), { fieldManager: 'kubectl' })
    assert.equal(await run.next(), 'change web: ConfigMap child changed', 'neither apply was sent')

    const live = await api.get(ConfigMap, child)
    assert.ok(live)
    await apply('3')
    await api.update(ConfigMap, { ...configMap(owner, '2'), data: {} }, { fieldManager: 'kubectl' })
    assert.equal(
      await run.next(),
      'change web: ConfigMap child annotations changed',
      'a PUT restored an older mark',
    )

    await api.delete(ConfigMap, child)
    assert.equal(await run.next(), 'change web: ConfigMap child deleted')
    await api.delete(App, key)
    assert.equal(await run.next(), 'change web: deleted')
    await run.stop()
  })

  it('A10: goes on after a restart with what changed meanwhile, and nothing else', async () => {
    await using cluster = await startCluster(operator)
    const { api } = cluster
    for (const name of ['kept', 'changed', 'gone']) await api.create(App, app(name))
    const first = start(api)
    for (let count = 0; count < 3; count++) await first.next()
    await first.stop()

    await api.patch(App, { namespace: 'default', name: 'changed' }, merge({ spec: { size: 2 } }))
    await api.delete(App, { namespace: 'default', name: 'gone' })
    await api.create(App, app('new'))
    const second = start(api, first.inventory)
    const said = [await second.next(), await second.next(), await second.next()]
    assert.deepEqual(said, ['change changed: generation 2', 'change gone: deleted', 'change new: created'])
    await second.stop()
  })

  it('A11: a controller whose CRD is not there starts when it is installed', async () => {
    await using cluster = await startCluster()
    const run = start(cluster.api)
    await installCrds(cluster.api, operator, { clock: systemClock })
    await cluster.api.create(App, app('web'))
    assert.match(await run.next(), /web: (found|created)/)
    await run.stop()
  })
})
