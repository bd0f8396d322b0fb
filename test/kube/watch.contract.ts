/** What watching must do: the initial state, changes in order, resuming, ending. Part of `kubeContract`. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Rig, configMaps, isInitialEnd, keyOf } from './rig.ts'

/** Registers the tests. */
export function watchContract(rig: Rig) {
  const { namespace, nextKey, made, watched } = rig

  test('a watch tells the initial state, marks its end, and then each change in order', async () => {
    const labels = { watch: 'whole' }
    const created = await made({ step: '0' }, labels)
    const lines = await watched(
      { initial: true, labelSelector: 'watch=whole' },
      (line) => line.type === 'DELETED',
      async () => {
        await rig.kube.patch(configMaps, keyOf(created), {
          type: 'merge',
          body: { data: { step: 'żółć' } },
        })
        await rig.kube.delete(configMaps, keyOf(created))
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
    if (rig.expireHistory === undefined) return context.skip('this server cannot be told to forget')
    const first = await made()
    await made()
    const page = await rig.kube.list(configMaps, { namespace, limit: 1 })
    assert(page.continue)
    await rig.kube.patch(configMaps, keyOf(first), { type: 'merge', body: { data: { a: '1' } } })
    rig.expireHistory()
    const expired = { name: 'ApiError', code: 410, reason: 'Expired' }
    await assert.rejects(rig.kube.list(configMaps, { namespace, limit: 1, continue: page.continue }), expired)
    const { resourceVersion } = first.metadata
    await assert.rejects(
      watched({ resourceVersion }, () => false),
      expired,
    )
  })

  test('a watch ends normally when its time is up', async () => {
    const { resourceVersion } = await rig.kube.list(configMaps, { namespace })
    const stream = rig.kube.watch(configMaps, {
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
    const lines = rig.kube.watch(configMaps, {
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
      rig.kube.create(configMaps, { metadata: key }, { signal }),
      (error) => error === reason,
    )
    assert.equal(await rig.kube.get(configMaps, key), undefined)
  })
}
