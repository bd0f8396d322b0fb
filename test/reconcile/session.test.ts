import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMap, type Kube } from '../../lib/index.ts'
import { openSession } from '../../lib/reconcile/session.ts'

const key = { namespace: 'default', name: 'a' }
const map = (resourceVersion?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { ...key, ...(resourceVersion && { resourceVersion }) },
})

/** A session over a server that gives these answers to writes, and the bounds that reads were sent with. */
function session(...answers: object[]) {
  const bounds: (string | undefined)[] = []
  const answer = async () => answers.shift()
  const api = {
    get: async (_resource: unknown, _key: unknown, options?: { notOlderThan?: string }) =>
      void bounds.push(options?.notOlderThan),
    list: async (_resource: unknown, options?: { notOlderThan?: string }) => {
      bounds.push(options?.notOlderThan)
      return { items: [], resourceVersion: '' }
    },
    create: answer,
    update: answer,
    patch: answer,
    delete: answer,
  }
  return { ...openSession(api as Partial<Kube> as Kube, new AbortController().signal), bounds }
}

const merge = { type: 'merge' as const, body: {} }

describe('a session (R9)', () => {
  it('bounds cached reads by its own writes, newer ones by nothing', async () => {
    const { api, bounds, written } = session(map('9'), map('10'))
    await api.patch(ConfigMap, key, merge)
    await api.update(ConfigMap, map())
    await api.get(ConfigMap, key, { notOlderThan: '0' })
    await api.get(ConfigMap, key, { notOlderThan: '11' })
    await api.get(ConfigMap, { ...key, name: 'b' }, { notOlderThan: '0' })
    await api.get(ConfigMap, key)
    await api.list(ConfigMap, { notOlderThan: '0' })
    assert.deepEqual(bounds, ['10', '11', '0', undefined, '10'])
    assert.equal(written(ConfigMap, key), '10')
  })

  it('reads the newest after it has deleted: a cache may still show what is gone', async () => {
    const { api, bounds } = session(map('9'), {})
    await api.patch(ConfigMap, key, merge)
    await api.delete(ConfigMap, key)
    await api.get(ConfigMap, key, { notOlderThan: '0' })
    await api.list(ConfigMap, { notOlderThan: '0' })
    assert.deepEqual(bounds, [undefined, undefined])
  })

  it('takes no version from an answer that has none, nor from a dry run', async () => {
    const { api, bounds, written } = session(map('9'), map(), map('12'))
    await api.patch(ConfigMap, key, merge)
    await api.create(ConfigMap, map(), { subresource: 'token' })
    await api.patch(ConfigMap, key, merge, { dryRun: true })
    await api.get(ConfigMap, key, { notOlderThan: '0' })
    assert.deepEqual([bounds, written(ConfigMap, key)], [['9'], '9'])
  })
})
