/** Credentials as they are found in the wild, used against a server that looks at them. Everything lies in a fresh directory. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import test, { after } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { httpsTransport } from '../../lib/kube/https.ts'
import { type CredentialSource, loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect } from '../../lib/kube/rest.ts'
import { fakeClock } from '../fake-clock.ts'
import { AUTHORITY, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from './certificates.ts'
import { configMaps } from './script.ts'
import { type ScriptedServer, sendJson, startScripted, statusOf } from './server.ts'

const root = await mkdtemp(join(tmpdir(), 'fairlead-kubeconfig-'))
after(() => rm(root, { recursive: true }))

const key = { namespace: 'default', name: 'a' }
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key }
const base64 = (text: string) => Buffer.from(text).toString('base64')
let directories = 0

/** A directory with these files in it. */
async function directoryOf(files: Record<string, string>) {
  const directory = join(root, String(directories++))
  await mkdir(directory)
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, name), text, { mode: 0o755 })
  return directory
}

/** A kubeconfig with one context `main`. JSON is YAML. */
const configOf = (cluster: object, user: object, context: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', ...context } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  })

/** A server that lets in whoever shows a token of `good`, and says who came. */
const startGuarded = (good: Set<string>, tls?: object): Promise<ScriptedServer> =>
  startScripted(
    (seen, response) =>
      good.has(seen.headers.authorization ?? '')
        ? sendJson(response, object)
        : sendJson(response, statusOf(401, 'Unauthorized', 'Unauthorized'), 401),
    tls,
  )

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
    HOME: root,
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

/** A plugin that counts its runs and prints a token that is valid for `seconds`. */
const plugin = (seconds: number) => `#!${process.execPath}
const fs = require('node:fs'), file = __dirname + '/runs'
const run = fs.existsSync(file) ? Number(fs.readFileSync(file)) + 1 : 1
fs.writeFileSync(file, String(run))
fs.writeFileSync(__dirname + '/info', process.env.KUBERNETES_EXEC_INFO + ' ' + process.argv[2] + ' ' + process.env.EXTRA)
console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: {
  token: 'run-' + run, expirationTimestamp: new Date(Date.now() + ${seconds} * 1000).toISOString() } }))
`
const execOf = (more: object = {}) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './plugin.cjs',
    args: ['token'],
    env: [{ name: 'EXTRA', value: 'yes' }],
    provideClusterInfo: true,
    ...more,
  },
})

test('an exec plugin runs once for many requests, and again when the server refuses its token', async () => {
  const good = new Set(['Bearer run-1'])
  await using server = await startGuarded(good)
  const directory = await directoryOf({
    'plugin.cjs': plugin(3600),
    config: configOf({ server: server.url }, execOf()),
  })
  const transport = httpsTransport(await loadCredentials({ kubeconfig: join(directory, 'config') }))
  const kube = connect(transport)
  for (let count = 0; count < 5; count++) assert.deepEqual(await kube.get(configMaps, key), object)
  good.clear()
  good.add('Bearer run-2')
  const together = await Promise.all([1, 2, 3, 4].map(() => kube.get(configMaps, key)))
  assert.deepEqual(together, [object, object, object, object])
  assert.equal(await readFile(join(directory, 'runs'), 'utf8'), '2')
  const info = await readFile(join(directory, 'info'), 'utf8')
  assert.match(info, /"apiVersion":"client.authentication.k8s.io\/v1".* token yes$/)
  assert(info.includes(server.url), 'provideClusterInfo')
  transport.close()
})

test('an exec plugin runs again when its token has expired', async () => {
  const clock = fakeClock()
  const directory = await directoryOf({
    'plugin.cjs': plugin(-1),
    config: configOf({ server: 'https://a' }, execOf()),
  })
  const credentials = await loadCredentials({ kubeconfig: join(directory, 'config'), clock })
  assert.deepEqual(await credentials.headers?.(false), { authorization: 'Bearer run-1' })
  await clock.advance(10_000)
  assert.deepEqual(await credentials.headers?.(false), { authorization: 'Bearer run-2' })
})

test('a user who is refused for good does not run the plugin for every request', async () => {
  await using server = await startGuarded(new Set())
  const clock = fakeClock()
  const directory = await directoryOf({
    'plugin.cjs': plugin(3600),
    config: configOf({ server: server.url }, execOf()),
  })
  const transport = httpsTransport(await loadCredentials({ kubeconfig: join(directory, 'config'), clock }))
  for (let count = 0; count < 4; count++)
    await assert.rejects(connect(transport).get(configMaps, key), { code: 401, reason: 'Unauthorized' })
  assert.equal(await readFile(join(directory, 'runs'), 'utf8'), '2')
  transport.close()
})

for (const [what, text, exec, expected] of [
  [
    'is missing',
    '',
    { command: 'no-such-plugin', installHint: 'install it so' },
    /"no-such-plugin": not found: install it so/,
  ],
  ['fails', '#!/bin/sh\necho run login first >&2; exit 3', {}, /plugin.cjs": run login first$/],
  [
    'prints something else',
    '#!/bin/sh\necho token=hunter2',
    {},
    /plugin.cjs" did not print an ExecCredential$/,
  ],
  ['prints no status', '#!/bin/sh\necho "{}"', {}, /plugin.cjs" did not print an ExecCredential$/],
] as const)
  test(`an exec plugin that ${what} is named with its file and user, and not quoted`, async () => {
    const directory = await directoryOf({
      'plugin.cjs': text,
      config: configOf({ server: 'https://a' }, execOf(exec)),
    })
    const kubeconfig = join(directory, 'config')
    await assert.rejects(loadCredentials({ kubeconfig }), (error: Error) => {
      assert(error.message.startsWith(`kubeconfig ${kubeconfig}: user "u": exec plugin`), error.message)
      assert.match(error.message, expected)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
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

const good = { server: 'https://a' }
for (const [what, text, expected, context] of [
  ['a context that is not there', configOf(good, {}), /context "x" not found; contexts are main$/, 'x'],
  [
    'a cluster that is not there',
    configOf(good, {}, { cluster: 'y' }),
    /context "main": cluster "y" not found; clusters are c$/,
  ],
  [
    'a user that is not there',
    configOf(good, {}, { user: 'y' }),
    /context "main": user "y" not found; users are u$/,
  ],
  [
    'no current context',
    '{"contexts": [{"name": "a"}, {"name": "b"}]}',
    /no current-context; name one of a, b$/,
  ],
  ['no server', configOf({}, {}), /cluster "c": server: Invalid input/],
  ['no YAML', 'users: [ hunter2', /: not YAML$/],
  ['a text alone', 'hunter2', /document: Invalid input/],
  [
    'an authority that is not there',
    configOf({ ...good, 'certificate-authority': 'ca' }, {}),
    /certificate-authority .*ca: ENOENT$/,
  ],
  [
    'an authority that is none',
    configOf({ ...good, 'certificate-authority-data': base64('hunter2') }, {}),
    /certificate-authority-data: no PEM certificate$/,
  ],
  ['a token file that is not there', configOf(good, { tokenFile: 'none' }), /user "u": ENOENT/],
  [
    'half a client certificate',
    configOf(good, { 'client-certificate-data': base64(CLIENT_CERT) }),
    /belong together/,
  ],
  [
    'impersonated groups',
    configOf(good, { as: 'a', 'as-groups': ['b'] }),
    /user "u": as-groups is not supported/,
  ],
] as const)
  test(`a kubeconfig with ${what} is refused with its name and what is wrong, and not quoted`, async () => {
    const kubeconfig = join(await directoryOf({ config: text }), 'config')
    await assert.rejects(loadCredentials({ kubeconfig, context, env: {} }), (error: Error) => {
      assert(error.message.startsWith(`kubeconfig ${kubeconfig}: `), error.message)
      assert.match(error.message, expected)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  })

test('a kubeconfig that is not there is named', async () => {
  await assert.rejects(loadCredentials({ kubeconfig: '/none/such' }), {
    message: 'kubeconfig /none/such: no such file',
  })
})
