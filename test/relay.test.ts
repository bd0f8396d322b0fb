/** The relay against a server in memory, on a clock moved by hand: what is sent for what happens. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { APPLIED } from '../lib/applied.ts'
import { DatabaseError } from '../lib/database.ts'
import type { Inventory } from '../lib/inventory.ts'
import { memoryInventory } from '../lib/inventory/memory.ts'
import { ConfigMap, Deployment, Namespace, Secret } from '../lib/kind/builtin.ts'
import { ApiError, type ManagedFields, type Metadata } from '../lib/kube.ts'
import { type Controller, defineController, defineOperator, watch } from '../lib/operator.ts'
import { generationChanged } from '../lib/operator/predicate.ts'
import { embeddedQueue } from '../lib/queue/embedded.ts'
import { relay } from '../lib/relay.ts'
import type { Happening } from '../lib/report.ts'
import { fakeClock } from './fake-clock.ts'
import { metadataServer } from './relay.server.ts'
import { App, apps, ownedBy, runRelay, Tenant } from './relay.run.ts'

const web = { namespace: 'default', name: 'web' }
const shop = { namespace: 'default', name: 'shop' }
const child = { namespace: 'default', name: 'child' }
const of = (name: string) => ({ ownerReferences: [ownedBy(name)] })

/** What the server shows of a child after a write that set this mark; by default an apply of ours. */
const marked = (
  mark: string,
  { manager = 'app.test.fairlead.dev', operation = 'Apply' }: ManagedFields = {},
): Partial<Metadata> => ({
  annotations: { [APPLIED]: mark },
  managedFields: [
    {
      manager,
      operation,
      fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${APPLIED}`]: {} } } },
    },
  ],
})

/** The name of the source of Apps in all namespaces. */
const SOURCE = 'c1|test.fairlead.dev/v1/apps|*||'

describe('relay: primaries', () => {
  it('sends each object once in the background at the start, and changes ahead of that', async () => {
    const server = metadataServer()
    const { resourceVersion } = server.put(App, web)
    const run = await runRelay([apps()], { server })
    assert.deepEqual(run.sent, [
      {
        version: 1,
        cluster: 'c1',
        controller: 'app',
        namespace: 'default',
        name: 'web',
        causes: ['found'],
        lane: 'background',
        resourceVersion,
        attempt: 0,
      },
    ])
    await run.said()
    server.put(App, shop)
    assert.deepEqual(await run.said(), ['change app default/shop: created'])
    await run.saidLater()
    server.put(App, { ...web, generation: 2 })
    assert.deepEqual(await run.said(), ['change app default/web: generation 2'])
    server.remove(App, shop)
    assert.deepEqual(await run.said(), ['change app default/shop: deleted'])
    await run.stop()
  })

  it('C6: a write that bumps no generation wakes nobody, and the start of deletion always does', async () => {
    const run = await runRelay([apps({ predicate: generationChanged })])
    run.server.put(App, web)
    await run.saidLater()
    run.server.put(App, { ...web, finalizers: ['a/b'] })
    run.server.put(App, { ...web, labels: { a: 'b' } })
    assert.deepEqual(await run.saidLater(), [])
    run.server.put(App, { ...web, deletionTimestamp: '2026-01-01T00:00:00Z' })
    assert.deepEqual(await run.saidLater(), ['change app default/web: deleting'])
    await run.stop()
  })

  it('tells predicates what was before and what is now', async () => {
    const asked: unknown[] = []
    const predicate: Controller['predicate'] = (before, after) => {
      asked.push([before.labels === after.labels, before.annotations === after.annotations])
      asked.push([before.generation, after.generation, before.uid === after.uid])
      return false
    }
    const run = await runRelay([apps({ predicate })])
    run.server.put(App, { ...web, labels: { a: '1', b: '2' } })
    run.server.put(App, { ...web, labels: { b: '2', a: '1' }, annotations: { x: 'y' }, generation: 2 })
    await run.saidLater()
    assert.deepEqual(asked, [
      [true, false],
      [1, 2, true],
    ])
    await run.stop()
  })

  it('takes a change to matter when the predicate throws, and says so', async () => {
    const predicate = () => {
      throw new Error('oops')
    }
    const run = await runRelay([apps({ predicate })])
    run.server.put(App, web)
    await run.saidLater()
    run.server.put(App, { ...web, generation: 2 })
    assert.deepEqual(await run.said(), ['change app default/web: generation 2'])
    assert.deepEqual(
      run.happenings.filter(({ type }) => type === 'failed'),
      [{ type: 'failed', controller: 'app', key: 'default/web', error: 'predicate: oops' }],
    )
    await run.stop()
  })

  it('A7: an object recreated under its name is sent, even if its generation is the same and the end was missed', async () => {
    const run = await runRelay([apps({ predicate: generationChanged })])
    run.server.put(App, web)
    await run.saidLater()
    run.server.disconnect()
    run.server.remove(App, web)
    run.server.put(App, web)
    run.server.compact()
    await run.clock.advance(800)
    assert.deepEqual(await run.saidLater(), ['change app default/web: recreated'])
    await run.stop()
  })

  it('A9: an object that leaves the selector is sent as gone from the selection; a live read decides', async () => {
    const run = await runRelay([apps({ labels: 'on=yes' })])
    run.server.put(App, { ...web, labels: { on: 'no' } })
    assert.deepEqual(await run.saidLater(), [])
    run.server.put(App, { ...web, labels: { on: 'yes' } })
    assert.deepEqual(await run.saidLater(), ['change app default/web: created'])
    run.server.put(App, { ...web, labels: { on: 'no' } })
    assert.deepEqual(await run.saidLater(), ['change app default/web: gone from the selection'])
    await run.stop()
  })

  it('wakes each controller of a shared source for its own reasons, over one watch', async () => {
    const other = apps({ name: 'other', predicate: generationChanged })
    const run = await runRelay([apps(), other])
    assert.equal(run.server.opened.length, 1)
    run.server.put(App, web)
    await run.saidLater()
    run.server.put(App, { ...web, labels: { a: 'b' } })
    assert.deepEqual(await run.saidLater(), ['change app default/web: labels changed'])
    await run.stop()
  })

  it('tells what changed and what was sent', async () => {
    const run = await runRelay([apps()])
    run.server.put(App, web)
    await run.saidLater()
    assert.deepEqual(run.happenings, [
      { type: 'watch', kind: 'App', state: 'synced', detail: '0 objects', source: SOURCE },
      { type: 'changed', kind: 'App', key: 'default/web', cause: 'created' },
      { type: 'sent', controller: 'app', key: 'default/web', causes: ['created'] },
    ])
    await run.stop()
  })
})

/** A relay that has told of these Apps. */
async function startWith(controllers: readonly Controller[], ...primaries: readonly { name: string }[]) {
  const run = await runRelay(controllers)
  for (const primary of primaries) run.server.put(App, primary)
  assert.equal((await run.saidLater()).length, primaries.length)
  return run
}

describe('relay: children', () => {
  it('D1: wakes the owner when a child is made, written in any way, or deleted', async () => {
    const run = await startWith([apps({ owns: [Deployment] })], web)
    run.server.put(Deployment, { ...child, ...of('web') })
    assert.deepEqual(await run.saidLater(), ['change app default/web: Deployment child created'])
    run.server.put(Deployment, child)
    assert.deepEqual(await run.saidLater(), ['change app default/web: Deployment child changed'])
    run.server.remove(Deployment, child)
    assert.deepEqual(await run.saidLater(), ['change app default/web: Deployment child deleted'])
    await run.stop()
  })

  it('wakes no owner that is not there, not selected, or still to be told of by its own watch', async () => {
    const run = await runRelay([apps({ owns: [Deployment] })])
    run.server.put(Deployment, { ...child, ...of('shop') })
    run.server.put(Deployment, { ...child, labels: { edited: 'yes' } })
    assert.deepEqual(await run.saidLater(), [])
    run.server.put(App, web)
    run.server.put(Deployment, { ...child, ...of('web') })
    await run.saidLater()
    run.server.remove(App, web)
    run.server.remove(Deployment, child)
    assert.deepEqual(await run.saidLater(), ['change app default/web: deleted'])
    await run.stop()
  })

  it('D7: wakes the old and the new owner', async () => {
    const run = await startWith([apps({ owns: [Deployment] })], web, shop)
    run.server.put(Deployment, { ...child, ...of('web') })
    await run.saidLater()
    run.server.put(Deployment, { ...child, ...of('shop') })
    assert.deepEqual((await run.saidLater()).sort(), [
      'change app default/shop: Deployment child changed',
      'change app default/web: Deployment child changed',
    ])
    await run.stop()
  })

  it('a message for an owner carries no resourceVersion: it must be read as new as it is', async () => {
    const run = await startWith([apps({ owns: [Deployment] })], web)
    run.server.put(Deployment, { ...child, ...of('web') })
    await run.clock.advance(0)
    assert.equal(run.sent.length, 1)
    assert.equal(run.sent[0]?.resourceVersion, undefined)
    await run.stop()
  })

  it('sends each primary once at the start, however many children it has', async () => {
    const server = metadataServer()
    server.put(App, web)
    for (const name of ['a', 'b', 'c']) {
      server.put(Deployment, { namespace: 'default', name, ...of('web') })
      server.put(ConfigMap, { namespace: 'default', name, ...of('web') })
    }
    const run = await runRelay([apps({ owns: [Deployment, ConfigMap] })], { server })
    assert.deepEqual(await run.saidLater(), ['background app default/web: found'])
    await run.stop()
  })

  it('wakes owners for children that are listed after them', async () => {
    const server = metadataServer()
    server.refuse('deployments', new ApiError(403, 'Forbidden', 'not yet'))
    server.put(App, web)
    server.put(Deployment, { ...child, ...of('web') })
    const run = await runRelay([apps({ owns: [Deployment] })], { server })
    assert.deepEqual(await run.saidLater(), ['background app default/web: found'])
    server.refuse('deployments', undefined)
    await run.clock.advance(30_000)
    assert.deepEqual(await run.said(), ['background app default/web: Deployment child found'])
    await run.stop()
  })

  describe('C8: our own apply', () => {
    const start = async () => {
      const run = await runRelay([apps({ owns: [ConfigMap] })])
      run.server.put(App, web)
      run.server.put(App, shop)
      run.server.put(ConfigMap, { ...child, ...of('web'), ...marked('1') })
      assert.deepEqual(await run.saidLater(), [
        'change app default/web: created',
        'change app default/shop: created',
      ])
      return run
    }

    it('does not wake the owner when it changes the child', async () => {
      const run = await start()
      run.server.put(ConfigMap, { ...child, ...marked('2') })
      assert.deepEqual(await run.saidLater(), [])
      await run.stop()
    })

    it('is told from a write by somebody else, before, between and after', async () => {
      const run = await start()
      run.server.put(ConfigMap, { ...child, labels: { edited: 'yes' } })
      assert.deepEqual(await run.saidLater(), ['change app default/web: ConfigMap child labels changed'])
      run.server.put(ConfigMap, { ...child, ...marked('2') })
      run.server.put(ConfigMap, child)
      assert.deepEqual(await run.saidLater(), ['change app default/web: ConfigMap child changed'])
      await run.stop()
    })

    it('is not what a PUT makes that restores an older mark', async () => {
      const run = await start()
      run.server.put(ConfigMap, { ...child, ...marked('2') })
      run.server.put(ConfigMap, { ...child, ...marked('1', { operation: 'Update' }) })
      assert.deepEqual(await run.saidLater(), ['change app default/web: ConfigMap child annotations changed'])
      await run.stop()
    })

    it('is not what somebody else applies who restores an older mark', async () => {
      const run = await start()
      run.server.put(ConfigMap, { ...child, ...marked('2') })
      run.server.put(ConfigMap, { ...child, ...marked('1', { manager: 'kubectl' }) })
      assert.deepEqual(await run.saidLater(), ['change app default/web: ConfigMap child annotations changed'])
      await run.stop()
    })

    it('wakes an owner that loses the child by it, and not the one that took it', async () => {
      const run = await start()
      run.server.put(ConfigMap, { ...child, ...of('shop'), ...marked('2') })
      assert.deepEqual(await run.saidLater(), ['change app default/web: ConfigMap child annotations changed'])
      await run.stop()
    })

    it('wakes whoever else owns the child: another controller, or another object of the same', async () => {
      const tenants = defineController(Tenant, {
        owns: [ConfigMap],
        owners: 'every',
        reconcile() {},
      }) as Controller
      const run = await startWith([apps({ owns: [ConfigMap], owners: 'every' }), tenants], web, shop)
      run.server.put(Tenant, { name: 'acme' })
      await run.saidLater()
      const sharers = [
        ownedBy('shop', { controller: false }),
        ownedBy('acme', { kind: 'Tenant', controller: false }),
      ]
      run.server.put(ConfigMap, { ...child, ownerReferences: [ownedBy('web'), ...sharers], ...marked('1') })
      assert.deepEqual((await run.saidLater()).sort(), [
        'change app default/shop: ConfigMap child created',
        'change tenant acme: ConfigMap child created',
      ])
      await run.stop()
    })

    it('that was only seen in a list wakes the owner: somebody else may have written after it', async () => {
      const run = await start()
      run.server.disconnect()
      run.server.put(ConfigMap, { ...child, ...marked('2') })
      run.server.compact()
      await run.clock.advance(2_000)
      assert.deepEqual(await run.said(), ['change app default/web: ConfigMap child annotations changed'])
      await run.stop()
    })

    it('wakes the owner when the child was deleted and made again by it', async () => {
      const run = await start()
      run.server.remove(ConfigMap, child)
      run.server.put(ConfigMap, { ...child, ...of('web'), ...marked('1') })
      assert.deepEqual(await run.saidLater(), ['change app default/web: ConfigMap child deleted'])
      await run.stop()
    })
  })

  it('maps children in namespaces to owners that are in none', async () => {
    const tenants = defineController(Tenant, { owns: [ConfigMap], reconcile() {} }) as Controller
    const run = await runRelay([tenants])
    run.server.put(Tenant, { name: 'acme' })
    await run.saidLater()
    run.server.put(ConfigMap, { ...child, ownerReferences: [ownedBy('acme', { kind: 'Tenant' })] })
    assert.deepEqual(await run.saidLater(), ['change tenant acme: ConfigMap child created'])
    await run.stop()
  })
})

describe('relay: watched kinds', () => {
  const watches = [watch(Secret, { labels: 'app=yes', map: () => [] })]

  it('sends the key of what changed and leaves it to the worker whom it concerns', async () => {
    const run = await runRelay([apps({ watches })])
    run.server.put(Secret, { namespace: 'vault', name: 'key', labels: { app: 'yes' } })
    await run.clock.advance(0)
    assert.equal(run.sent[0]?.resourceVersion, undefined)
    assert.deepEqual(await run.saidLater(), ['change app Secret vault/key: Secret key created'])
    run.server.put(Secret, { namespace: 'vault', name: 'key' })
    assert.deepEqual(await run.saidLater(), ['change app Secret vault/key: Secret key changed'])
    run.server.remove(Secret, { namespace: 'vault', name: 'key' })
    assert.deepEqual(await run.saidLater(), [
      'change app Secret vault/key: Secret key gone from the selection',
    ])
    await run.stop()
  })

  it('asks the predicate of the watched kind', async () => {
    const quiet = [watch(Secret, { predicate: () => false, map: () => [] })]
    const run = await runRelay([apps({ watches: quiet })])
    run.server.put(Secret, child)
    await run.saidLater()
    run.server.put(Secret, child)
    assert.deepEqual(await run.saidLater(), [])
    await run.stop()
  })
})

describe('relay: namespaces', () => {
  it('watches each namespace of a list by itself', async () => {
    const run = await runRelay([apps({ namespaces: ['a', 'b'], owns: [ConfigMap] })])
    assert.deepEqual(
      run.server.opened.map(({ resource, options }) => `${resource.plural} ${options.namespace}`).sort(),
      ['apps a', 'apps b', 'configmaps a', 'configmaps b'],
    )
    for (const namespace of ['a', 'b', 'c']) run.server.put(App, { namespace, name: 'web' })
    assert.deepEqual(await run.said(), ['change app a/web: created', 'change app b/web: created'])
    await run.stop()
  })

  it('A8: a namespace that gains the label is looked at, one that loses it no more, without a restart', async () => {
    const server = metadataServer()
    server.put(Namespace, { name: 'a', labels: { team: 'yes' } })
    server.put(Namespace, { name: 'b' })
    for (const namespace of ['a', 'b']) {
      server.put(App, { namespace, name: 'web' })
      server.put(Secret, { namespace, name: 'key' })
    }
    const watches = [watch(Secret, { map: () => [] })]
    const run = await runRelay([apps({ namespaces: { labels: 'team=yes' }, watches, owns: [ConfigMap] })], {
      server,
    })
    const keys = (await run.saidLater()).map((text) => text.replace(/:.*/, ''))
    assert.deepEqual(keys.sort(), ['background app Secret a/key', 'background app a/web'])

    server.put(App, { namespace: 'b', name: 'web', generation: 2 })
    server.put(ConfigMap, { namespace: 'b', name: 'child', ...of('web') })
    assert.deepEqual(await run.saidLater(), [], 'not selected')

    server.put(Namespace, { name: 'b', labels: { team: 'yes' } })
    assert.deepEqual((await run.saidLater()).sort(), [
      'background app Secret b/key: namespace b selected',
      'background app b/web: namespace b selected',
    ])
    server.put(App, { namespace: 'b', name: 'web', generation: 3 })
    assert.deepEqual(await run.saidLater(), ['change app b/web: generation 3'])

    server.put(Namespace, { name: 'a', labels: {} })
    await run.saidLater()
    server.put(App, { namespace: 'a', name: 'web', generation: 2 })
    server.remove(App, { namespace: 'a', name: 'web' })
    assert.deepEqual(await run.saidLater(), [], 'selected no more')
    await run.stop()
  })
})

describe('relay: gaps', () => {
  const start = async (streams = true) => {
    const server = metadataServer({ streams })
    for (const name of ['kept', 'changed', 'gone']) server.put(App, { namespace: 'default', name })
    server.put(Deployment, { ...child, ...of('kept') })
    const run = await runRelay([apps({ owns: [Deployment] })], { server })
    assert.equal((await run.saidLater()).length, 3)
    return run
  }

  for (const streams of [true, false])
    it(`A2, case 24: after 410 new, changed and deleted objects are sent once each, others not (streaming lists: ${streams})`, async () => {
      const run = await start(streams)
      run.server.disconnect()
      run.server.put(App, { namespace: 'default', name: 'new' })
      run.server.put(App, { namespace: 'default', name: 'changed', generation: 2 })
      run.server.remove(App, { namespace: 'default', name: 'gone' })
      run.server.compact()
      await run.clock.advance(2_000)
      assert.deepEqual((await run.saidLater()).sort(), [
        'change app default/changed: generation 2',
        'change app default/gone: deleted',
        'change app default/new: created',
      ])
      await run.stop()
    })

  it('A2: the owner of a child that was deleted in a gap is woken', async () => {
    const run = await start()
    run.server.disconnect()
    run.server.remove(Deployment, child)
    run.server.compact()
    await run.clock.advance(2_000)
    assert.deepEqual(await run.saidLater(), ['change app default/kept: Deployment child deleted'])
    await run.stop()
  })

  it('A2: a connection that only broke is resumed, and nothing is sent twice or missed', async () => {
    const run = await start()
    run.server.disconnect()
    run.server.put(App, { namespace: 'default', name: 'new' })
    await run.clock.advance(2_000)
    assert.deepEqual(await run.said(), ['change app default/new: created'])
    await run.stop()
  })

  it('A11: a source that is missing or forbidden holds up no other and starts by itself', async () => {
    const server = metadataServer()
    server.refuse('apps', new ApiError(404, 'NotFound', 'no such resource'))
    server.refuse('deployments', new ApiError(403, 'Forbidden', 'you may not'))
    const tenants = defineController(Tenant, { reconcile() {} }) as Controller
    const run = await runRelay([apps({ owns: [Deployment] }), tenants], { server })
    server.put(Tenant, { name: 'acme' })
    assert.deepEqual(await run.said(), ['change tenant acme: created'])
    await run.clock.advance(120_000)
    server.refuse('apps', undefined)
    server.put(App, web)
    await run.clock.advance(30_000)
    assert.deepEqual(await run.said(), ['background app default/web: found'])
    const states = run.happenings.flatMap((happening) =>
      happening.type === 'watch' ? [`${happening.kind} ${happening.state}`] : [],
    )
    assert.deepEqual(states.sort(), ['App missing', 'App synced', 'Deployment forbidden', 'Tenant synced'])
    await run.stop()
  })
})

describe('relay: the inventory', () => {
  /** A relay that ran, with an inventory that outlives it. */
  const once = async (controllers: readonly Controller[]) => {
    const server = metadataServer()
    const inventory = memoryInventory()
    for (const name of ['kept', 'changed', 'gone', 'again']) server.put(App, { namespace: 'default', name })
    for (const name of ['a', 'b', 'c']) server.put(App, { namespace: 'default', name })
    for (const owner of ['a', 'b'])
      server.put(Deployment, { namespace: 'default', name: `of-${owner}`, ...of(owner) })
    const run = await runRelay(controllers, { server, inventory })
    await run.saidLater()
    await run.stop()
    return { server, inventory, clock: run.clock }
  }
  const change = (server: ReturnType<typeof metadataServer>) => {
    server.put(App, { namespace: 'default', name: 'new' })
    server.put(App, { namespace: 'default', name: 'changed', generation: 2 })
    server.remove(App, { namespace: 'default', name: 'gone' })
    server.remove(App, { namespace: 'default', name: 'again' })
    server.put(App, { namespace: 'default', name: 'again' })
    server.put(Deployment, { namespace: 'default', name: 'of-a', ...of('c') })
    server.remove(Deployment, { namespace: 'default', name: 'of-b' })
  }

  for (const isExpired of [false, true])
    it(`A10: a restart sends exactly what changed meanwhile (version ${isExpired ? 'expired' : 'still there'})`, async () => {
      const controllers = [apps({ owns: [Deployment] })]
      const past = await once(controllers)
      change(past.server)
      if (isExpired) past.server.compact()
      const run = await runRelay(controllers, past)
      const keys = (await run.saidLater()).map((text) => text.replace(/:.*/, ''))
      assert.deepEqual([...new Set(keys)].sort(), [
        'change app default/a',
        'change app default/again',
        'change app default/b',
        'change app default/c',
        'change app default/changed',
        'change app default/gone',
        'change app default/new',
      ])
      await run.stop()
    })

  it('A10: a restart after which nothing has changed sends nothing, version expired or not', async () => {
    const controllers = [apps({ owns: [Deployment] })]
    const past = await once(controllers)
    const second = await runRelay(controllers, past)
    assert.deepEqual(await second.saidLater(), [])
    await second.stop()
    past.server.put(Secret, child)
    past.server.compact()
    const third = await runRelay(controllers, past)
    assert.deepEqual(await third.saidLater(), [])
    await third.stop()
  })

  it('A10: without an inventory each object is sent once', async () => {
    const past = await once([apps()])
    const run = await runRelay([apps()], { server: past.server })
    assert.deepEqual((await run.saidLater()).sort(), [
      'background app default/a: found',
      'background app default/again: found',
      'background app default/b: found',
      'background app default/c: found',
      'background app default/changed: found',
      'background app default/gone: found',
      'background app default/kept: found',
    ])
    await run.stop()
  })

  it('a controller that was not there before is sent everything, the others what changed', async () => {
    const past = await once([apps()])
    change(past.server)
    const run = await runRelay([apps(), apps({ name: 'newcomer' })], past)
    const said = await run.saidLater()
    const [theirs, ours] = [
      said.filter((text) => text.includes('newcomer')),
      said.filter((text) => text.includes(' app ')),
    ]
    assert.equal(theirs.filter((text) => text.startsWith('background newcomer')).length, 7)
    assert.deepEqual(ours.sort(), [
      'change app default/again: recreated',
      'change app default/changed: generation 2',
      'change app default/gone: deleted',
      'change app default/new: created',
    ])
    await run.stop()
  })

  for (const [what, options] of [
    ['another predicate', { predicate: generationChanged }],
    ['another revision', { revision: 'build 2' }],
  ] as const)
    it(`a controller with ${what} is told of everything once more, and of what changed meanwhile as a change`, async () => {
      const past = await once([apps()])
      past.server.remove(App, { namespace: 'default', name: 'gone' })
      past.server.put(App, { namespace: 'default', name: 'new' })
      const run = await runRelay([apps(options)], past)
      const said = await run.saidLater()
      assert.deepEqual(said.filter((text) => !text.includes('controller changed')).sort(), [
        'change app default/gone: deleted',
      ])
      assert.equal(
        said.filter((text) => text.startsWith('background') && text.endsWith('controller changed')).length,
        7,
      )
      await run.stop()
      const next = await runRelay([apps(options)], past)
      assert.deepEqual(await next.saidLater(), [], 'and only once')
      await next.stop()
    })

  it('a controller that owns another kind from now on is woken for the children that there are', async () => {
    const past = await once([apps({ revision: '1' })])
    const run = await runRelay([apps({ revision: '1', owns: [Deployment] })], past)
    assert.deepEqual((await run.saidLater()).sort(), [
      'background app default/a: Deployment of-a found',
      'background app default/b: Deployment of-b found',
    ])
    past.server.remove(Deployment, { namespace: 'default', name: 'of-b' })
    assert.deepEqual(await run.saidLater(), ['change app default/b: Deployment of-b deleted'])
    await run.stop()
  })

  it('a controller that was away for a while is told of everything, whatever others saw meanwhile', async () => {
    const past = await once([apps(), apps({ name: 'other' })])
    const without = await runRelay([apps()], past)
    await without.stop()
    past.server.remove(App, { namespace: 'default', name: 'gone' })
    const alone = await runRelay([apps()], past)
    await alone.saidLater()
    await alone.stop()
    const run = await runRelay([apps(), apps({ name: 'other' })], past)
    const said = await run.saidLater()
    assert.equal(said.length, 6)
    assert.ok(
      said.every((text) => text.startsWith('background other')),
      said.join('\n'),
    )
    await run.stop()
  })

  it('who was not told of everything before the end is told of everything again', async () => {
    const past = await once([apps()])
    const memory = past.inventory
    const commit: Inventory['commit'] = async (source, step) => {
      if (step.cursor.resourceVersion !== undefined) throw new Error('died before the list was through')
      await memory.commit(source, step)
    }
    const controllers = [apps({ revision: 'build 2' })]
    const dying = await runRelay(controllers, { ...past, inventory: { ...memory, commit } })
    assert.equal((await dying.saidLater()).length, 7)
    dying.abort()
    await past.clock.advance(6_000)
    const next = await runRelay(controllers, past)
    assert.equal((await next.saidLater()).length, 7)
    await next.stop()
  })

  it('what was kept in a format that is not known still tells which objects were there', async () => {
    const past = await once([apps({ owns: [Deployment] })])
    const old = { ...past.inventory }
    const load: Inventory['load'] = async (source) => {
      const known = await past.inventory.load(source)
      const entries = Object.entries(known?.cursor.told ?? {})
      const told = Object.fromEntries(entries.filter(([name]) => !name.startsWith('fingerprints')))
      return known && { ...known, cursor: { ...known.cursor, told } }
    }
    past.server.remove(App, { namespace: 'default', name: 'gone' })
    const run = await runRelay([apps({ owns: [Deployment] })], { ...past, inventory: { ...old, load } })
    const said = await run.saidLater()
    assert.ok(said.includes('change app default/gone: deleted'), said.join('\n'))
    const told = said.filter((text) => text.endsWith(': controller changed') && !text.includes('Deployment'))
    assert.equal(told.length, 6)
    await run.stop()
  })

  it('A8: a namespace that was selected while the relay was away is looked at', async () => {
    const controllers = [apps({ namespaces: { labels: 'team=yes' } })]
    const server = metadataServer()
    const inventory = memoryInventory()
    server.put(Namespace, { name: 'default' })
    server.put(App, web)
    const first = await runRelay(controllers, { server, inventory })
    assert.deepEqual(await first.saidLater(), [])
    await first.stop()
    server.put(Namespace, { name: 'default', labels: { team: 'yes' } })
    const second = await runRelay(controllers, { server, inventory })
    assert.deepEqual(await second.saidLater(), ['background app default/web: namespace default selected'])
    await second.stop()
  })

  it('moves on only when the queue has accepted everything before, what a quiet window holds back included', async () => {
    const inventory = memoryInventory()
    const controllers = [apps({ quietSeconds: 10 })]
    const first = await runRelay(controllers, { inventory })
    first.server.put(App, web)
    await first.said()
    first.server.put(App, { ...web, generation: 2 })
    await first.clock.advance(9_000)
    // The process dies here: `first` is never stopped in order.
    const second = await runRelay(controllers, { server: first.server, inventory })
    assert.deepEqual(await second.said(), ['change app default/web: generation 2'])
    await second.stop()
    await first.stop()
  })

  it('is tried again when it does not take a step or cannot be read, and told of once', async () => {
    const memory = memoryInventory()
    let failures = 4
    const failing = async () => {
      if (failures-- > 0) throw new Error('disk full')
    }
    const inventory = {
      load: async (source: string) => failing().then(() => memory.load(source)),
      commit: async (...args: Parameters<typeof memory.commit>) =>
        failing().then(() => memory.commit(...args)),
    }
    const first = await runRelay([apps()], { inventory })
    await first.clock.advance(10_000)
    failures = 3
    first.server.put(App, web)
    await first.clock.advance(10_000)
    await first.stop()
    const second = await runRelay([apps()], { server: first.server, inventory })
    assert.deepEqual(await second.saidLater(), [])
    const states = first.happenings.flatMap((happening) =>
      happening.type === 'store' ? [happening.state] : [],
    )
    assert.deepEqual(states, ['refusing', 'accepting', 'refusing', 'accepting'])
    await second.stop()
  })
})

describe('relay: the queue', () => {
  it('sends at once, then once per quiet window, and never loses the last change', async () => {
    const run = await runRelay([apps({ quietSeconds: 0.5 })])
    const times: number[] = []
    for (let generation = 1; generation <= 200; generation++) {
      run.server.put(App, { ...web, generation })
      await run.clock.advance(5)
      while (times.length < run.sent.length) times.push(run.clock.now())
    }
    await run.clock.advance(1_000)
    assert.equal(times[0], 5, 'the first goes at once')
    assert.ok(run.sent.length <= 4, `${run.sent.length} messages`)
    const last = run.sent.at(-1)
    assert.equal(last?.resourceVersion, '300', 'the last change is sent')
    assert.ok((last?.causes.length ?? 0) <= 16)
    await run.stop()
  })

  it('holds back per key: another object does not wait', async () => {
    const run = await runRelay([apps({ quietSeconds: 60 })])
    run.server.put(App, web)
    await run.said()
    run.server.put(App, { ...web, generation: 2 })
    run.server.put(App, shop)
    assert.deepEqual(await run.said(), ['change app default/shop: created'])
    await run.clock.advance(60_000)
    assert.deepEqual(await run.said(), ['change app default/web: generation 2'])
    await run.stop()
  })

  it('sends every change where no quiet is asked for', async () => {
    const run = await runRelay([apps({ quietSeconds: 0 })])
    for (const generation of [1, 2, 3]) {
      run.server.put(App, { ...web, generation })
      assert.equal((await run.said()).length, 1)
    }
    await run.stop()
  })

  it('keeps what the queue refuses, merged by key, tells it once, and sends it all when it accepts again', async () => {
    const run = await runRelay([apps({ owns: [Deployment] })])
    run.queue.refusing = new Error('throttled')
    run.server.put(App, web)
    await run.clock.advance(0)
    run.server.put(App, { ...web, generation: 2 })
    await run.clock.advance(0)
    run.server.put(Deployment, { ...child, ...of('web') })
    run.server.put(App, shop)
    await run.clock.advance(60_000)
    assert.deepEqual(await run.said(), [])
    run.queue.refusing = undefined
    await run.clock.advance(31_000)
    assert.deepEqual(await run.saidLater(), [
      'change app default/web: created',
      'change app default/shop: created',
      'change app default/web: generation 2; Deployment child created',
    ])
    assert.deepEqual(
      run.happenings.filter(({ type }) => type === 'store'),
      [
        { type: 'store', store: 'queue', state: 'refusing', detail: 'throttled' },
        { type: 'store', store: 'queue', state: 'accepting', detail: '' },
      ],
    )
    await run.stop()
  })

  it('stops reading while thousands of keys wait, and loses none of them', async () => {
    const run = await runRelay([apps()])
    run.queue.refusing = new Error('throttled')
    for (let index = 0; index < 12_000; index++)
      run.server.put(App, { namespace: 'default', name: `a${index}` })
    await run.clock.advance(60_000)
    const told = run.happenings.filter(({ type }) => type === 'changed').length
    assert.ok(told < 8_000, `${told} read`)
    run.queue.refusing = undefined
    await run.clock.advance(31_000)
    assert.equal(new Set(run.sent.map(({ name }) => name)).size, 12_000)
    await run.stop()
  })

  it('sends what is held back when it is stopped', async () => {
    const run = await runRelay([apps({ quietSeconds: 60 })])
    run.server.put(App, web)
    await run.said()
    run.server.put(App, { ...web, generation: 2 })
    await run.clock.advance(0)
    await run.stop()
    assert.deepEqual(await run.said(), ['change app default/web: generation 2'])
    assert.equal(run.clock.pending(), 0, 'no timer is left behind')
  })

  it('gives up after 5 s when it is stopped and the queue refuses; with an inventory the next relay sends it', async () => {
    const inventory = memoryInventory()
    const run = await runRelay([apps()], { inventory })
    run.queue.refusing = new Error('throttled')
    run.server.put(App, web)
    await run.clock.advance(0)
    run.abort()
    await run.clock.advance(5_000)
    await run.done
    const next = await runRelay([apps()], { server: run.server, inventory })
    assert.deepEqual(await next.said(), ['change app default/web: created'])
    await next.stop()
  })

  it('rejects when a reporter throws, and leaves nothing behind that goes on trying', async () => {
    const clock = fakeClock()
    const server = metadataServer()
    server.put(App, web)
    const queue = { send: () => Promise.reject(new Error('throttled')) }
    const report = (happening: Happening) => {
      if (happening.type === 'changed' && happening.kind === 'Tenant') throw new Error('broken pipe')
    }
    const using = { api: server.api, cluster: 'c1', queue, inventory: memoryInventory(), report, clock }
    const tenants = defineController(Tenant, { reconcile() {} }) as Controller
    const running = relay(defineOperator('test', [apps(), tenants]), using, new AbortController().signal)
    const rejected = assert.rejects(running, /broken pipe/)
    await clock.advance(0)
    server.put(Tenant, { name: 'acme' })
    await clock.advance(0)
    await rejected
    await clock.advance(1_000)
    assert.equal(clock.pending(), 0)
  })

  it('resolves at once when it is stopped before it has begun, whatever the inventory does', async () => {
    const inventory = { load: () => new Promise<never>(() => {}), commit: async () => {} }
    const run = await runRelay([apps()], { inventory })
    await run.stop()
    assert.deepEqual(await run.said(), [])
  })
})

describe('relay: resync (R1)', () => {
  const hourly = apps({ resyncSeconds: 3600 })

  it('tells of every object in the background now and then, in a lane of its own, and of what was missed as a change', async () => {
    const server = metadataServer()
    server.put(App, web)
    const run = await runRelay([hourly], { server })
    await run.said()
    // random is 0: 10 % early.
    await run.clock.advance(3_239_000)
    assert.deepEqual(await run.said(), [])
    server.missed(() => server.put(App, shop))
    await run.clock.advance(1_000)
    assert.deepEqual((await run.said()).sort(), [
      'background app default/shop: resync',
      'background app default/web: resync',
    ])
    server.missed(() => server.remove(App, web))
    await run.clock.advance(3_241_000)
    assert.deepEqual((await run.said()).sort(), [
      'background app default/shop: resync',
      'change app default/web: deleted',
    ])
    await run.stop()
  })

  it('is due by when everything was told last, whoever told it: a restart does not put it off', async () => {
    const inventory = memoryInventory()
    const server = metadataServer()
    server.put(App, web)
    const clock = fakeClock()
    const first = await runRelay([hourly], { server, inventory, clock })
    await first.saidLater()
    await first.stop()
    await clock.advance(1_800_000)
    const second = await runRelay([hourly], { server, inventory, clock })
    assert.deepEqual(await second.saidLater(), [])
    await second.stop()
    await clock.advance(1_800_000)
    const third = await runRelay([hourly], { server, inventory, clock })
    assert.deepEqual(await third.saidLater(), ['background app default/web: resync'])
    await third.stop()
  })

  it('is not for kinds that are owned or watched, and never where it is not wanted', async () => {
    const server = metadataServer()
    server.put(App, web)
    server.put(Deployment, { ...child, ...of('web') })
    const run = await runRelay([apps({ resyncSeconds: 0, owns: [Deployment] })], { server })
    await run.saidLater()
    await run.clock.advance(1e9)
    assert.deepEqual(await run.said(), [])
    await run.stop()
  })

  it('comes to each controller of a shared source in its own time, and to none that wants none', async () => {
    const server = metadataServer()
    server.put(App, web)
    const daily = apps({ name: 'daily', resyncSeconds: 86_400 })
    const never = apps({ name: 'never', resyncSeconds: 0 })
    const run = await runRelay([hourly, daily, never], { server })
    await run.saidLater()
    const said: string[] = []
    for (let hour = 0; hour < 24; hour++) {
      await run.clock.advance(3_600_000)
      said.push(...(await run.said()))
    }
    const of = (name: string) =>
      said.filter((text) => text === `background ${name} default/web: resync`).length
    assert.deepEqual([of('app'), of('daily'), of('never'), said.length], [26, 1, 0, 27])
    await run.stop()
  })

  it('goes on where it was when it is cut short', async () => {
    const inventory = memoryInventory()
    const server = metadataServer()
    server.put(App, web)
    const first = await runRelay([hourly], { server, inventory })
    await first.saidLater()
    server.refuse('apps', new ApiError(503, 'ServiceUnavailable', 'down'))
    await first.clock.advance(3_300_000)
    assert.deepEqual(await first.said(), [])
    await first.stop()
    server.refuse('apps', undefined)
    const second = await runRelay([hourly], { server, inventory, clock: first.clock })
    assert.deepEqual(await second.saidLater(), ['background app default/web: resync'])
    await second.stop()
  })
})

describe('relay: a store that is at its end', () => {
  it('ends the relay with its error: going on would forget what was promised', async () => {
    const full = new DatabaseError('full', 'the disk is full')
    const memory = memoryInventory()
    let isFull = false
    const inventory: Inventory = {
      ...memory,
      commit: async (source, step) => {
        if (isFull) throw full
        await memory.commit(source, step)
      },
    }
    const run = await runRelay([apps()], { inventory })
    const ended = assert.rejects(run.done, full)
    isFull = true
    run.server.put(App, web)
    await ended
    const unreadable = { ...memory, load: () => Promise.reject(full) }
    const using = { api: run.server.api, cluster: 'c1', queue: run.queue, inventory: unreadable, report() {} }
    const { signal } = new AbortController()
    await assert.rejects(
      relay(defineOperator('test', [apps()]), { ...using, clock: fakeClock() }, signal),
      full,
    )
  })
})

describe('relay: two at once', () => {
  it('send to one queue what each sees; waiting, it is one delivery; one of them is enough (R7)', async () => {
    const server = metadataServer()
    const clock = fakeClock()
    const queue = embeddedQueue({ clock })
    const [one, other] = [
      await runRelay([apps()], { server, clock, queue }),
      await runRelay([apps()], { server, clock, queue }),
    ]
    server.put(App, web)
    await clock.advance(0)
    assert.equal(queue.depth().change.ready, 1)
    await one.stop()
    server.put(App, shop)
    server.remove(App, web)
    await clock.advance(1_000)
    assert.deepEqual(
      [queue.depth().change.ready, other.happenings.filter(({ type }) => type === 'sent').length],
      [2, 3],
    )
    await other.stop()
  })
})
