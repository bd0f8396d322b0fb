/** Credentials as they are found in the wild, used against a server that looks at them. Everything lies in a fresh directory. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import test from 'node:test'
import type { TLSSocket } from 'node:tls'
import { httpsTransport } from '../../lib/kube/https.ts'
import { type CredentialSource, loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect } from '../../lib/kube/rest.ts'
import { fakeClock } from '../fake-clock.ts'
import { AUTHORITY, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from './certificates.ts'
import { base64, configOf, directoryOf, key, object, startGuarded } from './files.ts'
import { configMaps } from './script.ts'
import { sendJson, startScripted } from './server.ts'

async function getWith(source: CredentialSource) {
  const credentials = await loadCredentials({ env: {}, ...source })
  const transport = httpsTransport(credentials)
  try {
    return await connect(transport).get(configMaps, key)
  } finally {
    transport.close()
  }
}

test('a token, an authority in the file and a namespace are what a kubeconfig mostly has', async () => {
  await using server = await startGuarded(new Set(['Bearer abc']), { cert: SERVER_CERT, key: SERVER_KEY })
  const cluster = { server: server.url, 'certificate-authority-data': base64(AUTHORITY) }
  const directory = await directoryOf({ config: configOf(cluster, { token: 'abc' }, { namespace: 'team' }) })
  const kubeconfig = join(directory, 'config')
  const credentials = await loadCredentials({ kubeconfig })
  assert.deepEqual(
    [credentials.server, credentials.cluster, credentials.namespace],
    [server.url, 'c', 'team'],
  )
  assert.deepEqual(await getWith({ kubeconfig }), object)
})

test('plain http, no user, a password and impersonation work too', async () => {
  await using server = await startScripted((_, response) => sendJson(response, object))
  for (const user of [{}, { username: 'ada', password: 'pw' }, { token: 't', as: 'bob' }]) {
    const directory = await directoryOf({ config: configOf({ server: server.url }, user) })
    assert.deepEqual(await getWith({ kubeconfig: join(directory, 'config') }), object)
  }
  const said = server.seen.map(({ headers }) => [headers.authorization, headers['impersonate-user']])
  assert.deepEqual(said, [
    [undefined, undefined],
    [`Basic ${base64('ada:pw')}`, undefined],
    ['Bearer t', 'bob'],
  ])
})

test('files beside the kubeconfig are found from it: authority, client certificate and key', async () => {
  const peers: string[] = []
  await using server = await startScripted(
    (seen, response) => {
      peers.push(String((seen.socket as TLSSocket).getPeerCertificate().subject.CN))
      sendJson(response, object)
    },
    { cert: SERVER_CERT, key: SERVER_KEY, ca: AUTHORITY, requestCert: true },
  )
  const directory = await directoryOf({
    'ca.crt': AUTHORITY,
    'me.crt': CLIENT_CERT,
    'me.key': CLIENT_KEY,
    config: configOf(
      { server: server.url, 'certificate-authority': 'ca.crt', 'tls-server-name': 'kube.example' },
      { 'client-certificate': 'me.crt', 'client-key': './me.key' },
    ),
    inline: configOf(
      { server: server.url, 'insecure-skip-tls-verify': true },
      { 'client-certificate-data': base64(CLIENT_CERT), 'client-key-data': base64(CLIENT_KEY) },
    ),
  })
  await getWith({ kubeconfig: join(directory, 'config') })
  await getWith({ kubeconfig: join(directory, 'inline') })
  assert.deepEqual(peers, ['ada', 'ada'])
})

test('a token file that is rotated is read again when the server refuses the old token', async () => {
  const good = new Set(['Bearer one'])
  await using server = await startGuarded(good)
  const directory = await directoryOf({
    token: 'one\n',
    config: configOf({ server: server.url }, { tokenFile: 'token' }),
  })
  const transport = httpsTransport(await loadCredentials({ kubeconfig: join(directory, 'config') }))
  const kube = connect(transport)
  assert.deepEqual(await kube.get(configMaps, key), object)
  await writeFile(join(directory, 'token'), 'two\n')
  good.clear()
  good.add('Bearer two')
  const together = await Promise.all([1, 2, 3].map(() => kube.get(configMaps, key)))
  assert.deepEqual(together, [object, object, object])
  transport.close()
})

test('a token file is read again every minute, before anybody refuses it', async (context) => {
  const start = Date.UTC(2026, 0, 1)
  context.mock.timers.enable({ apis: ['Date'], now: start })
  const clock = fakeClock(start)
  const directory = await directoryOf({
    token: 'one',
    config: configOf({ server: 'https://a' }, { tokenFile: 'token' }),
  })
  const credentials = await loadCredentials({ kubeconfig: join(directory, 'config'), clock })
  assert.deepEqual(await credentials.headers?.(false), { authorization: 'Bearer one' })
  await writeFile(join(directory, 'token'), 'two')
  await clock.advance(61_000)
  context.mock.timers.setTime(clock.now())
  assert.deepEqual(await credentials.headers?.(false), { authorization: 'Bearer two' })
})

test('the service account of a pod: address from the environment, token, authority and namespace from the mount', async () => {
  await using server = await startGuarded(new Set(['Bearer pod']), { cert: SERVER_CERT, key: SERVER_KEY })
  const serviceAccount = await directoryOf({ 'ca.crt': AUTHORITY, token: 'pod\n', namespace: 'team\n' })
  const env = {
    HOME: serviceAccount,
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(server.port),
  }
  const source = { inCluster: true, serviceAccount, env }
  const credentials = await loadCredentials(source)
  assert.deepEqual([credentials.cluster, credentials.namespace], ['in-cluster', 'team'])
  assert.deepEqual(await getWith(source), object)
  assert.deepEqual(await getWith({ serviceAccount, env }), object, 'and it is the last resort')
})

test('outside a pod the service account is refused by name', async () => {
  await assert.rejects(
    loadCredentials({ inCluster: true, env: {} }),
    /Not in a pod: KUBERNETES_SERVICE_HOST is not set/,
  )
})

test('KUBECONFIG may name several files: the first that has a name wins and absent ones are skipped', async () => {
  const directory = await directoryOf({
    one: JSON.stringify({ contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }], users: [] }),
    two: configOf({ server: 'https://two' }, { token: 't' }),
    three: configOf({ server: 'https://three' }, { token: 'x' }),
  })
  const paths = ['none', 'one', 'two', 'three'].map((name) => join(directory, name))
  const credentials = await loadCredentials({ env: { KUBECONFIG: paths.join(delimiter) } })
  assert.equal(credentials.server, 'https://two')
})

test('without KUBECONFIG the file in the home directory is taken, and without any file the places are named', async () => {
  const home = await directoryOf({})
  const env = { HOME: home }
  await assert.rejects(loadCredentials({ env }), (error: Error) => {
    assert.equal(
      error.message,
      `No cluster to talk to: no kubeconfig at ${join(home, '.kube', 'config')}, and this is no pod. Name one with KUBECONFIG`,
    )
    return true
  })
  await mkdir(join(home, '.kube'))
  await writeFile(join(home, '.kube', 'config'), configOf({ server: 'https://home' }, {}))
  assert.equal((await loadCredentials({ env })).server, 'https://home')
})
