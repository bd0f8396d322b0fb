/** What writing must do: create, update, the patches, deletion, and what each refuses. Part of `kubeContract`. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../../lib/kube.ts'
import { type Rig, configMaps, deployments, keyOf, applyOf } from './rig.ts'

/** Registers the tests. */
export function writeContract(rig: Rig) {
  const { namespace, nextKey, made } = rig

  test('C5: creating what exists is AlreadyExists and no conflict', async () => {
    const { metadata } = await made()
    await assert.rejects(
      rig.kube.create(configMaps, { metadata: { namespace, name: metadata.name } }),
      (error) => {
        assert(isAlreadyExists(error) && !isConflict(error))
        return true
      },
    )
  })

  test('an invalid object is 422 Invalid, and each cause has its field', async () => {
    await assert.rejects(
      rig.kube.create(configMaps, { metadata: { namespace, name: 'Not_A_Name' } }),
      (error) => {
        assert(error instanceof ApiError)
        assert.deepEqual([error.code, error.reason], [422, 'Invalid'])
        assert.equal(error.details?.causes?.[0]?.field, 'metadata.name')
        return true
      },
    )
  })

  test('C1: an update of an older version is a conflict and changes nothing', async () => {
    const created = await made({ step: '0' })
    const updated = await rig.kube.update(configMaps, { ...created, data: { step: '1' } })
    assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion)
    await assert.rejects(rig.kube.update(configMaps, { ...created, data: { step: '2' } }), isConflict)
    assert.deepEqual((await rig.kube.get(configMaps, keyOf(created)))?.data, { step: '1' })
  })

  test('C3: writing to what is absent is 404, except by apply, which creates it', async () => {
    const key = nextKey()
    await assert.rejects(rig.kube.update(configMaps, { metadata: key }), isNotFound)
    await assert.rejects(rig.kube.patch(configMaps, key, { type: 'merge', body: {} }), isNotFound)
    const applied = await rig.kube.patch(configMaps, key, applyOf(key, { a: '1' }), { fieldManager: 'one' })
    assert.deepEqual(applied.data, { a: '1' })
  })

  test('C9: apply drops what its manager no longer wants, and takes from another only by force', async () => {
    const key = nextKey()
    await rig.kube.patch(configMaps, key, applyOf(key, { a: '1', b: '1' }), { fieldManager: 'one' })
    await rig.kube.patch(configMaps, key, applyOf(key, { c: '2' }), { fieldManager: 'two' })
    const less = await rig.kube.patch(configMaps, key, applyOf(key, { a: '1' }), { fieldManager: 'one' })
    assert.deepEqual(less.data, { a: '1', c: '2' })
    await assert.rejects(
      rig.kube.patch(configMaps, key, applyOf(key, { a: '2' }), { fieldManager: 'two' }),
      (error) => {
        assert(isConflict(error))
        assert.equal(error.details?.causes?.[0]?.field, '.data.a')
        return true
      },
    )
    const forced = await rig.kube.patch(configMaps, key, applyOf(key, { a: '2' }, true), {
      fieldManager: 'two',
    })
    assert.deepEqual(forced.data, { a: '2' })
  })

  test('apply refuses a field that the kind does not have', async () => {
    const key = nextKey()
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key, date: { a: '1' } }
    await assert.rejects(
      rig.kube.patch(configMaps, key, { type: 'apply', object, force: true }, { fieldManager: 'one' }),
      (error) => error instanceof ApiError && error.code >= 400 && /date/.test(error.message),
    )
  })

  test('a merge patch takes away by null, a JSON patch by its operations', async () => {
    const created = await made({ a: '1', b: '1' })
    const merged = await rig.kube.patch(configMaps, keyOf(created), {
      type: 'merge',
      body: { data: { a: null, c: '2' } },
    })
    assert.deepEqual(merged.data, { b: '1', c: '2' })
    const patched = await rig.kube.patch(configMaps, keyOf(created), {
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
      rig.kube.patch(configMaps, keyOf(created), {
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
    const created = await rig.kube.create(deployments, { metadata: key, spec })
    const written = await rig.kube.patch(
      deployments,
      key,
      { type: 'merge', body: { spec: { replicas: 9 }, status: { observedGeneration: 1 } } },
      { subresource: 'status', fieldManager: 'one' },
    )
    assert.equal(written.status?.observedGeneration, 1)
    assert.equal(written.spec.replicas, 2)
    assert.equal(written.metadata.generation, created.metadata.generation)
    const updated = await rig.kube.update(deployments, {
      ...written,
      spec: { ...written.spec, replicas: 3 },
    })
    assert.equal(updated.metadata.generation, (created.metadata.generation ?? 0) + 1)
  })

  test('C14: a dry run answers as if it had been done, and stores nothing', async () => {
    const key = nextKey()
    const tried = await rig.kube.create(configMaps, { metadata: key }, { dryRun: true })
    assert.equal(tried.metadata.name, key.name)
    assert.equal(await rig.kube.get(configMaps, key), undefined)
  })

  test('C4: a deletion for another uid or an older version is a conflict', async () => {
    const created = await made()
    const key = keyOf(created)
    await assert.rejects(rig.kube.delete(configMaps, key, { uid: 'another' }), isConflict)
    const { uid, resourceVersion } = created.metadata
    await rig.kube.patch(configMaps, key, { type: 'merge', body: { data: { a: '1' } } })
    await assert.rejects(rig.kube.delete(configMaps, key, { uid, resourceVersion }), isConflict)
    assert.notEqual(await rig.kube.delete(configMaps, key, { uid, propagation: 'Background' }), undefined)
    assert.equal(await rig.kube.get(configMaps, key), undefined)
  })
}
