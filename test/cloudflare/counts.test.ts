/** What must hold on Cloudflare however much happens to one object, and what people see of what was given up (R26). */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { operator } from '../../functions/operator.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { Deployment, type Message } from '../../lib/index.ts'
import type { QueueBindings } from '../../lib/queue/durable/calls.ts'
import { durableQueue } from '../../lib/queue/durable/send.ts'
import { type CloudflarePath, QUEUE_KEY, startCloudflarePath } from './stage.ts'

let path: CloudflarePath
before(async () => {
  path = await startCloudflarePath({ only: ['work', 'relay'], kinds: operator })
})
after(() => path[Symbol.asyncDispose]())

/** Of one key the relay sends at once, then once for each so long (`quietSeconds`). */
const QUIET_MS = 500

describe('the Workers', () => {
  it('500 changes of one object lead to as many reconciles as they take half seconds: five for a burst', async (context) => {
    const { api, happenings, seen } = path
    const key = { namespace: 'default', name: 'hot' }
    const metadata = { ...key }
    await api.create(MyApp, {
      apiVersion: 'apps.fairlead.dev/v1',
      kind: 'MyApp',
      metadata,
      spec: { image: 'a' },
    })
    await seen(({ type }) => type === 'event')
    const reconciles = () => happenings.filter(({ type }) => type === 'reconciled').length
    const earlier = reconciles()
    const started = performance.now()
    for (let change = 0; change < 500; change += 20)
      await Promise.all(
        Array.from({ length: 20 }, (_, one) =>
          api.patch(MyApp, key, { type: 'merge', body: { spec: { image: `a:${change + one}` } } }),
        ),
      )
    const took = performance.now() - started
    const image = (await api.get(MyApp, key))?.spec.image
    while ((await api.get(Deployment, key))?.spec?.template.spec?.containers[0]?.image !== image);
    // What was written is told later than it can be read.
    const last = (type: string) => happenings.findLastIndex((happening) => happening.type === type)
    await seen(() => last('reconciled') > last('sent'))
    const count = reconciles() - earlier
    context.diagnostic(`${count} reconciles of 500 changes in ${took.toFixed(0)} ms`)
    assert.ok(count <= 2 + Math.ceil(took / QUIET_MS), `${count} reconciles in ${took} ms`)
  })

  it('a key that was given up is listed and redriven over HTTP, by whoever has the key', async () => {
    const worker = path.workers.harness.getWorker('fairlead')
    const ask = async (what: string, body?: object, key = QUEUE_KEY) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
      const response = await worker.fetch(`http://fairlead/queue${what}`, init)
      const text = await response.text()
      return [response.status, text === '' ? undefined : JSON.parse(text)] as const
    }
    const ghost: Message = {
      version: 1,
      cluster: 'default',
      controller: 'ghost',
      namespace: 'default',
      name: 'a',
      causes: ['created'],
      lane: 'change',
      attempt: 0,
    }
    const isParked = ({ type }: { readonly type: string }) => type === 'parked'
    await durableQueue((await worker.getEnv()) as QueueBindings).send([ghost])
    await path.seen(isParked)
    let [status, answer] = await ask('/parked')
    while (answer.items.length === 0) [status, answer] = await ask('/parked')
    const [{ key, reason, body }] = answer.items
    assert.deepEqual([status, key, body.controller], [200, 'default|ghost||default|a', 'ghost'])
    assert.match(reason, /has no controller "ghost", it has myapp/)
    assert.deepEqual(await ask('/parked', undefined, Buffer.alloc(32, 9).toString('base64url')), [
      401,
      undefined,
    ])
    assert.deepEqual(await ask('/redrive', { keys: [key, 'default|other||default|b'] }), [200, { count: 1 }])
    // It is given up again: nothing has changed.
    while (((await ask('/drop', { keys: [key] }))[1] as { count: number }).count === 0);
    assert.deepEqual(await ask('/parked'), [200, { items: [] }])
    const [, { clusters }] = await ask('')
    assert.deepEqual(clusters.default.parked, 0)
  })
})
