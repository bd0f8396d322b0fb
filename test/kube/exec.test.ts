/** Exec plugins: when they run, what they are told and what is said when they fail. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { httpsTransport } from '../../lib/kube/https.ts'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect } from '../../lib/kube/rest.ts'
import { fakeClock } from '../fake-clock.ts'
import { configOf, directoryOf, key, object, startGuarded } from './files.ts'
import { configMaps } from './script.ts'

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
