/**
 * What any connection to an API server must do, whatever its transport and whichever server: run by each transport against
 * the embedded API server, and good for a real one. It needs ConfigMaps and Deployments in a namespace of its own.
 */
import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Kube, KubeObject, Resource, WatchLine, WatchOptions } from '../lib/kube.ts'
import { ApiError, INITIAL_END, isAlreadyExists, isConflict, isNotFound } from '../lib/kube.ts'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number }
  readonly status?: { readonly replicas?: number; readonly observedGeneration?: number }
}

const configMaps: Resource<ConfigMap> = core('ConfigMap', 'configmaps', true)
const namespaces: Resource = core('Namespace', 'namespaces', false)
const deployments: Resource<Deployment> = { ...core('Deployment', 'deployments', true), group: 'apps' }

function core(kind: string, plural: string, namespaced: boolean) {
  return { group: '', version: 'v1', kind, plural, namespaced }
}

export interface Subject {
  readonly kube: Kube
  /** Makes every earlier resourceVersion and continue token expire; a server that cannot be told to has none. */
  readonly expireHistory?: () => void
  close(): Promise<void>
}

/** Registers the suite. `start` is called once; each test uses objects of its own. */
export function kubeContract(name: string, start: () => Promise<Subject>) {
  test.describe(`kube contract: ${name}`, () => {
    const namespace = `contract-${process.pid}`
    let subject: Subject
    let kube: Kube
    let objects = 0

    before(async () => {
      subject = await start()
      kube = subject.kube
      await kube.create(namespaces, { metadata: { name: namespace } })
    })
    after(async () => {
      await kube.delete(namespaces, { name: namespace })
      await subject.close()
    })

    const nextKey = () => ({ namespace, name: `object-${objects++}` })
    const made = (data: Record<string, string> = {}, labels: Record<string, string> = {}) =>
      kube.create(configMaps, { metadata: { ...nextKey(), labels }, data })
    const keyOf = (object: KubeObject) => ({ namespace, name: object.metadata.name })

    test('C3: an object that is absent is undefined to get and delete', async () => {
      const key = nextKey()
      assert.equal(await kube.get(configMaps, key), undefined)
      assert.equal(await kube.delete(configMaps, key), undefined)
    })

    test('what is created is read back whole, with apiVersion and kind, whatever its characters', async () => {
      const data = { text: 'żółć 🪢 漢字 "quoted"\n\u2028 end', empty: '' }
      const created = await made(data)
      assert.deepEqual([created.apiVersion, created.kind], ['v1', 'ConfigMap'])
      assert.deepEqual(created.data, data)
      assert.match(created.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.deepEqual(await kube.get(configMaps, keyOf(created)), created)
      const { resourceVersion } = created.metadata
      assert.deepEqual(await kube.get(configMaps, keyOf(created), { notOlderThan: resourceVersion }), created)
    })

    test('C5: creating what exists is AlreadyExists and no conflict', async () => {
      const { metadata } = await made()
      await assert.rejects(
        kube.create(configMaps, { metadata: { namespace, name: metadata.name } }),
        (error) => {
          assert(isAlreadyExists(error) && !isConflict(error))
          return true
        },
      )
    })

    test('an invalid object is 422 Invalid, and each cause has its field', async () => {
      await assert.rejects(
        kube.create(configMaps, { metadata: { namespace, name: 'Not_A_Name' } }),
        (error) => {
          assert(error instanceof ApiError)
          assert.deepEqual([error.code, error.reason], [422, 'Invalid'])
          assert.equal(error.details?.causes?.[0]?.field, 'metadata.name')
          return true
        },
      )
    })

    test('A11: a kind that is not served is a 404 error to every verb, and never an absent object', async () => {
      const unserved = {
        group: 'none.example',
        version: 'v1',
        kind: 'None',
        plural: 'nones',
        namespaced: true,
      }
      const key = nextKey()
      for (const call of [
        kube.get(unserved, key),
        kube.list(unserved),
        kube.delete(unserved, key),
        kube.create(unserved, { metadata: key }),
        kube.watch(unserved, { timeoutSeconds: 5 }).next(),
      ])
        await assert.rejects(call, (error) => isNotFound(error))
    })

    test('C1: an update of an older version is a conflict and changes nothing', async () => {
      const created = await made({ step: '0' })
      const updated = await kube.update(configMaps, { ...created, data: { step: '1' } })
      assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion)
      await assert.rejects(kube.update(configMaps, { ...created, data: { step: '2' } }), isConflict)
      assert.deepEqual((await kube.get(configMaps, keyOf(created)))?.data, { step: '1' })
    })

    test('C3: writing to what is absent is 404, except by apply, which creates it', async () => {
      const key = nextKey()
      await assert.rejects(kube.update(configMaps, { metadata: key }), isNotFound)
      await assert.rejects(kube.patch(configMaps, key, { type: 'merge', body: {} }), isNotFound)
      const applied = await kube.patch(configMaps, key, applyOf(key, { a: '1' }), { fieldManager: 'one' })
      assert.deepEqual(applied.data, { a: '1' })
    })

    const applyOf = (key: object, data: object, force = false) =>
      ({
        type: 'apply',
        force,
        object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: key, data },
      }) as const

    test('C9: apply drops what its manager no longer wants, and takes from another only by force', async () => {
      const key = nextKey()
      await kube.patch(configMaps, key, applyOf(key, { a: '1', b: '1' }), { fieldManager: 'one' })
      await kube.patch(configMaps, key, applyOf(key, { c: '2' }), { fieldManager: 'two' })
      const less = await kube.patch(configMaps, key, applyOf(key, { a: '1' }), { fieldManager: 'one' })
      assert.deepEqual(less.data, { a: '1', c: '2' })
      await assert.rejects(
        kube.patch(configMaps, key, applyOf(key, { a: '2' }), { fieldManager: 'two' }),
        (error) => {
          assert(isConflict(error))
          assert.equal(error.details?.causes?.[0]?.field, '.data.a')
          return true
        },
      )
      const forced = await kube.patch(configMaps, key, applyOf(key, { a: '2' }, true), {
        fieldManager: 'two',
      })
      assert.deepEqual(forced.data, { a: '2' })
    })

    test('apply refuses a field that the kind does not have', async () => {
      const key = nextKey()
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key, date: { a: '1' } }
      await assert.rejects(
        kube.patch(configMaps, key, { type: 'apply', object, force: true }, { fieldManager: 'one' }),
        (error) => error instanceof ApiError && error.code >= 400 && /date/.test(error.message),
      )
    })

    test('a merge patch takes away by null, a JSON patch by its operations', async () => {
      const created = await made({ a: '1', b: '1' })
      const merged = await kube.patch(configMaps, keyOf(created), {
        type: 'merge',
        body: { data: { a: null, c: '2' } },
      })
      assert.deepEqual(merged.data, { b: '1', c: '2' })
      const patched = await kube.patch(configMaps, keyOf(created), {
        type: 'json',
        operations: [
          { op: 'remove', path: '/data/b' },
          { op: 'add', path: '/data/d', value: '3' },
        ],
      })
      assert.deepEqual(patched.data, { c: '2', d: '3' })
    })

    test('a patch that carries an older resourceVersion is a conflict', async () => {
      const created = await made()
      const touch = (resourceVersion: string) =>
        kube.patch(configMaps, keyOf(created), {
          type: 'merge',
          body: { metadata: { resourceVersion, labels: { at: resourceVersion } } },
        })
      await touch(created.metadata.resourceVersion)
      await assert.rejects(touch(created.metadata.resourceVersion), isConflict)
    })

    test('C6: the status is written apart from the rest, and bumps no generation', async () => {
      const key = nextKey()
      const labels = { app: key.name }
      const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } }
      const spec = { replicas: 2, selector: { matchLabels: labels }, template }
      const created = await kube.create(deployments, { metadata: key, spec })
      const written = await kube.patch(
        deployments,
        key,
        { type: 'merge', body: { spec: { replicas: 9 }, status: { observedGeneration: 1 } } },
        { subresource: 'status', fieldManager: 'one' },
      )
      assert.equal(written.status?.observedGeneration, 1)
      assert.equal(written.spec.replicas, 2)
      assert.equal(written.metadata.generation, created.metadata.generation)
      const updated = await kube.update(deployments, { ...written, spec: { ...written.spec, replicas: 3 } })
      assert.equal(updated.metadata.generation, (created.metadata.generation ?? 0) + 1)
    })

    test('C14: a dry run answers as if it had been done, and stores nothing', async () => {
      const key = nextKey()
      const tried = await kube.create(configMaps, { metadata: key }, { dryRun: true })
      assert.equal(tried.metadata.name, key.name)
      assert.equal(await kube.get(configMaps, key), undefined)
    })

    test('C4: a deletion for another uid or an older version is a conflict', async () => {
      const created = await made()
      const key = keyOf(created)
      await assert.rejects(kube.delete(configMaps, key, { uid: 'another' }), isConflict)
      const { uid, resourceVersion } = created.metadata
      await kube.patch(configMaps, key, { type: 'merge', body: { data: { a: '1' } } })
      await assert.rejects(kube.delete(configMaps, key, { uid, resourceVersion }), isConflict)
      assert.notEqual(await kube.delete(configMaps, key, { uid, propagation: 'Background' }), undefined)
      assert.equal(await kube.get(configMaps, key), undefined)
    })

    test('A5: a list comes in pages, each item with its kind, and selectors narrow it', async () => {
      const labels = { list: 'paged', 'example.com/odd-key': 'a.b_c' }
      const names: string[] = []
      for (let count = 0; count < 5; count++)
        names.push((await made({ count: `${count}` }, labels)).metadata.name)
      const labelSelector = 'list in (paged,other),example.com/odd-key=a.b_c'
      const found: string[] = []
      let token: string | undefined
      do {
        const page = await kube.list(configMaps, {
          namespace,
          labelSelector,
          limit: 2,
          ...(token ? { continue: token } : {}),
        })
        assert(page.items.length <= 2)
        assert.notEqual(page.resourceVersion, '')
        for (const item of page.items) {
          assert.deepEqual([item.apiVersion, item.kind], ['v1', 'ConfigMap'])
          found.push(item.metadata.name)
        }
        token = page.continue
      } while (token)
      assert.deepEqual(found.sort(), names.sort())
      const fieldSelector = `metadata.name=${names[3]}`
      const one = await kube.list(configMaps, { namespace, fieldSelector, notOlderThan: '0' })
      assert.deepEqual(
        one.items.map((item) => item.metadata.name),
        [names[3]],
      )
      await assert.rejects(kube.list(configMaps, { namespace, limit: 2, continue: 'nonsense' }), ApiError)
    })

    test('metadata alone has no data, read or listed or watched', async () => {
      const { metadata } = await made({ secret: 'hunter2' }, { metadata: 'alone' })
      const read = await kube.get(configMaps, { namespace, name: metadata.name }, { as: 'metadata' })
      assert.deepEqual(read?.metadata, metadata)
      assert.equal(read?.kind, 'PartialObjectMetadata')
      const page = await kube.list(configMaps, { namespace, labelSelector: 'metadata=alone', as: 'metadata' })
      assert.deepEqual(page.items, [read])
      const lines = await watched(
        { initial: true, labelSelector: 'metadata=alone', as: 'metadata' },
        isInitialEnd,
      )
      assert.deepEqual(lines[0]?.object, read)
    })

    /** Lines of a watch of ConfigMaps up to the one that is `last`; `during` runs when the watch has begun. */
    async function watched(
      options: Partial<WatchOptions>,
      last: (line: WatchLine<ConfigMap>) => boolean,
      during: () => Promise<unknown> = async () => undefined,
    ) {
      const lines: WatchLine<ConfigMap>[] = []
      const stream = kube.watch(configMaps, { namespace, timeoutSeconds: 20, ...options })
      let acting: Promise<unknown> | undefined
      for await (const line of stream) {
        lines.push(line)
        if (last(line)) break
        if (isInitialEnd(line)) acting = during()
      }
      await acting
      return lines
    }

    test('a watch tells the initial state, marks its end, and then each change in order', async () => {
      const labels = { watch: 'whole' }
      const created = await made({ step: '0' }, labels)
      const lines = await watched(
        { initial: true, labelSelector: 'watch=whole' },
        (line) => line.type === 'DELETED',
        async () => {
          await kube.patch(configMaps, keyOf(created), { type: 'merge', body: { data: { step: 'żółć' } } })
          await kube.delete(configMaps, keyOf(created))
        },
      )
      const told = lines.filter((line) => line.type !== 'BOOKMARK' || isInitialEnd(line))
      assert.deepEqual(
        told.map((line) => line.type),
        ['ADDED', 'BOOKMARK', 'MODIFIED', 'DELETED'],
      )
      assert.deepEqual(told[0]?.object, created)
      assert.deepEqual(told[2]?.object.data, { step: 'żółć' })
    })

    test('a watch goes on from a resourceVersion without telling what was before', async () => {
      const before = await made({}, { watch: 'resumed' })
      const { resourceVersion } = before.metadata
      const later = await made({}, { watch: 'resumed' })
      const lines = await watched(
        { resourceVersion, labelSelector: 'watch=resumed' },
        (line) => line.type === 'ADDED',
      )
      assert.deepEqual(
        lines.filter((line) => line.type !== 'BOOKMARK').map((line) => line.object),
        [later],
      )
    })

    test('A2, A5: what has expired is 410 Expired, to a watch and to the next page', async (context) => {
      if (subject.expireHistory === undefined) return context.skip('this server cannot be told to forget')
      const first = await made()
      await made()
      const page = await kube.list(configMaps, { namespace, limit: 1 })
      assert(page.continue)
      await kube.patch(configMaps, keyOf(first), { type: 'merge', body: { data: { a: '1' } } })
      subject.expireHistory()
      const expired = { name: 'ApiError', code: 410, reason: 'Expired' }
      await assert.rejects(kube.list(configMaps, { namespace, limit: 1, continue: page.continue }), expired)
      const { resourceVersion } = first.metadata
      await assert.rejects(
        watched({ resourceVersion }, () => false),
        expired,
      )
    })

    test('a watch ends normally when its time is up', async () => {
      const { resourceVersion } = await kube.list(configMaps, { namespace })
      const stream = kube.watch(configMaps, {
        namespace,
        resourceVersion,
        labelSelector: 'no=thing',
        timeoutSeconds: 1,
      })
      for await (const line of stream) assert.equal(line.type, 'BOOKMARK')
    })

    test('an abort ends a silent watch with its reason, and a call that is aborted is not made', async () => {
      const abort = new AbortController()
      const reason = new Error('enough')
      const { signal } = abort
      const lines = kube.watch(configMaps, {
        namespace,
        initial: true,
        labelSelector: 'no=thing',
        timeoutSeconds: 20,
        signal,
      })
      assert((await lines.next()).value)
      const silent = assert.rejects(lines.next(), (error) => error === reason)
      abort.abort(reason)
      await silent
      const key = nextKey()
      await assert.rejects(
        kube.create(configMaps, { metadata: key }, { signal }),
        (error) => error === reason,
      )
      assert.equal(await kube.get(configMaps, key), undefined)
    })

    test('an object of a megabyte goes there and back', async () => {
      const data = { large: 'ż'.repeat(400_000) }
      const created = await made(data, { size: 'large' })
      assert.deepEqual((await kube.get(configMaps, keyOf(created)))?.data, data)
      const [line] = await watched(
        { initial: true, labelSelector: 'size=large' },
        (one) => one.type === 'ADDED',
      )
      assert.deepEqual(line?.object.data, data)
      await kube.delete(configMaps, keyOf(created))
    })
  })
}

const isInitialEnd = (line: WatchLine): boolean =>
  line.type === 'BOOKMARK' && line.object.metadata.annotations?.[INITIAL_END] === 'true'
