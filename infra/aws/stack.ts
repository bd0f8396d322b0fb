/**
 * An operator on AWS: queues, functions, what starts them and what each may do, alarms. Made from settings alone: it looks up
 * nothing, so the same settings are the same template.
 */
import { CfnOutput, Duration, Stack, type StackProps, Tags } from 'aws-cdk-lib/core'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { accessOf, type Guest } from './access.ts'
import { ringsOf, watchHandler, watchLife, watchQueues } from './alarms.ts'
import { dashboardOf } from './dashboard.ts'
import { type Handler, handlerOf, type Limits, type Means } from './handlers.ts'
import { outward } from './network.ts'
import { queuesOf } from './queues.ts'
import type { StackSettings } from './settings.ts'
import { relayTask } from './task.ts'
import { onMessages, onRequests, onSchedule, SHORTEST_AGE } from './triggers.ts'

/** Adds the stack of an operator to an app. */
export function addStack(app: Construct, id: string, settings: StackSettings, props: StackProps = {}): Stack {
  const stack = new Stack(app, id, { description: `${settings.operator}: a Fairlead operator`, ...props })
  Tags.of(stack).add('app.kubernetes.io/part-of', settings.operator)
  Tags.of(stack).add('app.kubernetes.io/managed-by', 'fairlead')
  const { network } = settings
  const group = network && outward(stack, 'FunctionGroup', network.vpc)
  const means: Means = { queues: queuesOf(stack), bucket: inventoryOf(stack), settings, group }
  const ring = ringsOf(stack, settings)
  watchQueues(ring, means.queues)
  const handlers = [...workersOf(stack, means), ...doorsOf(stack, means)]
  const relay = relayOf(stack, means)
  if (relay.handler !== undefined) handlers.push(relay.handler)
  watchLife(ring, relay.life)
  for (const handler of handlers) watchHandler(ring, handler)
  dashboardOf(stack, means.queues, handlers)
  addGuests(stack, [...handlers, { name: 'relay', role: relay.role }], settings)
  for (const [name, { queueUrl }] of Object.entries(means.queues)) output(stack, `${name}QueueUrl`, queueUrl)
  output(stack, 'inventory', `s3://${means.bucket.bucketName}`)
  return stack
}

/** Rebuilt by the relay when it is gone, so it has no versions; what is left of one that had some goes too. */
const inventoryOf = (stack: Stack) =>
  new Bucket(stack, 'Inventory', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [
      {
        abortIncompleteMultipartUploadAfter: Duration.days(1),
        noncurrentVersionExpiration: Duration.days(1),
      },
    ],
  })

/** What queues and the clock start. */
function workersOf(stack: Stack, means: Means): Handler[] {
  const { queues, settings } = means
  const { workConcurrency = 10, resyncHours = 10 } = settings
  const work = handlerOf(stack, 'work', means)
  const promote = handlerOf(stack, 'promote', means)
  const resync = handlerOf(stack, 'resync', means)
  onMessages(stack, 'ReadyToWork', queues.ready, work, workConcurrency)
  // Timers that end together must not take all that the account may run from work and reviews.
  onMessages(stack, 'DelayToPromote', queues.delay, promote, 20)
  // It waits for `ready` to be short: two that wait are enough, more would let in more at once.
  onMessages(stack, 'BackgroundToPromote', queues.background, promote, 2)
  onSchedule(stack, 'ResyncSchedule', `rate(${resyncHours} ${resyncHours === 1 ? 'hour' : 'hours'})`, resync)
  return [work, promote, resync]
}

/** What HTTP starts. */
function doorsOf(stack: Stack, means: Means): Handler[] {
  const { reviewKeys, reviewConcurrency, ingress, ingressConcurrency } = means.settings
  const doors: Handler[] = []
  if (reviewKeys !== undefined) doors.push(handlerOf(stack, 'review', means, atMost(reviewConcurrency)))
  if (ingress !== undefined) doors.push(handlerOf(stack, 'ingress', means, atMost(ingressConcurrency)))
  for (const door of doors) {
    const { url } = onRequests(stack, `${door.function.node.id}Url`, door)
    output(stack, `${door.name}Url`, url)
  }
  return doors
}

const atMost = (most: number | undefined): Limits =>
  most === undefined ? {} : { reservedConcurrentExecutions: most }

/** The relay: a function that is started every minute, one at a time, or a task. */
function relayOf(stack: Stack, means: Means) {
  const { fargate } = means.settings
  if (fargate !== undefined) return { handler: undefined, ...relayTask(stack, fargate, means) }
  const handler = handlerOf(stack, 'relay', means, {
    reservedConcurrentExecutions: 1,
    // A minute later the next one starts where this one stopped.
    retryAttempts: 0,
    maxEventAge: SHORTEST_AGE,
  })
  onSchedule(stack, 'RelaySchedule', 'rate(1 minute)', handler)
  return { handler, role: handler.role, life: handler.function.metricInvocations() }
}

/** The roles that clusters have to know. */
function addGuests(
  stack: Stack,
  roles: readonly Pick<Handler, 'name' | 'role'>[],
  { operator, eks = [], hasEksAccess = false }: StackSettings,
): void {
  const guests: Guest[] = (['work', 'relay', 'resync'] as const).flatMap((name) => {
    const role = roles.find((one) => one.name === name)?.role
    // Resync lists what the relay watches.
    const group = `${operator}-${name === 'work' ? 'work' : 'relay'}`
    return role === undefined ? [] : [{ id: name, role, group }]
  })
  for (const { id, role } of guests) output(stack, `${id}RoleArn`, role.roleArn)
  if (hasEksAccess) accessOf(stack, eks, guests)
}

const output = (stack: Stack, id: string, value: string) => new CfnOutput(stack, id, { value })
