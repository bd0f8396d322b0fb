import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Api, startServer } from './client.ts'

const STORAGE = '/apis/storage.k8s.io/v1'

/** Creates an object and changes it: what comes, or what is complained about. */
async function changed(api: Api, path: string, object: object, change: object) {
  const created = await api.post(path, { metadata: { name: 'x' }, ...object })
  assert.equal(created.status, 201, created.body.message)
  const { status, body } = await api.merge(`${path}/x`, change)
  if (status === 200) return body
  const causes = body.details.causes as { field: string; message: string }[]
  return causes.map(({ field, message }) => `${field}: ${message}`)
}

const driver = { drivers: [{ name: 'a.b', nodeID: 'x', topologyKeys: ['k'] }] }
const attachment = { attacher: 'x.y', nodeName: 'n', source: { persistentVolumeName: 'pv' } }

describe('kinds of storage', () => {
  it('StorageClasses have defaults and keep what volumes were made by', async (t) => {
    const api = await startServer(t)
    const path = `${STORAGE}/storageclasses`
    const { body } = await api.post(path, { metadata: { name: 'x' }, provisioner: 'a.b/c' })
    const { reclaimPolicy, volumeBindingMode } = body as unknown as Record<string, string>
    assert.deepEqual([reclaimPolicy, volumeBindingMode], ['Delete', 'Immediate'])
    const { body: refused } = await api.merge(`${path}/x`, {
      provisioner: 'a.b/d',
      parameters: { a: 'b' },
      reclaimPolicy: 'Retain',
    })
    const causes = refused.details.causes as { field: string }[]
    assert.deepEqual(
      causes.map(({ field }) => field),
      ['parameters', 'provisioner', 'reclaimPolicy'],
    )
    assert.equal((await api.merge(`${path}/x`, { allowVolumeExpansion: true })).status, 200)
    assert.equal((await api.remove(`${path}/x`)).body.kind, 'StorageClass')
  })

  it('CSIDrivers count their changes from none', async (t) => {
    const api = await startServer(t)
    const path = `${STORAGE}/csidrivers`
    const { body } = await api.post(path, { metadata: { name: 'x' }, spec: {} })
    assert.equal(body.metadata.generation, undefined)
    assert.deepEqual(body.spec.volumeLifecycleModes, ['Persistent'])
    assert.equal(
      (await api.merge(`${path}/x`, { spec: { podInfoOnMount: true } })).body.metadata.generation,
      1,
    )
    const refused = await api.merge(`${path}/x`, { spec: { attachRequired: false } })
    assert.match(refused.body.message, /spec.attachedRequired: Invalid value: false: field is immutable/)
    const blind = await api.put(`${path}/x`, { metadata: { name: 'x' }, spec: {} })
    assert.match(blind.body.message, /resourceVersion: Invalid value: 0: must be specified for an update/)
  })

  it('drivers of a CSINode change but for their room', async (t) => {
    const api = await startServer(t)
    const path = `${STORAGE}/csinodes`
    assert.deepEqual(
      await changed(
        api,
        path,
        { spec: driver },
        { spec: { drivers: [{ ...driver.drivers[0], nodeID: 'y' }] } },
      ),
      [
        'spec.drivers: Invalid value: {"Name":"a.b","NodeID":"y","TopologyKeys":["k"],"Allocatable":null}: field is immutable',
      ],
    )
    const more = { drivers: [{ ...driver.drivers[0], allocatable: { count: 5 } }] }
    assert.equal((await api.merge(`${path}/x`, { spec: more })).status, 200)
  })

  it('VolumeAttachments are fixed, and their status leaves the metadata alone', async (t) => {
    const api = await startServer(t)
    const path = `${STORAGE}/volumeattachments`
    assert.deepEqual(await changed(api, path, { spec: attachment }, { spec: { nodeName: 'm' } }), [
      'spec: Invalid value: {"Attacher":"x.y","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
    ])
    const { body } = await api.merge(`${path}/x/status`, {
      metadata: { labels: { a: 'b' } },
      status: { attached: true },
    })
    assert.deepEqual([body.metadata.labels, body.status], [undefined, { attached: true }])
  })

  it('CSIStorageCapacities and VolumeAttributesClasses stay what they are about', async (t) => {
    const api = await startServer(t)
    assert.deepEqual(
      await changed(
        api,
        `${STORAGE}/namespaces/default/csistoragecapacities`,
        { storageClassName: 's', capacity: '1000Mi' },
        { storageClassName: 't' },
      ),
      ['storageClassName: Invalid value: "t": field is immutable'],
    )
    assert.deepEqual(
      await changed(
        api,
        `${STORAGE}/volumeattributesclasses`,
        { driverName: 'x.y', parameters: { a: 'b' } },
        { driverName: 'x.z' },
      ),
      ['driverName: Forbidden: updates to driverName are forbidden.'],
    )
  })

  it('a ServiceCIDR may be given a range of the other family, and no other one', async (t) => {
    const api = await startServer(t)
    const path = '/apis/networking.k8s.io/v1/servicecidrs'
    assert.deepEqual(
      await changed(api, path, { spec: { cidrs: ['10.5.0.0/24'] } }, { spec: { cidrs: ['10.6.0.0/24'] } }),
      ['spec.cidrs[0]: Invalid value: "10.6.0.0/24": field is immutable'],
    )
    const both = { spec: { cidrs: ['10.5.0.0/24', 'fd00::/112'] } }
    assert.equal((await api.merge(`${path}/x`, both)).status, 200)
    assert.equal((await api.merge(`${path}/x`, { spec: { cidrs: ['10.5.0.0/24'] } })).status, 422)
  })

  it('classes of ingresses and runtimes, addresses and templates change as little as they may', async (t) => {
    const api = await startServer(t)
    const networking = '/apis/networking.k8s.io/v1'
    assert.deepEqual(
      await changed(
        api,
        `${networking}/ingressclasses`,
        { spec: { controller: 'a.b/c' } },
        { spec: { controller: 'a.b/d' } },
      ),
      ['spec.controller: Invalid value: "a.b/d": field is immutable'],
    )
    assert.deepEqual(
      await changed(api, '/apis/node.k8s.io/v1/runtimeclasses', { handler: 'h' }, { handler: 'g' }),
      ['handler: Invalid value: "g": field is immutable'],
    )
    const template = { template: { spec: { containers: [{ name: 'c', image: 'i' }] } } }
    const path = '/api/v1/namespaces/default/podtemplates'
    const changedTemplate = await changed(api, path, template, {
      template: { metadata: { labels: { a: 'b' } } },
    })
    assert.ok(!Array.isArray(changedTemplate) && changedTemplate.metadata.generation === 2)
  })
})
