/** What reading must do: one object, pages of them, their metadata alone. Part of `kubeContract`. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ApiError, isNotFound } from '../../lib/kube.ts'
import { type Rig, configMaps, isInitialEnd, keyOf } from './rig.ts'

/** Registers the tests. */
export function readContract(rig: Rig) {
  const { namespace, nextKey, made, watched } = rig

  test('C3: an object that is absent is undefined to get and delete', async () => {
    const key = nextKey()
    assert.equal(await rig.kube.get(configMaps, key), undefined)
    assert.equal(await rig.kube.delete(configMaps, key), undefined)
  })

  test('what is created is read back whole, with apiVersion and kind, whatever its characters', async () => {
    const data = { text: 'żółć 🪢 漢字 "quoted"\n\u2028 end', empty: '' }
    const created = await made(data)
    assert.deepEqual([created.apiVersion, created.kind], ['v1', 'ConfigMap'])
    assert.deepEqual(created.data, data)
    assert.match(created.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.deepEqual(await rig.kube.get(configMaps, keyOf(created)), created)
    const { resourceVersion } = created.metadata
    assert.deepEqual(
      await rig.kube.get(configMaps, keyOf(created), { notOlderThan: resourceVersion }),
      created,
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
    const calls = [
      rig.kube.get(unserved, key),
      rig.kube.list(unserved),
      rig.kube.delete(unserved, key),
      rig.kube.create(unserved, { metadata: key }),
      rig.kube.watch(unserved, { timeoutSeconds: 5 }).next(),
    ]
    // All at once: they are refused in any order.
    await Promise.all(calls.map((call) => assert.rejects(call, (error) => isNotFound(error))))
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
      const page = await rig.kube.list(configMaps, {
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
    const one = await rig.kube.list(configMaps, { namespace, fieldSelector, notOlderThan: '0' })
    assert.deepEqual(
      one.items.map((item) => item.metadata.name),
      [names[3]],
    )
    await assert.rejects(rig.kube.list(configMaps, { namespace, limit: 2, continue: 'nonsense' }), ApiError)
  })

  test('metadata alone has no data, read or listed or watched', async () => {
    const { metadata } = await made({ secret: 'hunter2' }, { metadata: 'alone' })
    const read = await rig.kube.get(configMaps, { namespace, name: metadata.name }, { as: 'metadata' })
    assert.deepEqual(read?.metadata, metadata)
    assert.equal(read?.kind, 'PartialObjectMetadata')
    const page = await rig.kube.list(configMaps, {
      namespace,
      labelSelector: 'metadata=alone',
      as: 'metadata',
    })
    assert.deepEqual(page.items, [read])
    const lines = await watched(
      { initial: true, labelSelector: 'metadata=alone', as: 'metadata' },
      isInitialEnd,
    )
    assert.deepEqual(lines[0]?.object, read)
  })

  test('an object of a megabyte goes there and back', async () => {
    const data = { large: 'ż'.repeat(400_000) }
    const created = await made(data, { size: 'large' })
    assert.deepEqual((await rig.kube.get(configMaps, keyOf(created)))?.data, data)
    const [line] = await watched(
      { initial: true, labelSelector: 'size=large' },
      (one) => one.type === 'ADDED',
    )
    assert.deepEqual(line?.object.data, data)
    await rig.kube.delete(configMaps, keyOf(created))
  })
}
