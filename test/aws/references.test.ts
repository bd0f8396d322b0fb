import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Aws, AwsRequest } from '../../lib/aws.ts'
import { isReference } from '../../lib/reference.ts'
import { referenceReader } from '../../lib/aws/references.ts'
import { fakeClock } from '../fake-clock.ts'

const rig = (answer: (request: AwsRequest) => Response) => {
  const asked: { service: string; request: AwsRequest }[] = []
  const clock = fakeClock()
  const aws: Aws = {
    region: 'eu-west-1',
    credentials: async () => ({ accessKeyId: 'A', secretAccessKey: 'S' }),
    override: () => undefined,
    presign: async () => '',
    fetch: async (service, request) => {
      asked.push({ service, request })
      return answer(request)
    },
  }
  return { asked, clock, read: referenceReader({ aws, clock }) }
}
const parameter = (value: string) => new Response(JSON.stringify({ Parameter: { Value: value } }))

describe('references', () => {
  it('are told from values', () => {
    assert.deepEqual(['ssm:/a', 'secretsmanager:x', '{}', 'k1=abc', 'ssm:'].map(isReference), [
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('read a parameter decrypted, and a secret’s text, also of another region by its ARN', async () => {
    const { asked, read } = rig(({ headers }) =>
      headers?.['x-amz-target'] === 'AmazonSSM.GetParameter'
        ? parameter('from ssm')
        : new Response(JSON.stringify({ SecretString: 'from secrets' })),
    )
    assert.equal(await read('ssm:/fairlead/keys'), 'from ssm')
    const arn = 'arn:aws:secretsmanager:us-east-1:1:secret:keys-AbC'
    assert.equal(await read(`secretsmanager:${arn}`), 'from secrets')
    assert.deepEqual(
      asked.map(({ service, request }) => [service, request.url, request.body]),
      [
        ['ssm', 'https://ssm.eu-west-1.amazonaws.com/', '{"Name":"/fairlead/keys","WithDecryption":true}'],
        ['secretsmanager', 'https://secretsmanager.us-east-1.amazonaws.com/', `{"SecretId":"${arn}"}`],
      ],
    )
  })

  it('are remembered for five minutes, asked once by many, and read anew when the newest is wanted', async () => {
    let count = 0
    const { read, clock } = rig(() => parameter(`v${++count}`))
    assert.deepEqual(await Promise.all([read('ssm:/a'), read('ssm:/a')]), ['v1', 'v1'])
    await clock.advance(299_000)
    assert.equal(await read('ssm:/a'), 'v1')
    assert.equal(await read('ssm:/a', 0), 'v2')
    await clock.advance(300_000)
    assert.equal(await read('ssm:/a'), 'v3')
  })

  it('serve what they were while AWS does not answer, but not to whom the newest matters', async () => {
    let isDown = false
    const { read, clock } = rig(() =>
      isDown ? new Response('{"__type":"InternalServerError"}', { status: 500 }) : parameter('old'),
    )
    await read('ssm:/a')
    isDown = true
    await clock.advance(600_000)
    assert.equal(await read('ssm:/a'), 'old')
    await assert.rejects(read('ssm:/a', 0), /^AwsError: ssm GetParameter \/a: InternalServerError \(500\)$/)
  })

  it('refuse what has no text, without a word of it', async () => {
    const { read } = rig(() => new Response(JSON.stringify({ SecretBinary: 'c2VjcmV0' })))
    await assert.rejects(read('secretsmanager:x'), /^Error: secretsmanager:x has no text as its value$/)
    await assert.rejects(read('vault:x'), /is no reference/)
  })
})
