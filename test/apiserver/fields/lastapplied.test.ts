import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApplyConflict } from '../../../lib/apiserver/fields/apply.ts'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { conflictOf, configMap, story } from './sample.ts'

const data = (values: JsonObject): JsonObject => ({ data: values })

describe('apply by kubectl', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const clientSide = (x: string): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { annotations: {}, name: 'a' },
    data: { x },
  })

  it('takes over what client-side apply set, and keeps its annotation up to date', () => {
    const one = story(configMap)
    one.update('kubectl-client-side-apply', (object) => {
      object.metadata = { name: 'a', annotations: { [annotation]: JSON.stringify(clientSide('1')) } }
      object.data = { x: '1' }
    })
    assert.throws(() => one.apply('other', data({ x: '2' })), ApplyConflict)
    const object = one.apply('kubectl', data({ x: '2' }))
    assert.deepEqual(object.data, { x: '2' })
    const written = ((object.metadata as JsonObject).annotations as JsonObject)[annotation]
    assert.deepEqual((JSON.parse(String(written)) as JsonObject).data, { x: '2' })
  })

  it('conflicts over what somebody has changed since', () => {
    const one = story(configMap)
    one.update('kubectl-client-side-apply', (object) => {
      object.metadata = { name: 'a', annotations: { [annotation]: JSON.stringify(clientSide('1')) } }
      object.data = { x: '1' }
    })
    one.update('editor', (object) => {
      object.data = { x: '7' }
    })
    assert.match(
      conflictOf(() => one.apply('kubectl', data({ x: '2' }))).message,
      /"editor" using v1: \.data\.x$/,
    )
  })
})
