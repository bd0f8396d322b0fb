/** `npm run start:cloudflare` as a user starts it: its command line, its lines, what it serves, and how it ends. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { httpsTransport } from '../../lib/kube/https.ts'
import { connect } from '../../lib/kube/rest.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { startScript } from '../functions/process.ts'

const START = 'infra/cloudflare/local/start.ts'

describe('npm run start:cloudflare', () => {
  it('says what it takes, and refuses what it does not', async () => {
    await using help = startScript(START, ['--help'])
    assert.deepEqual(await help.ended(), [0, null])
    assert.match(help.lines.join('\n'), /--port N/)
    await using refused = startScript(START, ['--port', 'high'])
    assert.deepEqual(await refused.ended(), [2, null])
    assert.deepEqual(refused.lines, ['--port must be a whole number from 0 to 65535, got high'])
  })

  it('reviews, relays and reconciles in workerd, prints what happens, and ends with figures', async () => {
    await using program = startScript(START)
    const [, kubeconfig = ''] = await program.line(/^kubeconfig: (.*)$/)
    await program.line(/^ready$/)
    const { clusters } = JSON.parse(readFileSync(kubeconfig, 'utf8'))
    const transport = httpsTransport({ server: clusters[0].cluster.server })
    const api = connect(transport)
    const key = { namespace: 'default', name: 'web' }
    const app = { apiVersion: 'apps.fairlead.dev/v1', kind: 'MyApp', metadata: key }
    await api.create(MyApp, { ...app, spec: { image: 'nginx:1.27' } })
    await program.line(/^[\d:.]+ reviewed +validate myapp +allowed/)
    await program.line(/^[\d:.]+ sent +myapp default\/web/)
    await program.line(/^[\d:.]+ reconciled myapp default\/web .*: done/)
    const refused = await api
      .create(MyApp, { ...app, metadata: { ...key, name: 'bad' }, spec: { image: 'nginx', replicas: 20 } })
      .catch(({ code }) => code)
    assert.equal(refused, 422)
    await api.delete(MyApp, key)
    await program.line(/^[\d:.]+ applied +MyApp default\/web +finalizer/)
    transport.close()
    program.child.kill('SIGINT')
    assert.deepEqual(await program.ended(), [0, null])
    assert.match(program.lines.join('\n'), /^changes \d+, reconciled \d+ times\neach {4}[\d.]+ requests/m)
  })
})
