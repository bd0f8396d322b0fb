/** The functions: each with its own role, log and environment, and no setting or permission that it does not need. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { FUNCTIONS, type FunctionName, type Setting } from './functions.ts'
import * as policies from './policies.ts'
import type { Queues } from './queues.ts'
import { referencesIn } from './references.ts'
import type { StackSettings } from './settings.ts'

/** What functions hold on to. */
export interface Means {
  readonly queues: Queues
  readonly bucket: Bucket
  readonly settings: StackSettings
  /** What functions in a VPC have in common. */
  readonly group?: string | undefined
}

export interface Handler {
  readonly name: FunctionName
  readonly function: lambda.Function
  readonly role: iam.Role
}

/** The half of `lambda.FunctionProps` that is a function's own affair. */
export type Limits = Pick<
  lambda.FunctionProps,
  'reservedConcurrentExecutions' | 'retryAttempts' | 'maxEventAge'
>

export function handlerOf(scope: Construct, name: FunctionName, means: Means, limits: Limits = {}): Handler {
  const { timeoutSeconds, memoryMb } = FUNCTIONS[name]
  const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const logGroup = new LogGroup(scope, `${id}Log`, LOG)
  const role = new iam.Role(scope, `${id}Role`, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    description: `${means.settings.operator}: ${name}`,
  })
  const network = reads(name, 'FAIRLEAD_CLUSTERS') ? networkOf(means) : undefined
  const statements = [
    policies.logging(logGroup.logGroupArn),
    ...statementsOf(scope, name, means),
    ...(network === undefined ? [] : [policies.attaching()]),
  ]
  // Below the role: what depends on the role waits for what it may do.
  role.attachInlinePolicy(new iam.Policy(role, 'Policy', { statements }))
  const made = new lambda.Function(scope, id, {
    description: `${means.settings.operator}: ${name}`,
    code: means.settings.code(name),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    timeout: Duration.seconds(timeoutSeconds),
    memorySize: memoryMb,
    environment: environmentOf(name, means),
    role,
    logGroup,
    ...JSON_LOGS,
    // Timers go round from queue to queue for ever, each round a trace longer: Lambda would take them for a runaway loop and
    // drop the message after about 16 rounds (invocation-recursion).
    recursiveLoop: lambda.RecursiveLoop.ALLOW,
    ...limits,
  })
  // By ids alone: the construct's own `vpc` would have to be looked up in an account.
  if (network !== undefined) (made.node.defaultChild as lambda.CfnFunction).vpcConfig = network
  return { name, function: made, role }
}

function networkOf({ settings, group }: Means): lambda.CfnFunction.VpcConfigProperty | undefined {
  const { network } = settings
  if (network === undefined || group === undefined) return undefined
  return { subnetIds: [...network.subnets], securityGroupIds: [group] }
}

const reads = (name: FunctionName, setting: Setting): boolean =>
  (FUNCTIONS[name].settings as readonly Setting[]).includes(setting)

export const LOG = { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY }

/** START, END and REPORT of each invocation cost more than the invocation; what they measure is in the metrics. */
const JSON_LOGS: Pick<lambda.FunctionProps, 'loggingFormat' | 'applicationLogLevelV2' | 'systemLogLevelV2'> =
  {
    loggingFormat: lambda.LoggingFormat.JSON,
    applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
    systemLogLevelV2: lambda.SystemLogLevel.WARN,
  }

/** The settings of a function, as its environment. */
export function environmentOf(name: FunctionName, means: Means): Record<string, string> {
  const wanted: readonly Setting[] = FUNCTIONS[name].settings
  const values = valuesOf(means)
  return Object.fromEntries(
    wanted.flatMap((setting) => {
      const value = values[setting]
      return value === undefined ? [] : [[setting, value]]
    }),
  )
}

const valuesOf = ({ queues, bucket, settings }: Means): Record<Setting, string | undefined> => ({
  FAIRLEAD_SQS_READY: queues.ready.queueUrl,
  FAIRLEAD_SQS_DELAY: queues.delay.queueUrl,
  FAIRLEAD_SQS_BACKGROUND: queues.background.queueUrl,
  FAIRLEAD_SQS_DEAD: queues.dead.queueUrl,
  FAIRLEAD_CLUSTERS: settings.clusters,
  FAIRLEAD_INVENTORY: `s3://${bucket.bucketName}/${policies.INVENTORY_PREFIX}`,
  FAIRLEAD_REVIEW_KEYS: settings.reviewKeys,
  FAIRLEAD_INGRESS: settings.ingress,
})

/** Beyond its own log. Also those of a relay that is no function. */
export function statementsOf(scope: Construct, name: FunctionName, means: Means): iam.PolicyStatement[] {
  const { queues, bucket, settings } = means
  const sends = policies.SENDS[name].map((queue) => queues[queue])
  const eks = (settings.eks ?? []).filter(({ isAddressed }) => !isAddressed)
  return [
    ...(sends.length > 0 ? [policies.sending(sends)] : []),
    ...(name === 'work' ? [policies.consuming(queues.ready), policies.reviving(queues.dead)] : []),
    ...(name === 'promote'
      ? [policies.consuming(queues.delay, queues.background), policies.measuring(queues.ready)]
      : []),
    ...(reads(name, 'FAIRLEAD_INVENTORY') ? policies.inventory(bucket) : []),
    ...(reads(name, 'FAIRLEAD_CLUSTERS') && eks.length > 0 ? [policies.describing(scope, eks)] : []),
    ...referencesOf(name, settings).flatMap((reference) => policies.reading(scope, reference) ?? []),
  ]
}

/** What a function looks up when it starts: settings that are references, and references inside of those that are not. */
function referencesOf(name: FunctionName, { clusters, reviewKeys, ingress, references = [] }: StackSettings) {
  const given = [
    ...(reads(name, 'FAIRLEAD_CLUSTERS') ? [...referencesIn(clusters), ...references] : []),
    ...(reads(name, 'FAIRLEAD_REVIEW_KEYS') ? referencesIn(reviewKeys) : []),
    ...(reads(name, 'FAIRLEAD_INGRESS') ? referencesIn(ingress) : []),
  ]
  return [...new Set(given)]
}
