/** What starts the functions: queues, the clock, and HTTP. */
import { Duration, Stack } from 'aws-cdk-lib/core'
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { EventSourceMapping, FunctionUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { Handler } from './handlers.ts'

/** The most that a FIFO queue gives at once; also what the deadlines of work and promote are made for. */
const BATCH = 10

/** A function gets batches of a queue, `most` of them at once, and may fail single messages. */
export function onMessages(
  scope: Construct,
  id: string,
  queue: IQueue,
  handler: Handler,
  most: number,
): void {
  new EventSourceMapping(scope, id, {
    target: handler.function,
    eventSourceArn: queue.queueArn,
    batchSize: BATCH,
    reportBatchItemFailures: true,
    maxConcurrency: most,
  })
}

/** A function is started at a rate, such as `rate(1 minute)`; a start that fails is not made up for: the next comes. */
export function onSchedule(scope: Construct, id: string, rate: string, handler: Handler): void {
  const { functionArn } = handler.function
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  })
  const statement = new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] })
  role.attachInlinePolicy(new Policy(role, 'Policy', { statements: [statement] }))
  const schedule = new CfnSchedule(scope, id, {
    scheduleExpression: rate,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: functionArn,
      roleArn: role.roleArn,
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: SHORTEST_AGE.toSeconds() },
    },
  })
  schedule.node.addDependency(role)
}

/** The shortest age at which EventBridge and Lambda may drop an event. */
export const SHORTEST_AGE = Duration.seconds(60)

/** A public URL: the API server signs nothing (SigV4), so the function itself decides whom it answers. */
export const onRequests = (scope: Construct, id: string, handler: Handler): FunctionUrl =>
  new FunctionUrl(scope, id, { function: handler.function, authType: FunctionUrlAuthType.NONE })
