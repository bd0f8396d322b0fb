/** The command line of `npm run infra:aws`. */
import { parseOptions, refuse } from '../../functions/program.ts'
import { check, checkReference, eksIn, readSetting } from './given.ts'
import type { EksCluster, StackSettings } from './settings.ts'

const HELP = `Writes the CloudFormation template of the operator of functions/operator.ts, and the code of its functions.
Needs no network and no credentials; deploying what it wrote does.

  npm run infra:aws
  npm run infra:aws -- --clusters clusters.json --eks-access --email me@example.com

Options
  --name NAME             of the stack (default: the operator's)
  --region REGION         where it may be deployed (default: wherever it is)
  --out DIR               where to write (default: .fairlead/aws/cdk.out)
  --clusters FILE|REF     FAIRLEAD_CLUSTERS (default: ssm:/NAME/clusters)
  --review-keys REF       FAIRLEAD_REVIEW_KEYS, where the operator has reviews (default: ssm:/NAME/review-keys)
  --ingress FILE|REF      FAIRLEAD_INGRESS; without it there is no ingress
  --reads REF             a reference inside of what another reference holds; may be repeated
  --eks NAME              an EKS cluster that the functions look up; may be repeated (those in a FILE of --clusters are)
  --eks-access            also lets work and relay into these clusters; "npm run manifests -- --groups" says what for
  --work-concurrency N    batches of reconciles at once, 2 to 1000 (default: 10)
  --review-concurrency N  most reviews at once (default: no limit of their own)
  --ingress-concurrency N most requests to the ingress at once (default: no limit of their own)
  --resync-hours N        hours between looks at everything (default: 10)
  --email ADDRESS         who is told of alarms
  --topic ARN             an SNS topic that is told of alarms
  --fargate IMAGE         the relay as a resident task (infra/kube/Dockerfile, for arm64) instead of a function
  --in-vpc                the functions that talk to clusters run in a VPC: for API servers without a public address
  --vpc ID                where the task, or these functions, run
  --subnets ID,ID         and the subnets, with a NAT gateway or endpoints for what they ask of AWS (SQS, S3, SSM, EKS)
  --public-ip             the task needs neither: it gets a public address
  -h, --help              this text

A REF is ssm:/path/of/parameter or secretsmanager:NAME-OR-ARN. What a FILE holds is in the template, for whoever may read it:
no secrets. A parameter or secret under a KMS key of your own needs kms:Decrypt besides, from the key's policy.
`

const OPTIONS = {
  name: { type: 'string' },
  region: { type: 'string' },
  out: { type: 'string' },
  clusters: { type: 'string' },
  'review-keys': { type: 'string' },
  ingress: { type: 'string' },
  reads: { type: 'string', multiple: true },
  eks: { type: 'string', multiple: true },
  'eks-access': { type: 'boolean' },
  'work-concurrency': { type: 'string' },
  'review-concurrency': { type: 'string' },
  'ingress-concurrency': { type: 'string' },
  'resync-hours': { type: 'string' },
  email: { type: 'string' },
  topic: { type: 'string' },
  fargate: { type: 'string' },
  vpc: { type: 'string' },
  subnets: { type: 'string' },
  'in-vpc': { type: 'boolean' },
  'public-ip': { type: 'boolean' },
} as const

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>

/** Reads the command line; ends the process with help, or with 2 on what cannot be meant. */
export function parseInfraOptions(operator: string) {
  const values = parseOptions(OPTIONS, HELP)
  const { name = operator, region, out = '.fairlead/aws/cdk.out', reads = [], email, topic } = values
  check('name', name, /^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'must be a letter, then letters, digits, dashes')
  check('region', region, /^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region')
  check('email', email, /^[^@\s]+@[^@\s]+$/, 'must be an address')
  check('topic', topic, /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'must be the ARN of a topic')
  for (const reference of reads) checkReference('reads', reference)
  const clusters = readSetting('clusters', values.clusters ?? `ssm:/${name}/clusters`)
  const eks = [...eksIn(clusters), ...(values.eks ?? []).map((one) => ({ name: one }))]
  const hasEksAccess = values['eks-access'] ?? false
  checkEks(eks, region, hasEksAccess)
  const reviewKeys = values['review-keys'] ?? `ssm:/${name}/review-keys`
  checkReference('review-keys', reviewKeys)
  return {
    ...{ name, region, out, clusters, reviewKeys, references: reads, eks, hasEksAccess, email },
    ingress: values.ingress === undefined ? undefined : readSetting('ingress', values.ingress),
    topicArn: topic,
    ...placesOf(values),
    workConcurrency: count('work-concurrency', values, 2, 1000),
    reviewConcurrency: count('review-concurrency', values, 1, 1000),
    ingressConcurrency: count('ingress-concurrency', values, 1, 1000),
    resyncHours: count('resync-hours', values, 1, 8760),
  }
}

/** What runs in a VPC, and where. */
function placesOf(values: Values): Pick<StackSettings, 'fargate' | 'network'> {
  const { fargate: image, vpc, subnets, 'public-ip': hasPublicIp, 'in-vpc': isInVpc = false } = values
  if (hasPublicIp !== undefined && image === undefined) refuse('--public-ip goes with --fargate\n')
  if (image === undefined && !isInVpc) {
    if (vpc !== undefined || subnets !== undefined)
      refuse('--vpc and --subnets go with --fargate or --in-vpc\n')
    return {}
  }
  if (vpc === undefined || subnets === undefined) refuse('--fargate and --in-vpc need --vpc and --subnets\n')
  check('vpc', vpc, /^vpc-[0-9a-f]+$/, 'must be the id of a VPC')
  check(
    'subnets',
    subnets,
    /^subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*$/,
    'must be ids of subnets, with commas between',
  )
  const network = { vpc, subnets: subnets.split(',') }
  return {
    ...(isInVpc && { network }),
    ...(image !== undefined && { fargate: { image, hasPublicIp, ...network } }),
  }
}

function checkEks(clusters: readonly EksCluster[], region: string | undefined, hasAccess: boolean): void {
  for (const { name } of clusters)
    check('eks', name, /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be the name of a cluster')
  if (!hasAccess) return
  if (clusters.length === 0) refuse('--eks-access needs clusters: --eks NAME\n')
  const far = clusters.find((one) => one.region !== undefined && one.region !== region)
  if (far !== undefined)
    refuse(
      `--eks-access: cluster ${far.name} is in ${far.region}: the stack must be there too (--region ${far.region})\n`,
    )
}

function count(name: keyof typeof OPTIONS, values: Values, least: number, most: number): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  refuse(`--${name} must be a whole number from ${least} to ${most}, got ${String(text)}\n`)
}
