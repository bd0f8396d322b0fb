/** The relay as a resident task on Fargate: it watches without a pause, where the function pauses between its minutes. */
import { Duration, Stack } from 'aws-cdk-lib/core'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import { Policy, type Role } from 'aws-cdk-lib/aws-iam'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { environmentOf, LOG, type Means, statementsOf } from './handlers.ts'
import { outward } from './network.ts'
import { pulling } from './policies.ts'
import type { FargateRelay } from './settings.ts'

export interface RelayTask {
  readonly role: Role
  /** Has figures for as long as a task runs. */
  readonly life: Metric
}

/** Where `functions/relay/node.ts` answers probes. */
const PORT = 8080

/** The user `node` of the official images. */
const USER = '1000:1000'

export function relayTask(scope: Construct, fargate: FargateRelay, means: Means): RelayTask {
  const definition = definitionOf(scope, fargate, means)
  const cluster = new ecs.CfnCluster(scope, 'RelayCluster')
  const service = new ecs.CfnService(scope, 'RelayService', {
    cluster: cluster.ref,
    taskDefinition: definition.taskDefinitionArn,
    launchType: 'FARGATE',
    desiredCount: 1,
    // One inventory is for one relay: the old one goes before the new one comes, which sends what it has missed.
    deploymentConfiguration: {
      minimumHealthyPercent: 0,
      maximumPercent: 100,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
    networkConfiguration: { awsvpcConfiguration: networkOf(scope, fargate) },
    propagateTags: 'SERVICE',
  })
  service.node.addDependency(definition)
  const dimensionsMap = { ClusterName: cluster.ref, ServiceName: service.attrName }
  return {
    role: definition.taskRole as Role,
    life: new Metric({
      namespace: 'AWS/ECS',
      metricName: 'CPUUtilization',
      dimensionsMap,
      statistic: 'SampleCount',
    }),
  }
}

const networkOf = (scope: Construct, { vpc, subnets, hasPublicIp = false }: FargateRelay) => ({
  subnets: [...subnets],
  securityGroups: [outward(scope, 'RelayGroup', vpc)],
  assignPublicIp: hasPublicIp ? 'ENABLED' : 'DISABLED',
})

function definitionOf(scope: Construct, { image }: FargateRelay, means: Means): ecs.FargateTaskDefinition {
  const definition = new ecs.FargateTaskDefinition(scope, 'RelayTask', {
    cpu: 256,
    memoryLimitMiB: 512,
    runtimePlatform: {
      cpuArchitecture: ecs.CpuArchitecture.ARM64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
  })
  const { taskRole } = definition
  taskRole.attachInlinePolicy(
    new Policy(taskRole, 'Policy', { statements: statementsOf(scope, 'relay', means) }),
  )
  for (const statement of pulling(scope, image)) definition.addToExecutionRolePolicy(statement)
  definition.addContainer('relay', {
    image: ecs.ContainerImage.fromRegistry(image),
    environment: { ...environmentOf('relay', means), AWS_REGION: Stack.of(scope).region },
    logging: ecs.LogDrivers.awsLogs({
      streamPrefix: 'relay',
      logGroup: new LogGroup(scope, 'RelayLog', LOG),
    }),
    user: USER,
    readonlyRootFilesystem: true,
    linuxParameters: withoutCapabilities(scope),
    healthCheck: {
      command: ['CMD', 'node', '-e', PROBE],
      interval: Duration.seconds(30),
      timeout: Duration.seconds(5),
      startPeriod: Duration.seconds(60),
    },
    // What it has seen is sent and written down: longer than the program's own grace (20 s).
    stopTimeout: Duration.seconds(30),
  })
  return definition
}

function withoutCapabilities(scope: Construct): ecs.LinuxParameters {
  const parameters = new ecs.LinuxParameters(scope, 'RelayLinux', { initProcessEnabled: true })
  parameters.dropCapabilities(ecs.Capability.ALL)
  return parameters
}

/** Images of Node have no curl. */
const PROBE = `fetch('http://127.0.0.1:${PORT}/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`
