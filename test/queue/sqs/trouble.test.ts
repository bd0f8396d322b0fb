/** What goes wrong with SQS, said so that it can be put right: the queue, the setting, the way out, and no secret. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readQueues } from '../../../functions/env.ts'
import { explained, refuseOtherRegion } from '../../../lib/queue/sqs/trouble.ts'

const queue = 'https://sqs.eu-west-1.amazonaws.com/123456789012/ready.fifo'
const where = { queue, setting: 'FAIRLEAD_SQS_READY' }
const named = (name: string, message = 'secret in here') => Object.assign(new Error(message), { name })

describe('troubles of SQS', () => {
  for (const [error, expected] of [
    [
      named('QueueDoesNotExist'),
      /ready\.fifo \(FAIRLEAD_SQS_READY\) does not exist: check FAIRLEAD_SQS_READY$/,
    ],
    [named('CredentialsProviderError'), /no AWS credentials: give the function a role, or set AWS_PROFILE/],
    [named('Error', 'Region is missing'), /no AWS region: set AWS_REGION to eu-west-1$/],
    [named('SignatureDoesNotMatch'), /is AWS_REGION eu-west-1, and the clock right\?/],
    [named('ExpiredToken'), /not valid any more/],
    [named('AccessDenied'), /the role may not do this/],
    [named('Error', 'connect ECONNREFUSED 127.0.0.1:1'), /cannot be reached: ECONNREFUSED/],
    [named('SomethingElse'), /: SomethingElse$/],
  ] as const)
    it(`explains ${error.name} ${error.message.slice(0, 20)}`, () => {
      const { message } = explained(error, where)
      assert.match(message, expected)
      assert.doesNotMatch(message, /secret/)
    })

  it('sees a region that is not the queue’s before anything is sent', () => {
    refuseOtherRegion(queue, 'eu-west-1')
    refuseOtherRegion('http://127.0.0.1:4566/1/ready.fifo', 'us-east-1')
    assert.throws(() => refuseOtherRegion(queue, 'us-east-1'))
    try {
      refuseOtherRegion(queue, 'us-east-1')
    } catch (error) {
      assert.match(
        explained(error, where).message,
        /READY\) is in eu-west-1, and AWS_REGION says us-east-1: set it to/,
      )
    }
  })

  it('names each setting that is missing or is no queue', () => {
    assert.throws(
      () =>
        readQueues({
          needsDead: true,
          env: { FAIRLEAD_SQS_READY: 'https://q/ready', FAIRLEAD_SQS_DELAY: 'x' },
        }),
      {
        message:
          'FAIRLEAD_SQS_READY must be the URL of a FIFO queue; FAIRLEAD_SQS_DELAY must be the URL of an SQS queue; ' +
          'FAIRLEAD_SQS_BACKGROUND is not set; FAIRLEAD_SQS_DEAD is not set',
      },
    )
  })
})
