/** The ingress as a Lambda is asked by a function URL, and what it is made of. */
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { describe, it } from 'node:test'
import { build } from 'esbuild'
import { ingressHandler } from '../../lib/ingress/lambda.ts'
import { ingressContract } from './http.contract.ts'
import { ingressStage } from './stage.ts'

/** A request as payload format 2.0; bodies of types that Lambda does not know come in base64. */
async function urlEvent(request: Request) {
  const { pathname, hostname } = new URL(request.url)
  const body = Buffer.from(await request.arrayBuffer())
  const isBase64Encoded = request.headers.get('content-type') !== 'application/json' || !isUtf8(body)
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: '',
    headers: { ...Object.fromEntries(request.headers), 'content-length': String(body.length) },
    requestContext: { http: { method: request.method }, domainName: hostname },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  }
}

ingressContract(
  'behind a function URL',
  async (senders) => {
    const { app, seen, set } = ingressStage(senders)
    const handler = ingressHandler(app)
    return {
      async send(path, init) {
        const result = await handler(await urlEvent(new Request(`https://x.lambda-url.aws${path}`, init)))
        return new Response(result.body, { status: result.statusCode, headers: result.headers })
      },
      set: async (conditions) => set(conditions),
      seen: async () => seen(),
      close: async () => {},
    }
  },
  { because: 'Lambda hands over whole bodies' },
)

describe('the ingress as a bundle', () => {
  it('is made of what Workers have too, and loads what checks tokens only where it is needed', async () => {
    const { metafile } = await build({
      entryPoints: ['lib/ingress/http.ts', 'lib/ingress/send.ts'],
      outdir: 'unwritten',
      write: false,
      bundle: true,
      splitting: true,
      metafile: true,
      format: 'esm',
      // Whatever asks for a module of Node does not build.
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['import'],
    })
    const withJose = Object.entries(metafile.outputs).filter(([, { inputs }]) =>
      Object.keys(inputs).some((path) => path.includes('/jose/')),
    )
    assert.deepEqual(
      withJose.map(([path]) => /oidc/.test(path)),
      [true],
    )
    const dynamic = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path),
    )
    assert.deepEqual(
      dynamic,
      withJose.map(([path]) => path),
    )
  })
})
