/** `npm run review` as a user meets it, and the entries of the platforms. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { AUTHORITY } from '../kube/certificates.ts'
import { asked } from '../review.samples.ts'
import { scratchFolder } from '../scratch.ts'
import { startProgram } from './process.ts'

const group = 'apps.fairlead.dev'
const about = {
  kind: { group, version: 'v1', kind: 'MyApp' },
  resource: { group, version: 'v1', resource: 'myapps' },
  name: 'web',
}
const app = (spec: object) => ({ apiVersion: `${group}/v1`, kind: 'MyApp', metadata: { name: 'web' }, spec })
const bad = JSON.stringify(
  asked(app({ image: 'nginx', replicas: 20, service: { port: 80, type: 'ClusterIP' } }), about),
)
const headers = { 'content-type': 'application/json' }
const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64url')
const keys = `k1=${secret(1)}`

interface Body {
  readonly response: { readonly status?: { readonly message: string } }
}
const messageOf = async (response: Response) => ((await response.json()) as Body).response.status?.message
const REFUSED = /spec\.image: Invalid value: "nginx": must have a fixed version/

describe('npm run review', () => {
  it('prints its url, up to the operation, and its names; answers; ends with 0 on SIGTERM', async () => {
    await using program = startProgram('review/node', ['--port', '0'])
    const base = (await program.line(/^url: (http:\/\/127\.0\.0\.1:\d+\/\S+)$/))[1] ?? ''
    await program.line(/^ready$/)
    for (const name of ['validate/myapp', 'mutate/myapp', 'convert/myapp', 'validate/pod-quota'])
      assert.ok(program.lines.includes(name), name)
    const response = await fetch(`${base}/validate/myapp`, { method: 'POST', body: bad, headers })
    assert.match((await messageOf(response)) ?? '', REFUSED)
    await program.line(/reviewed +validate myapp +denied in \d+ ms/)
    assert.equal((await fetch(`${new URL(base).origin}/healthz`)).status, 200)
    assert.ok(!program.lines.slice(1).some((line) => line.includes(new URL(base).pathname)))
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
  })

  it('makes the same path of the same key, in every instance (G8)', async () => {
    const urlOf = async () => {
      await using program = startProgram('review/node', ['--cluster', 'east'], { FAIRLEAD_REVIEW_KEYS: keys })
      return new URL((await program.line(/^url: (.+)$/))[1] ?? '').pathname
    }
    const [one, other] = [await urlOf(), await urlOf()]
    assert.equal(one, other)
    assert.match(one, /^\/v1\/east\/k1\/[\w-]{43}$/)
  })

  it('refuses what it cannot mean, without a secret in the reason', async () => {
    const cases: [string[], Record<string, string>, number, RegExp][] = [
      [['--wat'], {}, 2, /Unknown option '--wat'/],
      [['--tls-cert', 'x'], {}, 2, /--tls-cert and --tls-key go together/],
      [
        ['--host', '0.0.0.0'],
        {},
        2,
        /--host 0\.0\.0\.0 can be reached from elsewhere: give --tls-cert and --tls-key/,
      ],
      [['--client-ca', 'x'], {}, 2, /--client-ca needs --tls-cert/],
      [['--cluster', 'a b'], {}, 2, /--cluster must be/],
      [['--tls-cert', '/nowhere/c', '--tls-key', '/nowhere/k'], {}, 1, /\/nowhere\/c/],
      [
        [],
        { FAIRLEAD_REVIEW_KEYS: 'k1=c2VjcmV0' },
        1,
        /the secret of "k1" must be base64url of 32 bytes at least/,
      ],
    ]
    for (const [args, env, code, message] of cases) {
      await using program = startProgram('review/node', args, env)
      assert.deepEqual(await program.ended(), [code, null], args.join(' '))
      assert.match(program.lines.join('\n'), message)
      assert.doesNotMatch(program.lines.join('\n'), /c2VjcmV0/)
    }
  })
})

describe('fairlead reviews', () => {
  it('registers, switches off and on, and removes; refuses a url that no API server takes', async () => {
    const server = await startApiServer()
    const folder = scratchFolder()
    const file = join(folder, 'kubeconfig')
    writeFileSync(file, JSON.stringify(server.kubeconfig()))
    writeFileSync(join(folder, 'ca.crt'), AUTHORITY)
    const reviews = async (...args: string[]) => {
      await using program = startProgram('reviews', args, { FAIRLEAD_REVIEW_KEYS: keys })
      const [code] = await program.ended()
      return { code, said: program.lines.join('\n') }
    }
    const at = ['--kubeconfig', file]
    const url = 'https://127.0.0.1:1/v1/a/b/c'
    assert.deepEqual(await reviews('register', '--url', url, '--ca', join(folder, 'ca.crt'), ...at), {
      code: 0,
      said: 'fairlead: reviews and conversions registered',
    })
    const urls = async () => {
      const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
      const { items } = (await (await fetch(`${server.url}${path}`)).json()) as {
        items: { webhooks?: { clientConfig: { url: string } }[] }[]
      }
      return items.map(({ webhooks }) => webhooks?.map(({ clientConfig }) => clientConfig.url) ?? [])
    }
    const live = async () => (await urls()).map(({ length }) => length)
    assert.deepEqual(await live(), [3])
    const off = await reviews('off', ...at)
    assert.deepEqual(off, { code: 0, said: 'fairlead: 2 webhook configurations switched off' })
    assert.deepEqual(await live(), [0])
    assert.equal((await reviews('register', '--url', url, ...at)).code, 0)
    assert.deepEqual(await live(), [0])
    assert.match((await reviews('on', ...at)).said, /2 webhook configurations switched on/)
    assert.equal((await reviews('register', '--url', url, ...at)).code, 0)
    assert.deepEqual(await live(), [3])
    const worker = ['--url', 'https://fairlead-review.me.workers.dev', '--cluster', 'east']
    assert.equal((await reviews('register', ...worker, ...at)).code, 0)
    const path = await capabilityPath(parseKeys(keys), 'east')
    assert.ok((await urls())[0]?.every((one) => one.startsWith(`${worker[1]}${path}/validate/`)))
    assert.equal((await reviews('remove', ...at)).said, 'fairlead: registration removed')
    assert.deepEqual(await live(), [])
    for (const wrong of ['http://x/y', 'https://x/y/', 'https://x/y?z', ''])
      assert.match((await reviews('register', '--url', wrong, ...at)).said, /--url must be an https URL/)
    assert.match((await reviews('wat')).said, /say what to do: register, off, on, remove/)
    await server.close()
  })
})

describe('review functions', () => {
  it('cloudflare: answers by the keys of its bindings', async () => {
    const { default: worker } = await import('../../functions/review/cloudflare.ts')
    const path = await capabilityPath(parseKeys(keys), 'east')
    const ask = (env: Record<string, unknown>) =>
      worker.fetch(
        new Request(`https://x${path}/validate/myapp`, { method: 'POST', body: bad, headers }),
        env,
      )
    assert.match((await messageOf(await ask({ FAIRLEAD_REVIEW_KEYS: keys }))) ?? '', REFUSED)
    assert.equal((await ask({ FAIRLEAD_REVIEW_KEYS: `k1=${secret(2)}` })).status, 404)
    assert.throws(() => ask({}), /there must be one or two, got 0/)
  })

  it('lambda: answers a function URL, its body in base64 or not', async () => {
    process.env.FAIRLEAD_REVIEW_KEYS = keys
    const { handler } = await import('../../functions/review/lambda.ts')
    const path = await capabilityPath(parseKeys(keys), 'east')
    for (const isBase64Encoded of [false, true]) {
      const body = isBase64Encoded ? Buffer.from(bad).toString('base64') : bad
      const invocation = {
        version: '2.0',
        rawPath: `${path}/validate/myapp`,
        rawQueryString: 'timeout=5s',
        headers,
        requestContext: { http: { method: 'POST' }, domainName: 'x' },
        body,
        isBase64Encoded,
      }
      const answer = (await handler(invocation as never)) as { statusCode: number; body: string }
      assert.equal(answer.statusCode, 200)
      assert.match((JSON.parse(answer.body) as Body).response.status?.message ?? '', REFUSED)
    }
  })
})
