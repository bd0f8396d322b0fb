/** The client against the embedded API server: the port's contract, and what an independent client makes of what we wrote. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { startApiServer } from '../lib/apiserver/index.ts'
import { httpsTransport } from '../lib/kube/https.ts'
import { connect } from '../lib/kube/rest.ts'
import { configMaps } from './kube/script.ts'
import { kubeContract } from './kube.contract.ts'

async function startSubject() {
  const server = await startApiServer()
  const transport = httpsTransport({ server: server.url })
  const close = async () => {
    transport.close()
    await server.close()
  }
  return { server, kube: connect(transport), expireHistory: server.expireHistory, close }
}

kubeContract('node:http against the embedded API server', startSubject)

test('an independent client reads what ours wrote, and ours what it wrote', async () => {
  const { server, kube, close } = await startSubject()
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'c', server: server.url, skipTLSVerify: true }, { name: 'u' })
  const other = config.makeApiClient(CoreV1Api)
  const [namespace, name] = ['default', 'shared']
  const data = { text: 'żółć 🪢' }
  await kube.create(configMaps, { metadata: { namespace, name }, data }, { fieldManager: 'ours' })
  const read = await other.readNamespacedConfigMap({ namespace, name })
  assert.deepEqual(read.data, data)
  assert.equal(read.metadata?.managedFields?.[0]?.manager, 'ours')
  await other.replaceNamespacedConfigMap({ namespace, name, body: { ...read, data: { text: 'theirs' } } })
  const back = await kube.get(configMaps, { namespace, name })
  assert.deepEqual(back && 'data' in back && back.data, { text: 'theirs' })
  await close()
})
