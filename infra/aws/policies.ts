/**
 * What each function may do: a statement per need, on named resources. Patterns are left where AWS has no names: the streams of
 * a log group, the objects of the inventory, the random end of the ARN of a secret that is known by its name, the token of a
 * container registry, and the network interfaces of a function in a VPC.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib/core'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { FunctionName } from './functions.ts'
import type { QueueName } from './queues.ts'
import type { EksCluster } from './settings.ts'

/** Where a function sends to; it has the URLs of the other queues too, and nothing to do there. */
export const SENDS: Readonly<Record<FunctionName, readonly QueueName[]>> = {
  work: ['ready', 'delay', 'background', 'dead'],
  promote: ['ready', 'delay', 'background'],
  relay: ['ready', 'background'],
  resync: ['background'],
  review: [],
  ingress: ['ready', 'delay', 'background'],
}

/** Folder of the inventory in its bucket. */
export const INVENTORY_PREFIX = 'inventory'

const allow = (actions: string[], resources: string[], conditions = {}) =>
  new PolicyStatement({ actions, resources, conditions })

export const sending = (queues: readonly IQueue[]) =>
  allow(
    ['sqs:SendMessage'],
    queues.map(({ queueArn }) => queueArn),
  )

/** What Lambda asks of the role of a function that a queue triggers, and giving back what is not handled now. */
export const consuming = (...queues: readonly IQueue[]) =>
  allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    queues.map(({ queueArn }) => queueArn),
  )

/** A change revives a key that was given up: it is looked for among the dead. */
export const reviving = (dead: IQueue) =>
  allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'], [dead.queueArn])

export const measuring = (queue: IQueue) => allow(['sqs:GetQueueAttributes'], [queue.queueArn])

export const logging = (groupArn: string) => allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [groupArn])

/** Reading, writing and listing below the prefix. */
export const inventory = (bucket: Bucket) => [
  allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects(`${INVENTORY_PREFIX}/*`)]),
  // Without it an object that is not there is a 403 and looks like a missing permission.
  allow(['s3:ListBucket'], [bucket.bucketArn], {
    StringLike: { 's3:prefix': [INVENTORY_PREFIX, `${INVENTORY_PREFIX}/*`] },
  }),
]

/** Addresses and authorities of clusters. What lets a function into a cluster is the cluster's RBAC, not IAM. */
export const describing = (scope: Construct, clusters: readonly EksCluster[]) =>
  allow(
    ['eks:DescribeCluster'],
    clusters.map(({ name, region }) =>
      Stack.of(scope).formatArn({
        service: 'eks',
        ...(region !== undefined && { region }),
        resource: 'cluster',
        resourceName: name,
      }),
    ),
  )

/** `ssm:/path/of/parameter` or `secretsmanager:NAME`, or ARNs in place of the names; undefined for what is no reference. */
export function reading(scope: Construct, reference: string): PolicyStatement | undefined {
  const [, kind, what = ''] = /^(ssm|secretsmanager):(.+)$/s.exec(reference) ?? []
  if (kind === undefined) return undefined
  const action = kind === 'ssm' ? 'ssm:GetParameter' : 'secretsmanager:GetSecretValue'
  const stack = Stack.of(scope)
  const named = () =>
    kind === 'ssm'
      ? stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: what.replace(/^\//, '') })
      : stack.formatArn({
          service: 'secretsmanager',
          resource: 'secret',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          resourceName: `${what}-??????`,
        })
  return allow([action], [what.startsWith('arn:') ? what : named()])
}

/** What Lambda asks of the role of a function in a VPC: the interfaces have no names before they are there. */
export const attaching = () =>
  allow(
    [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    ['*'],
  )

/** Pulling an image; nothing for one that is not in a private registry of AWS. */
export function pulling(scope: Construct, image: string): PolicyStatement[] {
  const [, account, region, name] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com[a-z.]*\/([^:@]+)/.exec(image) ?? []
  if (account === undefined || region === undefined || name === undefined) return []
  const repository = Stack.of(scope).formatArn({
    service: 'ecr',
    account,
    region,
    resource: 'repository',
    resourceName: name,
  })
  return [
    allow(
      ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
      [repository],
    ),
    // Of the whole registry, for AWS.
    allow(['ecr:GetAuthorizationToken'], ['*']),
  ]
}
