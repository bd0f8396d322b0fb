/** Children: created, changed, left alone, pruned. Against the embedded API server. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { APPLIED } from '../lib/applied.ts'
import { apply, type Deed, deedsText } from '../lib/apply.ts'
import { ConfigMap, type Desired, Deployment, type Kube, Secret } from '../lib/index.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { intercepted, pageFor, Site, site, siteKey, siteOperator, sites } from './site.ts'

const controller = sites({ owns: [ConfigMap, Deployment, Secret] })

interface Pass {
  readonly deeds: readonly Deed[]
  readonly calls: readonly string[]
  readonly result: readonly unknown[]
}

/** One pass of apply for the site "docs". */
async function pass(
  cluster: Cluster,
  desired: readonly (Desired | null | undefined)[],
  isNew = false,
): Promise<Pass> {
  const object = await cluster.api.get(Site, siteKey)
  assert.ok(object)
  const deeds: Deed[] = []
  const calls: string[] = []
  const api = intercepted(cluster.api, {
    get: (resource) => void calls.push(`get ${resource.kind}`),
    list: (resource) => void calls.push(`list ${resource.kind}`),
    patch: (resource) => void calls.push(`patch ${resource.kind}`),
    delete: (resource) => void calls.push(`delete ${resource.kind}`),
  })
  const result = await apply(desired, {
    object,
    controller,
    api,
    isNew,
    did: (deed) => void deeds.push(deed),
  })
  return { deeds, calls, result }
}

const texts = (deeds: readonly Deed[]) =>
  deeds.map(({ action, kind, key }) => `${action} ${kind} ${key.name}`)
const page = (name: string) => ({ namespace: 'default', name })

async function withSite(test: (cluster: Cluster, api: Kube) => Promise<void>): Promise<void> {
  await using cluster = await startCluster(siteOperator())
  await cluster.api.create(Site, site())
  await test(cluster, cluster.api)
}

const deployment = (container: object = {}, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'main', image: 'nginx:1.27', ports: [{ containerPort: 80 }], ...container }],
      },
    },
  },
})

describe('apply', () => {
  it('creates what is absent, with owner, label and mark, and returns it in order with null entries kept (C13)', () =>
    withSite(async (cluster, api) => {
      const { deeds, result } = await pass(cluster, [pageFor('a'), null, pageFor('b'), undefined])
      assert.deepEqual(texts(deeds), ['created ConfigMap a', 'created ConfigMap b'])
      assert.deepEqual(
        result.map((child) => (child ? (child as ConfigMap).metadata?.name : child)),
        ['a', null, 'b', undefined],
      )
      const child = await api.get(ConfigMap, page('a'))
      const owner = await api.get(Site, siteKey)
      assert.equal(child?.metadata.labels?.['fairlead.dev/owner'], owner?.metadata.uid)
      assert.equal(child?.metadata.ownerReferences?.[0]?.controller, true)
      assert.ok(child?.metadata.annotations?.[APPLIED])
    }))

  it('writes nothing and lists nothing when nothing differs (C7)', () =>
    withSite(async (cluster) => {
      await pass(cluster, [pageFor('a'), pageFor('b')])
      const { deeds, calls } = await pass(cluster, [pageFor('a'), pageFor('b')])
      assert.deepEqual(deeds, [])
      assert.deepEqual(calls, ['get ConfigMap', 'get ConfigMap'])
    }))

  it('does not loop on defaults, normalised quantities, empty maps or server-filled fields (C10, C12)', () =>
    withSite(async (cluster) => {
      const limits = {
        resources: { limits: { cpu: '1000m', memory: '1024Mi' } },
        env: [],
        securityContext: {},
      }
      const desired = {
        ...deployment(limits),
        metadata: {
          name: 'web',
          uid: 'x',
          resourceVersion: '1',
          creationTimestamp: '2020-01-01T00:00:00Z',
          annotations: {},
        },
        status: { replicas: 9 },
      }
      assert.deepEqual(texts((await pass(cluster, [desired])).deeds), ['created Deployment web'])
      const again = await pass(cluster, [desired])
      assert.deepEqual([again.deeds, again.calls], [[], ['get Deployment']])
    }))

  it('restores a child that somebody edited or deleted (D1)', () =>
    withSite(async (cluster, api) => {
      const wanted = [deployment(), pageFor('a')]
      await pass(cluster, wanted)
      await api.patch(
        Deployment,
        page('web'),
        { type: 'merge', body: { spec: { replicas: 7 } } },
        { fieldManager: 'someone' },
      )
      await api.delete(ConfigMap, page('a'))
      assert.deepEqual(texts((await pass(cluster, wanted)).deeds), [
        'changed Deployment web',
        'created ConfigMap a',
      ])
      assert.equal((await api.get(Deployment, page('web')))?.spec?.replicas, 1)
    }))

  it('removes fields that are wanted no more and keeps those of other managers (C9)', () =>
    withSite(async (cluster, api) => {
      await pass(cluster, [pageFor('a', { mine: '1', gone: '1' })])
      await api.patch(
        ConfigMap,
        page('a'),
        { type: 'merge', body: { data: { theirs: '1' } } },
        { fieldManager: 'someone' },
      )
      await pass(cluster, [pageFor('a', { mine: '2' })])
      assert.deepEqual((await api.get(ConfigMap, page('a')))?.data, { mine: '2', theirs: '1' })
    }))

  it('restores a Secret given as stringData that somebody edited, and drops its old keys (C9, D1)', () =>
    withSite(async (cluster, api) => {
      const secret = (stringData: object) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        stringData,
      })
      await pass(cluster, [secret({ user: 'ü', old: '1' })])
      await pass(cluster, [secret({ user: 'ü' })])
      assert.deepEqual((await pass(cluster, [secret({ user: 'ü' })])).deeds, [])
      const edit = { type: 'merge' as const, body: { data: { user: 'eA==' } } }
      await api.patch(Secret, page('s'), edit, { fieldManager: 'someone' })
      assert.deepEqual(texts((await pass(cluster, [secret({ user: 'ü' })])).deeds), ['changed Secret s'])
      assert.deepEqual((await api.get(Secret, page('s')))?.data, { user: 'w7w=' })
    }))

  it('adopts an existing object that nobody controls (C5)', () =>
    withSite(async (cluster, api) => {
      await api.create(ConfigMap, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: page('a'),
        data: { old: '1' },
      })
      assert.deepEqual(texts((await pass(cluster, [pageFor('a')])).deeds), ['changed ConfigMap a'])
      assert.equal((await api.get(ConfigMap, page('a')))?.metadata.ownerReferences?.length, 1)
    }))

  it('never touches a child that another object controls (D4)', () =>
    withSite(async (cluster, api) => {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'boss', uid: 'b0', controller: true }
      const boss = await api.create(ConfigMap, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: page('boss'),
      })
      const metadata = { ...page('a'), ownerReferences: [{ ...owner, uid: boss.metadata.uid }] }
      const before = await api.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata })
      await assert.rejects(pass(cluster, [pageFor('a')]), {
        message: 'ConfigMap default/a is controlled by ConfigMap "boss" and is left alone',
      })
      assert.equal(
        (await api.get(ConfigMap, page('a')))?.metadata.resourceVersion,
        before.metadata.resourceVersion,
      )
    }))

  it('leaves a child alone that is being deleted, and does not recreate it early (D6)', () =>
    withSite(async (cluster, api) => {
      const held = { ...pageFor('a'), metadata: { name: 'a', finalizers: ['example.com/hold'] } }
      await pass(cluster, [held])
      await api.delete(ConfigMap, page('a'))
      const { deeds, calls } = await pass(cluster, [pageFor('a', { new: '1' })])
      assert.deepEqual(deeds, [])
      assert.ok(!calls.includes('patch ConfigMap'))
    }))

  it('tells what it did in one line', () => {
    const deed = (action: Deed['action'], name: string): Deed => ({ action, kind: 'Job', key: { name } })
    assert.equal(
      deedsText([deed('created', 'a'), deed('pruned', 'x'), deed('created', 'b'), deed('changed', 'c')]),
      'created Job a, Job b; changed Job c; pruned Job x',
    )
  })
})

describe('pruning', () => {
  it('deletes owned children that are wanted no more, in the background, once (D5)', () =>
    withSite(async (cluster, api) => {
      await pass(cluster, [pageFor('a'), pageFor('b'), pageFor('c')])
      const { deeds } = await pass(cluster, [pageFor('a')])
      assert.deepEqual(texts(deeds).sort(), ['pruned ConfigMap b', 'pruned ConfigMap c'])
      assert.equal(await api.get(ConfigMap, page('b')), undefined)
      const again = await pass(cluster, [pageFor('a')])
      assert.deepEqual([again.deeds, again.calls], [[], ['get ConfigMap']])
    }))

  it('makes the new before it deletes the old', () =>
    withSite(async (cluster) => {
      await pass(cluster, [pageFor('old')])
      assert.deepEqual(texts((await pass(cluster, [pageFor('new')])).deeds), [
        'created ConfigMap new',
        'pruned ConfigMap old',
      ])
    }))

  it('takes up pruning where a crash left it', () =>
    withSite(async (cluster, api) => {
      await pass(cluster, [pageFor('a'), pageFor('b')])
      const crashing = intercepted(api, {
        delete() {
          throw new Error('crash')
        },
      })
      await assert.rejects(pass({ ...cluster, api: crashing }, [pageFor('a')]), /crash/)
      assert.deepEqual(texts((await pass(cluster, [pageFor('a')])).deeds), ['pruned ConfigMap b'])
    }))

  it('is not deceived by the mark of a set that comes back after a crash on the way to another', () =>
    withSite(async (cluster, api) => {
      await pass(cluster, [pageFor('b')])
      const crashing = intercepted(api, {
        delete() {
          throw new Error('crash')
        },
      })
      await assert.rejects(pass({ ...cluster, api: crashing }, [pageFor('a')]), /crash/)
      assert.ok(texts((await pass(cluster, [pageFor('b')])).deeds).includes('pruned ConfigMap a'))
    }))

  it('is not deceived by a mark that came back with a backup', () =>
    withSite(async (cluster, api) => {
      await pass(cluster, [pageFor('a')])
      const backup = await api.get(ConfigMap, page('a'))
      assert.ok(backup)
      await pass(cluster, [pageFor('a'), pageFor('b')])
      const { resourceVersion: _version, managedFields: _fields, ...metadata } = backup.metadata
      await api.update(ConfigMap, { ...backup, metadata }, { fieldManager: 'someone' })
      assert.deepEqual(texts((await pass(cluster, [pageFor('a')])).deeds), ['pruned ConfigMap b'])
    }))

  it('rewrites one mark, not all, when the set grows', () =>
    withSite(async (cluster) => {
      await pass(cluster, [pageFor('a'), pageFor('b'), pageFor('c')])
      const { calls } = await pass(cluster, [pageFor('a'), pageFor('b'), pageFor('c'), pageFor('d')])
      assert.equal(calls.filter((call) => call === 'patch ConfigMap').length, 2)
    }))

  it('is not deceived by marks of a set that was wanted before', () =>
    withSite(async (cluster) => {
      await pass(cluster, [pageFor('a'), pageFor('b')])
      await pass(cluster, [pageFor('a'), pageFor('b'), pageFor('c')])
      const { deeds } = await pass(cluster, [pageFor('a'), pageFor('b')])
      assert.deepEqual(
        texts(deeds).filter((text) => text.startsWith('pruned')),
        ['pruned ConfigMap c'],
      )
    }))

  it('prunes everything when nothing is wanted', () =>
    withSite(async (cluster) => {
      await pass(cluster, [pageFor('a'), deployment()])
      assert.deepEqual(texts((await pass(cluster, [])).deeds).sort(), [
        'pruned ConfigMap a',
        'pruned Deployment web',
      ])
    }))

  it('skips children that are being deleted already (D5)', () =>
    withSite(async (cluster, api) => {
      const held = { ...pageFor('b'), metadata: { name: 'b', finalizers: ['example.com/hold'] } }
      await pass(cluster, [pageFor('a'), held])
      await api.delete(ConfigMap, page('b'))
      assert.deepEqual(
        (await pass(cluster, [pageFor('a')])).calls.filter((call) => call.startsWith('delete')),
        [],
      )
    }))

  it('leaves objects of others alone, even under the same label', () =>
    withSite(async (cluster, api) => {
      const owner = await api.get(Site, siteKey)
      const labels = { 'fairlead.dev/owner': owner?.metadata.uid ?? '' }
      await api.create(ConfigMap, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { ...page('foreign'), labels },
      })
      assert.deepEqual(texts((await pass(cluster, [pageFor('a')])).deeds), ['created ConfigMap a'])
      assert.ok(await api.get(ConfigMap, page('foreign')))
    }))

  it('lists nothing for an object that was never reconciled', () =>
    withSite(async (cluster) => {
      const { calls } = await pass(cluster, [pageFor('a')], true)
      assert.deepEqual(calls, ['get ConfigMap', 'patch ConfigMap'])
    }))
})

describe('what an author got wrong is refused with controller, child and rule', () => {
  const wrong: [title: string, desired: Desired[], message: RegExp][] = [
    [
      'no kind',
      [{ apiVersion: 'v1', metadata: { name: 'x' } }],
      /"site": apply was given a child without kind \(name x\)/,
    ],
    ['no apiVersion', [{ kind: 'ConfigMap', metadata: { name: 'x' } }], /without apiVersion/],
    [
      'a kind that is not owned',
      [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }],
      /Pod \(v1\), which is not in its owns/,
    ],
    ['another version', [{ ...deployment(), apiVersion: 'apps/v1beta1' }], /but owns that kind as apps\/v1/],
    ['no name', [{ apiVersion: 'v1', kind: 'ConfigMap' }], /child ConfigMap "" must have metadata.name/],
    [
      'another namespace',
      [{ ...pageFor('x'), metadata: { name: 'x', namespace: 'other' } }],
      /in namespace other and cannot be owned/,
    ],
    ['one child twice', [pageFor('x'), pageFor('x')], /apply was given ConfigMap default\/x twice/],
  ]
  for (const [title, desired, message] of wrong)
    it(title, () =>
      withSite(async (cluster) => {
        await assert.rejects(pass(cluster, desired), message)
      }),
    )
})
