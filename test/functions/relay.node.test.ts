/** `npm run relay` as a user meets it, sending to an ingress. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { operator } from '../../functions/operator.ts'
import { myapp } from '../../functions/operators/myapp.ts'
import { keyText, type Message } from '../../lib/index.ts'
import { startCluster } from '../cluster.ts'
import { scratchFolder } from '../scratch.ts'
import { startProgram } from './process.ts'

/** An ingress that takes everything. */
async function startIngress() {
  const posts: { authorization: string | undefined; messages: Message[] }[] = []
  const waiting: (() => void)[] = []
  const server = createServer(async (request, response) => {
    const { authorization } = request.headers
    const { messages } = JSON.parse(await text(request)) as { messages: Message[] }
    posts.push({ authorization, messages })
    response.writeHead(202).end()
    for (const tell of waiting.splice(0)) tell()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/changes`,
    posts,
    posted: () =>
      posts.length > 0 ? Promise.resolve() : new Promise<void>((resolve) => void waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const web = {
  apiVersion: 'apps.fairlead.dev/v1',
  kind: 'MyApp',
  metadata: { name: 'web', namespace: 'default' },
  spec: { image: 'nginx:1.27', replicas: 1, service: { port: 80, type: 'ClusterIP' } },
}

describe('npm run relay', () => {
  it('posts what changes with the token of the moment, answers probes, and ends with 0 on SIGTERM', async () => {
    await using cluster = await startCluster(operator)
    await using ingress = await startIngress()
    const folder = scratchFolder()
    const [kubeconfig, token] = [join(folder, 'kubeconfig'), join(folder, 'token')]
    writeFileSync(kubeconfig, JSON.stringify(cluster.server.kubeconfig()))
    writeFileSync(token, 'a.b.c\n')
    const to = ['--to', ingress.url, '--token-file', token]
    const args = [
      '--kubeconfig',
      kubeconfig,
      '--cluster',
      'east',
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      ...to,
    ]
    await using program = startProgram('relay/node', [...args, '--state', join(folder, 'state')])
    const health = (await program.line(/^health: (http:\/\/127\.0\.0\.1:\d+)$/))[1] ?? ''
    await program.line(/^ready$/)
    assert.ok(program.lines.includes(`inventory: ${join(folder, 'state')}`))
    await program.line(/synced +watch MyApp/)
    writeFileSync(token, 'd.e.f\n')
    await cluster.api.create(myapp.kind, web)
    await ingress.posted()
    const [post] = ingress.posts
    assert.equal(post?.authorization, 'Bearer d.e.f')
    assert.deepEqual(
      post?.messages.map((message) => [message.cluster, message.controller, keyText(message)]),
      [['east', 'myapp', 'default/web']],
    )
    assert.match(post?.messages[0]?.origin ?? '', /^[0-9a-f-]{36}:\d+$/)
    assert.equal((await fetch(`${health}/healthz`)).status, 200)
    assert.match(await (await fetch(`${health}/metrics`)).text(), /fairlead_relay_sources{cluster="east"} \d/)
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
  })

  it('refuses what it cannot mean, and names the setting that is missing', async () => {
    const folder = scratchFolder()
    const file = join(folder, 'key')
    writeFileSync(file, 'east/k1=c2VjcmV0\n')
    const cases: [string[], Record<string, string>, number, RegExp][] = [
      [['--wat'], {}, 2, /Unknown option '--wat'/],
      [['--token-file', 'x'], {}, 2, /--token-file and --key-file are of --to/],
      [['--to', 'https://x/changes'], {}, 2, /--to takes one of --token-file and --key-file/],
      [['--to', 'https://x', '--token-file', 'x', '--key-file', 'y'], {}, 2, /--to takes one of/],
      [['--port', '70000'], {}, 2, /--port must be a whole number/],
      [['--cluster', 'a b'], {}, 2, /--cluster must be/],
      [[], {}, 1, /FAIRLEAD_SQS_READY is not set/],
      [['--to', 'https://x/changes', '--key-file', file], {}, 1, /must hold SENDER\/ID=base64url/],
      [['--to', 'http://x/changes', '--token-file', file], {}, 1, /must be an https URL/],
      [['--to', 'https://x/changes', '--token-file', '/nowhere/token'], {}, 1, /\/nowhere\/token/],
      [
        ['--to', 'https://x/changes', '--token-file', file, '--cluster', 'east'],
        { FAIRLEAD_CLUSTERS: '{}' },
        1,
        /FAIRLEAD_CLUSTERS is set: --kubeconfig/,
      ],
    ]
    for (const [args, env, code, message] of cases) {
      await using program = startProgram('relay/node', args, env)
      assert.deepEqual(await program.ended(), [code, null], args.join(' '))
      assert.match(program.lines.join('\n'), message)
      assert.doesNotMatch(program.lines.join('\n'), /c2VjcmV0/)
    }
    await using help = startProgram('relay/node', ['--help'])
    assert.deepEqual(await help.ended(), [0, null])
    assert.match(help.lines.join('\n'), /--token-file FILE/)
  })
})
