/** The ingress as a Lambda is asked by a function URL, and what it is made of. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { build } from 'esbuild'
import { type Message, systemClock } from '../../lib/index.ts'
import { signatureOf } from '../../lib/ingress/hmac.ts'
import { ingressApp } from '../../lib/ingress/http.ts'
import { ingressHandler } from '../../lib/ingress/lambda.ts'
import { parseSenders } from '../../lib/ingress/senders.ts'
import { knative, wakeMessage } from '../ingress.samples.ts'
import { siteOperator } from '../site.ts'

const secret = new Uint8Array(32).fill(1)
const keys = { k1: Buffer.from(secret).toString('base64url') }
const senders = parseSenders(JSON.stringify({ keyed: { cluster: 'east', hmac: { keys } } }))

const TYPES = { json: 'application/json', cloudevent: 'application/cloudevents+json' }

/** Payload format 2.0; bodies of types that Lambda does not know come in base64. */
async function urlEvent(text: string, format: 'json' | 'cloudevent', isBase64Encoded: boolean) {
  const authorization = await signatureOf(
    { id: 'keyed/k1', secret },
    { body: new TextEncoder().encode(text), format },
    Date.now(),
  )
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/changes',
    rawQueryString: '',
    headers: {
      'content-type': TYPES[format],
      'content-length': String(text.length),
      authorization,
      host: 'x.lambda-url.aws',
    },
    requestContext: {
      http: { method: 'POST', path: '/changes', sourceIp: '10.0.0.1' },
      domainName: 'x.lambda-url.aws',
    },
    body: isBase64Encoded ? Buffer.from(text).toString('base64') : text,
    isBase64Encoded,
  }
  return event
}

describe('the ingress behind a function URL', () => {
  it('takes batches as text and in base64', async () => {
    const sent: Message[] = []
    const queue = { send: async (messages: readonly Message[]) => void sent.push(...messages) }
    const handler = ingressHandler(
      ingressApp(siteOperator(), { senders, queue, clock: systemClock, report() {} }),
    )
    const batch = JSON.stringify({ messages: [wakeMessage('docs')] })
    const site = { apiVersion: 'test.fairlead.dev/v1', kind: 'Site', namespace: 'default', name: 'docs' }
    const event = JSON.stringify(knative('ref.add', site))
    const asked = [await urlEvent(batch, 'json', false), await urlEvent(event, 'cloudevent', true)]
    for (const one of asked) {
      const { statusCode, body } = await handler(one)
      assert.deepEqual([statusCode, body], [202, '{"accepted":1,"ignored":0}'])
    }
    assert.equal(sent.length, 2)
  })

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
