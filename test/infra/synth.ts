/** A stack made in process with code that does nothing, read as people read it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { App, type Stack, type StackProps } from 'aws-cdk-lib/core'
import type { StackSettings } from '../../infra/aws/settings.ts'
import { addStack } from '../../infra/aws/stack.ts'
import { scratchFolder } from '../scratch.ts'

export interface Resource {
  readonly Type: string
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation, whose shape the assertions state.
  readonly Properties: any
}

interface Synthesised {
  readonly template: Template
  /** By logical id without its hash. */
  readonly resources: ReadonlyMap<string, Resource>
  readonly outputs: readonly string[]
}

/** CDK's validation of templates takes most of its time; one test is about it. */
process.env.CDK_VALIDATION = 'false'

export function synth(settings: Partial<StackSettings> = {}, props: StackProps = {}): Synthesised {
  const template = Template.fromStack(stackOf(scratchFolder(), settings, props))
  const json = template.toJSON() as { Resources: Record<string, Resource>; Outputs: object }
  const resources = new Map(Object.entries(json.Resources).map(([id, one]) => [withoutHash(id), one]))
  return { template, resources, outputs: Object.keys(json.Outputs) }
}

/** What CDK's validation of templates has to say, by the rules of CloudFormation's own schemas. */
export function complaintsOf(settings: Partial<StackSettings>): unknown[] {
  const folder = scratchFolder()
  process.env.CDK_VALIDATION = 'true'
  try {
    Template.fromStack(stackOf(folder, settings))
  } finally {
    process.env.CDK_VALIDATION = 'false'
  }
  const { pluginReports } = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'))
  return pluginReports.flatMap(({ violations }: { violations: unknown[] }) => violations)
}

function stackOf(outdir: string, settings: Partial<StackSettings>, props: StackProps = {}): Stack {
  const app = new App({ outdir, analyticsReporting: false })
  const code = (name: string) => Code.fromInline(`exports.handler = async () => '${name}'`)
  return addStack(app, 'web', { operator: 'web', code, clusters: 'ssm:/web/clusters', ...settings }, props)
}

/** Everything that may be deployed at once. */
export const EVERYTHING: Partial<StackSettings> = {
  reviewKeys: 'ssm:/web/review-keys',
  ingress: 'secretsmanager:web/ingress',
  eks: [{ name: 'prod' }],
  hasEksAccess: true,
  email: 'me@example.com',
}

export const NETWORK = {
  vpc: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
} as const

export const FARGATE = {
  image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web/relay:1',
  ...NETWORK,
} as const

const withoutHash = (id: string): string => id.replace(/[0-9A-F]{8}$/, '')

/** Intrinsic functions as text: `Ready.Arn`, `arn:${AWS::Partition}:ssm:...`. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return String(value)
  const [[name, given] = ['', undefined]] = Object.entries(value) as [string, unknown][]
  if (name === 'Ref') return String(given).startsWith('AWS::') ? `\${${given}}` : withoutHash(String(given))
  if (name === 'Fn::GetAtt') {
    const [id, attribute] = given as [string, string]
    return `${withoutHash(id)}.${attribute}`
  }
  if (name === 'Fn::Join') {
    const [separator, parts] = given as [string, unknown[]]
    return parts.map(text).join(separator)
  }
  return JSON.stringify(value)
}

interface Statement {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: unknown
  readonly Condition?: object
}

/** The statements of a policy, a line each: actions, `on`, resources, and the condition in the end. */
export const statementsOf = (resource: Resource | undefined): string[] =>
  ((resource?.Properties?.PolicyDocument?.Statement ?? []) as Statement[]).map(
    ({ Effect, Action, Resource, Condition }) =>
      [
        ...(Effect === 'Allow' ? [] : [Effect]),
        [Action].flat().join(' '),
        'on',
        [Resource].flat().map(text).join(' '),
        ...(Condition === undefined ? [] : [JSON.stringify(Condition)]),
      ].join(' '),
  )
