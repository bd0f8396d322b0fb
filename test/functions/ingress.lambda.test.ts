/** The entry of the ingress on AWS, whose senders are kept in a parameter. */
import assert from 'node:assert/strict'
import { after, describe, it, mock } from 'node:test'
import { signatureOf } from '../../lib/ingress/hmac.ts'
import { startScripted } from '../kube/server.ts'

const secret = (byte: number) => new Uint8Array(32).fill(byte)
const senders = (byte: number) => {
  const k1 = Buffer.from(secret(byte)).toString('base64url')
  return JSON.stringify({ keyed: { cluster: 'east', hmac: { keys: { k1 } } } })
}

async function batch(byte: number) {
  const text = '{"messages":[]}'
  const signed = { body: new TextEncoder().encode(text), format: 'json' }
  const authorization = await signatureOf({ id: 'keyed/k1', secret: secret(byte) }, signed, Date.now())
  return {
    rawPath: '/changes',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', authorization },
    requestContext: { http: { method: 'POST' }, domainName: 'x' },
    body: text,
    isBase64Encoded: false,
  }
}

describe('the ingress of a process that lives on', () => {
  after(() => mock.timers.reset())

  it('takes senders as they are in the parameter, within five minutes', async () => {
    let value = senders(1)
    await using ssm = await startScripted((_seen, response) =>
      response.end(JSON.stringify({ Parameter: { Value: value } })),
    )
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 'S',
      AWS_ENDPOINT_URL: ssm.url,
      FAIRLEAD_INGRESS: 'ssm:/ingress',
      FAIRLEAD_SQS_READY: `${ssm.url}/ready.fifo`,
      FAIRLEAD_SQS_DELAY: `${ssm.url}/delay`,
      FAIRLEAD_SQS_BACKGROUND: `${ssm.url}/background`,
    })
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2030, 0, 1) })
    const { handler } = await import('../../functions/ingress/lambda.ts')
    const codes = async () => [
      (await handler(await batch(1))).statusCode,
      (await handler(await batch(2))).statusCode,
    ]
    assert.deepEqual(await codes(), [202, 401])
    value = senders(2)
    mock.timers.tick(299_999)
    assert.deepEqual([await codes(), ssm.seen.length], [[202, 401], 1])
    mock.timers.tick(1)
    assert.deepEqual(await codes(), [401, 202])
  })
})
