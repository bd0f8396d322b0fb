import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Namespace } from '../lib/kind/builtin.ts'
import { ApiError, type Kube, type ListOptions } from '../lib/kube.ts'
import { keyText, type Message, messageSchema } from '../lib/message.ts'
import { type Controller, defineController, defineOperator } from '../lib/operator.ts'
import { resync } from '../lib/resync.ts'
import { startCluster } from './cluster.ts'
import { fakeClock } from './fake-clock.ts'
import { App, apps, Tenant } from './relay.run.ts'

const group = 'test.fairlead.dev/v1'
const tenants = defineController(Tenant, { reconcile() {} }) as Controller
const textOf = (message: Message) => `${message.controller} ${keyText(message)}`

/** A cluster with these Apps, and a resync in it. `list` stands between. */
async function stage(controllers: readonly Controller[], objects: readonly string[]) {
  const operator = defineOperator('test', controllers)
  const cluster = await startCluster(defineOperator('all', [apps(), tenants]))
  const { api } = cluster
  for (const name of ['a', 'b'])
    await api.create(Namespace, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { team: name } },
    })
  for (const text of objects) {
    const [namespace, name = '', app = ''] = text.split('/')
    const metadata = { namespace, name, labels: { app } }
    await api.create(App, { apiVersion: group, kind: 'App', metadata, spec: {} })
  }
  await api.create(Tenant, { apiVersion: group, kind: 'Tenant', metadata: { name: 'acme' }, spec: {} })
  const lists: ListOptions[] = []
  const batches: Message[][] = []
  const run = ({
    signal,
    ...rest
  }: {
    signal?: AbortSignal
    list?: Kube['list']
    send?: () => Promise<void>
  } = {}) => {
    const list: Kube['list'] = async (resource, options = {}) => {
      lists.push(options)
      return await (rest.list ?? api.list)(resource, options)
    }
    const queue = {
      async send(messages: readonly Message[]) {
        await rest.send?.()
        batches.push(messages.map((message) => messageSchema.parse(message)))
      },
    }
    const using = { api: { ...api, list }, cluster: 'c1', queue, clock, report() {}, random: () => 0 }
    return resync(operator, using, signal ?? new AbortController().signal)
  }
  const clock = fakeClock()
  const dispose = () => cluster[Symbol.asyncDispose]()
  return { api, run, lists, batches, clock, sent: () => batches.flat(), [Symbol.asyncDispose]: dispose }
}

describe('resync', () => {
  it('sends the key of every primary in the background, by controller, without an origin', async () => {
    await using scene = await stage([apps(), apps({ name: 'other' }), tenants], ['a/x', 'b/y'])
    const { sent, pages, left } = await scene.run()
    assert.deepEqual([sent, pages, left], [{ app: 2, other: 2, tenant: 1 }, 2, []])
    assert.deepEqual(scene.sent().map(textOf).sort(), [
      'app a/x',
      'app b/y',
      'other a/x',
      'other b/y',
      'tenant acme',
    ])
    for (const { lane, causes, origin, resourceVersion } of scene.sent()) {
      assert.deepEqual([lane, causes, origin], ['background', ['resync'], undefined])
      assert.match(resourceVersion ?? '', /^\d+$/)
    }
    assert.ok(scene.lists.every(({ as }) => as === 'metadata'))
  })

  it('keeps to selectors and namespaces, those chosen by label too, and to who wants it', async () => {
    const controllers = [
      apps({ name: 'by-label', labels: 'app=web' }),
      apps({ name: 'by-name', namespaces: ['b'] }),
      apps({ name: 'by-team', namespaces: { labels: 'team=a' } }),
      apps({ name: 'never', resyncSeconds: 0 }),
    ]
    await using scene = await stage(controllers, ['a/x/web', 'a/y/db', 'b/z/web'])
    await scene.run()
    assert.deepEqual(scene.sent().map(textOf).sort(), [
      'by-label a/x',
      'by-label b/z',
      'by-name b/z',
      'by-team a/x',
      'by-team a/y',
    ])
  })

  it('reads and sends page by page, and begins again when the token has expired', async () => {
    const names = Array.from({ length: 1_100 }, (_, index) => `a/x${index}`)
    await using scene = await stage([apps()], names)
    let hasExpired = false
    const list: Kube['list'] = async (resource, options) => {
      if (options?.continue !== undefined && !hasExpired) {
        hasExpired = true
        throw new ApiError(410, 'Expired', 'the token is too old')
      }
      return await scene.api.list(resource, options)
    }
    const { sent, pages, left } = await scene.run({ list })
    assert.deepEqual(
      scene.batches.map(({ length }) => length),
      [500, 500, 500, 100],
    )
    assert.deepEqual([sent, pages, left], [{ app: 1_600 }, 4, []])
    assert.equal(new Set(scene.sent().map(textOf)).size, 1_100)
  })

  it('leaves a list whose token expires again and again', async () => {
    const names = Array.from({ length: 501 }, (_, index) => `a/x${index}`)
    await using scene = await stage([apps()], names)
    const list: Kube['list'] = async (resource, options) => {
      if (options?.continue !== undefined) throw new ApiError(410, 'Expired', 'the token is too old')
      return await scene.api.list(resource, options)
    }
    const { pages, left } = await scene.run({ list })
    assert.deepEqual([pages, left], [3, [{ what: 'App', because: 'the token is too old' }]])
  })

  it('names a kind that cannot be listed, and goes on with the others', async () => {
    await using scene = await stage([apps(), tenants], ['a/x'])
    const list: Kube['list'] = async (resource, options) => {
      if (resource.kind === 'App') throw new ApiError(403, 'Forbidden', 'apps is forbidden')
      return await scene.api.list(resource, options)
    }
    assert.deepEqual(await scene.run({ list }), {
      sent: { tenant: 1 },
      pages: 1,
      left: [{ what: 'App', because: 'apps is forbidden' }],
    })
  })

  it('stops when it is told to, and says what is left', async () => {
    await using scene = await stage([apps({ namespaces: ['a', 'b'] }), tenants], ['a/x', 'b/y'])
    const stopping = new AbortController()
    const send = async () => stopping.abort(new Error('no time'))
    const { left } = await scene.run({ signal: stopping.signal, send })
    assert.deepEqual(
      left.map(({ what }) => what),
      ['App in a', 'App in b', 'Tenant'],
    )
    assert.ok(left.every(({ because }) => because === 'there was no more time'))
  })

  it('waits for a queue that refuses', async () => {
    await using scene = await stage([apps()], ['a/x'])
    let refusals = 2
    const send = async () => {
      if (refusals-- > 0) throw new Error('throttled')
    }
    const running = scene.run({ send })
    let isOver = false
    void running.then(() => {
      isOver = true
    })
    while (!isOver) await scene.clock.advance(1_000)
    assert.deepEqual((await running).sent, { app: 1 })
  })
})
