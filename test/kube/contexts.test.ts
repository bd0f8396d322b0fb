/** Kubeconfigs that are wrong: each is refused with its name, what is wrong and the way out. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { CLIENT_CERT } from './certificates.ts'
import { base64, configOf, directoryOf } from './files.ts'

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
