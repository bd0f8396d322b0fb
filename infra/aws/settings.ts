/** What the stack is made from: plain data, checked by whoever reads the command line. */
import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { FunctionName } from './functions.ts'

/** An EKS cluster that the functions talk to. */
export interface EksCluster {
  readonly name: string
  /** The stack's own otherwise. */
  readonly region?: string | undefined
  /** Its address and authority are in the setting: EKS is not asked for them. */
  readonly isAddressed?: boolean | undefined
}

/** Subnets of a VPC, with a way out: a NAT gateway or endpoints. */
export interface Network {
  readonly vpc: string
  readonly subnets: readonly string[]
}

/** The relay as a resident task instead of a function that is started every minute. */
export interface FargateRelay extends Network {
  /** `infra/kube/Dockerfile`, built for arm64 and pushed to where the account can pull it from. */
  readonly image: string
  /** Subnets without a NAT gateway: a public address is the way out. */
  readonly hasPublicIp?: boolean | undefined
}

export interface StackSettings {
  /** Of the operator: names the Kubernetes groups, tags everything. */
  readonly operator: string
  /** What runs in a function; `index.handler` in it. */
  readonly code: (name: FunctionName) => Code
  /** FAIRLEAD_CLUSTERS: JSON, or a reference. JSON is readable by whoever may read the function's configuration. */
  readonly clusters: string
  /** A reference to FAIRLEAD_REVIEW_KEYS; without it there is no review function. */
  readonly reviewKeys?: string | undefined
  /** FAIRLEAD_INGRESS: JSON, or a reference; without it there is no ingress function. */
  readonly ingress?: string | undefined
  /** References inside of the JSON above: the functions that get the JSON may read them. */
  readonly references?: readonly string[] | undefined
  /** The EKS clusters among those of FAIRLEAD_CLUSTERS. */
  readonly eks?: readonly EksCluster[] | undefined
  /** Lets work and relay into the `eks` clusters, as members of the groups that `npm run manifests -- --groups` binds. */
  readonly hasEksAccess?: boolean | undefined
  /** Reconciles at once, in batches of 10 messages (2 to 1,000; default 10). */
  readonly workConcurrency?: number | undefined
  /** Most reviews at once, taken from what the account may run: a flood of them leaves the rest alone (default: no limit). */
  readonly reviewConcurrency?: number | undefined
  /** The same of batches that come by webhook: the URL is public, and strangers cost an invocation each. */
  readonly ingressConcurrency?: number | undefined
  /** Hours between looks at every object (default 10). */
  readonly resyncHours?: number | undefined
  /** Who is told of alarms; AWS sends a letter first that has to be answered. */
  readonly email?: string | undefined
  /** An SNS topic that is told of alarms. */
  readonly topicArn?: string | undefined
  /** Where the functions that talk to clusters run: for API servers that have no public address. */
  readonly network?: Network | undefined
  readonly fargate?: FargateRelay | undefined
}
