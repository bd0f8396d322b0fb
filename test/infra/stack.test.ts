/** The stack that `npm run infra:aws` writes, property by property. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { FUNCTIONS } from '../../infra/aws/functions.ts'
import type { StackSettings } from '../../infra/aws/settings.ts'
import { complaintsOf, EVERYTHING, FARGATE, NETWORK, synth, text } from './synth.ts'

const { template, resources, outputs } = synth(EVERYTHING)
const properties = (id: string) => {
  const resource = resources.get(id)
  assert.ok(resource, `${id} is not there: ${[...resources.keys()].join(' ')}`)
  return resource.Properties
}
const idsOf = (type: string) => [...resources].flatMap(([id, { Type }]) => (Type === type ? [id] : []))
const nameOf = (id: string) => id.toLowerCase() as keyof typeof FUNCTIONS

describe('the queues of the stack', () => {
  it('ready and dead are FIFO with high throughput; the others are standard', () => {
    for (const id of ['Ready', 'Dead']) {
      assert.equal(properties(id).FifoQueue, true)
      assert.equal(properties(id).DeduplicationScope, 'messageGroup')
      assert.equal(properties(id).FifoThroughputLimit, 'perMessageGroupId')
      // Two changes of one key may have the same text.
      assert.equal(properties(id).ContentBasedDeduplication, undefined)
    }
    for (const id of ['Delay', 'Background', 'Lost']) assert.equal(properties(id).FifoQueue, undefined)
  })

  it('keep what they hold for 14 days, encrypted, over TLS alone', () => {
    assert.deepEqual(idsOf('AWS::SQS::Queue').sort(), ['Background', 'Dead', 'Delay', 'Lost', 'Ready'])
    for (const id of idsOf('AWS::SQS::Queue')) {
      assert.equal(properties(id).MessageRetentionPeriod, 14 * 86_400)
      assert.equal(properties(id).SqsManagedSseEnabled, true)
      assert.deepEqual(properties(`${id}Policy`).PolicyDocument.Statement, [
        {
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Resource: properties(`${id}Policy`).PolicyDocument.Statement[0].Resource,
        },
      ])
    }
  })

  it('hide a message for six times what its function may take', () => {
    assert.equal(properties('Ready').VisibilityTimeout, 6 * FUNCTIONS.work.timeoutSeconds)
    for (const id of ['Delay', 'Background'])
      assert.equal(properties(id).VisibilityTimeout, 6 * FUNCTIONS.promote.timeoutSeconds)
  })

  it('bury a key after five crashes, and what cannot be forwarded after an outage of days', () => {
    const redrive = (id: string) => {
      const { deadLetterTargetArn, maxReceiveCount } = properties(id).RedrivePolicy
      return [text(deadLetterTargetArn), maxReceiveCount]
    }
    assert.deepEqual(redrive('Ready'), ['Dead.Arn', 5])
    for (const id of ['Delay', 'Background']) {
      assert.deepEqual(redrive(id), ['Lost.Arn', 1000])
      const outageSeconds = 1000 * properties(id).VisibilityTimeout
      assert.ok(outageSeconds > 2 * 86_400, 'an outage of two days buries nothing')
      assert.ok(
        outageSeconds < properties(id).MessageRetentionPeriod,
        'what is unreadable is buried, not forgotten',
      )
    }
  })
})

describe('the functions of the stack', () => {
  it('are those of the table, with its limits', () => {
    assert.deepEqual(idsOf('AWS::Lambda::Function').map(nameOf).sort(), Object.keys(FUNCTIONS).sort())
    for (const id of idsOf('AWS::Lambda::Function')) {
      const { timeoutSeconds, memoryMb } = FUNCTIONS[nameOf(id)]
      assert.equal(properties(id).Timeout, timeoutSeconds)
      assert.equal(properties(id).MemorySize, memoryMb)
      assert.equal(properties(id).Runtime, 'nodejs24.x')
      assert.deepEqual(properties(id).Architectures, ['arm64'])
      assert.equal(properties(id).Handler, 'index.handler')
    }
  })

  it('get the settings that they read, and no others', () => {
    for (const id of idsOf('AWS::Lambda::Function'))
      assert.deepEqual(
        Object.keys(properties(id).Environment.Variables).sort(),
        [...FUNCTIONS[nameOf(id)].settings].sort(),
      )
    const { Variables } = properties('Relay').Environment
    assert.equal(text(Variables.FAIRLEAD_SQS_READY), 'Ready')
    assert.equal(text(Variables.FAIRLEAD_SQS_BACKGROUND), 'Background')
    assert.equal(text(Variables.FAIRLEAD_INVENTORY), 's3://Inventory/inventory')
    assert.equal(properties('Work').Environment.Variables.FAIRLEAD_CLUSTERS, 'ssm:/web/clusters')
    assert.equal(text(properties('Work').Environment.Variables.FAIRLEAD_SQS_DEAD), 'Dead')
  })

  it('have a log each, which forgets after a month', () => {
    for (const id of idsOf('AWS::Lambda::Function')) {
      assert.equal(properties(`${id}Log`).RetentionInDays, 30)
      assert.deepEqual(properties(id).LoggingConfig, {
        ApplicationLogLevel: 'INFO',
        LogFormat: 'JSON',
        LogGroup: properties(id).LoggingConfig.LogGroup,
        SystemLogLevel: 'WARN',
      })
      assert.equal(text(properties(id).LoggingConfig.LogGroup), `${id}Log`)
    }
  })

  // Timers go round through queues for ever: what Lambda takes for a runaway loop it ends after 16 rounds.
  it('may go round', () => {
    for (const id of idsOf('AWS::Lambda::Function')) assert.equal(properties(id).RecursiveLoop, 'Allow')
  })

  it('have a role each, which Lambda alone may take', () => {
    const roles = idsOf('AWS::Lambda::Function').map((id) => text(properties(id).Role))
    assert.equal(new Set(roles).size, roles.length)
    for (const id of idsOf('AWS::Lambda::Function')) {
      const { AssumeRolePolicyDocument, ManagedPolicyArns } = properties(`${id}Role`)
      assert.equal(ManagedPolicyArns, undefined)
      assert.deepEqual(
        AssumeRolePolicyDocument.Statement.map(({ Principal }: { Principal: object }) => Principal),
        [{ Service: 'lambda.amazonaws.com' }],
      )
    }
  })

  it('are fewer where there are no reviews and no ingress', () => {
    const bare = synth()
    assert.equal(bare.resources.has('Review') || bare.resources.has('Ingress'), false)
    bare.template.resourceCountIs('AWS::Lambda::Url', 0)
  })
})

describe('what starts the functions', () => {
  const mapping = (id: string) => {
    const { EventSourceArn, FunctionName, ...rest } = properties(id)
    return [text(EventSourceArn), text(FunctionName), rest.ScalingConfig?.MaximumConcurrency, rest]
  }

  it('batches of ten, of which single messages may fail', () => {
    assert.deepEqual(mapping('ReadyToWork').slice(0, 3), ['Ready.Arn', 'Work', 10])
    assert.deepEqual(mapping('DelayToPromote').slice(0, 3), ['Delay.Arn', 'Promote', 20])
    assert.deepEqual(mapping('BackgroundToPromote').slice(0, 3), ['Background.Arn', 'Promote', 2])
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      // FIFO queues know no window, and here nothing is to wait.
      MaximumBatchingWindowInSeconds: Match.absent(),
    })
    assert.equal(idsOf('AWS::Lambda::EventSourceMapping').length, 3)
  })

  it('as many reconciles at once as somebody asks for', () => {
    const { ScalingConfig } = synth({ workConcurrency: 40 }).resources.get('ReadyToWork')?.Properties ?? {}
    assert.deepEqual(ScalingConfig, { MaximumConcurrency: 40 })
  })

  it('the relay every minute, alone, and never a start that is late', () => {
    assert.equal(properties('RelaySchedule').ScheduleExpression, 'rate(1 minute)')
    assert.equal(properties('Relay').ReservedConcurrentExecutions, 1)
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = properties('RelayEventInvokeConfig')
    assert.deepEqual([MaximumRetryAttempts, MaximumEventAgeInSeconds], [0, 60])
  })

  it('a resync every ten hours, or as somebody asks', () => {
    assert.equal(properties('ResyncSchedule').ScheduleExpression, 'rate(10 hours)')
    const rateOf = (resyncHours: number) =>
      synth({ resyncHours }).resources.get('ResyncSchedule')?.Properties.ScheduleExpression
    assert.equal(rateOf(1), 'rate(1 hour)')
    assert.equal(rateOf(24), 'rate(24 hours)')
  })

  it('schedules that make up for nothing', () => {
    for (const id of idsOf('AWS::Scheduler::Schedule')) {
      assert.deepEqual(properties(id).FlexibleTimeWindow, { Mode: 'OFF' })
      assert.deepEqual(properties(id).Target.RetryPolicy, {
        MaximumEventAgeInSeconds: 60,
        MaximumRetryAttempts: 0,
      })
      assert.equal(text(properties(id).Target.Arn), `${id.replace('Schedule', '')}.Arn`)
    }
  })

  it('public URLs of review and ingress, and of nothing else', () => {
    assert.deepEqual(idsOf('AWS::Lambda::Url').sort(), ['IngressUrl', 'ReviewUrl'])
    template.allResourcesProperties('AWS::Lambda::Url', { AuthType: 'NONE' })
    const open = idsOf('AWS::Lambda::Permission').map((id) => {
      const { Action, FunctionName, FunctionUrlAuthType, InvokedViaFunctionUrl } = properties(id)
      return [text(FunctionName), Action, FunctionUrlAuthType ?? InvokedViaFunctionUrl].join(' ')
    })
    assert.deepEqual(open.sort(), [
      'Ingress.Arn lambda:InvokeFunction true',
      'Ingress.Arn lambda:InvokeFunctionUrl NONE',
      'Review.Arn lambda:InvokeFunction true',
      'Review.Arn lambda:InvokeFunctionUrl NONE',
    ])
  })

  it('reviews and the ingress within a concurrency of their own, where it is asked for', () => {
    const reserved = (settings: Partial<StackSettings>) => {
      const { resources } = synth({ ...EVERYTHING, ...settings })
      return ['Review', 'Ingress'].map((id) => resources.get(id)?.Properties.ReservedConcurrentExecutions)
    }
    assert.deepEqual(reserved({}), [undefined, undefined])
    assert.deepEqual(reserved({ reviewConcurrency: 20 }), [20, undefined])
    assert.deepEqual(reserved({ ingressConcurrency: 5 }), [undefined, 5])
  })
})

describe('the inventory', () => {
  it('is in a bucket that is encrypted, closed, over TLS alone, and clears up after itself', () => {
    const { BucketEncryption, PublicAccessBlockConfiguration, LifecycleConfiguration } =
      properties('Inventory')
    assert.deepEqual(BucketEncryption.ServerSideEncryptionConfiguration, [
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ])
    assert.deepEqual(Object.values(PublicAccessBlockConfiguration), [true, true, true, true])
    assert.deepEqual(LifecycleConfiguration.Rules, [
      {
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        Status: 'Enabled',
      },
    ])
    const [statement] = properties('InventoryPolicy').PolicyDocument.Statement
    assert.equal(statement.Effect, 'Deny')
    assert.deepEqual(statement.Condition, { Bool: { 'aws:SecureTransport': 'false' } })
  })
})

describe('the stack as a whole', () => {
  it('is the same template whenever it is made', () => {
    assert.deepEqual(synth(EVERYTHING).template.toJSON(), template.toJSON())
  })

  it('is what CloudFormation’s own schemas allow', (context) => {
    assert.deepEqual(complaintsOf({ ...EVERYTHING, fargate: FARGATE, network: NETWORK }), [])
    context.mock.method(process.stderr, 'write', () => true)
    context.mock.method(console, 'error', () => {})
    assert.ok(complaintsOf({ fargate: { ...FARGATE, vpc: 'nonsense' } }).length > 0, 'nobody looks')
  })

  it('is tagged as the operator’s', () => {
    for (const id of ['Ready', 'Work', 'Inventory']) {
      const tags: { Key: string; Value: string }[] = properties(id).Tags
      assert.ok(tags.some(({ Key, Value }) => Key === 'app.kubernetes.io/part-of' && Value === 'web'))
    }
  })

  it('tells what others have to know', () => {
    assert.deepEqual([...outputs].sort(), [
      ...['backgroundQueueUrl', 'deadQueueUrl', 'delayQueueUrl', 'ingressUrl', 'inventory', 'lostQueueUrl'],
      ...['readyQueueUrl', 'relayRoleArn', 'resyncRoleArn', 'reviewUrl', 'workRoleArn'],
    ])
  })

  it('makes nothing that would run code of somebody else’s', () => {
    template.resourceCountIs('AWS::CloudFormation::CustomResource', 0)
    assert.deepEqual(
      idsOf('AWS::Lambda::Function').filter((id) => !(nameOf(id) in FUNCTIONS)),
      [],
    )
  })
})
