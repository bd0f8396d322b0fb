/** What `npm run infra:aws` says in the end: what was written, and what to do with it. */
import type { Bundle } from './bundle.ts'
import { FUNCTIONS, type FunctionName } from './functions.ts'
import { isReference } from './references.ts'
import type { StackSettings } from './settings.ts'

export interface Written {
  readonly name: string
  readonly out: string
  readonly bundles: ReadonlyMap<FunctionName, Pick<Bundle, 'firstBytes'>>
  readonly settings: Omit<StackSettings, 'code'>
}

export const summaryOf = ({ name, out, bundles, settings }: Written): string =>
  `${[
    `${out}/${name}.template.json`,
    ...[...bundles].map(([one, { firstBytes }]) => lineOf(one, firstBytes)),
    ...(settings.fargate === undefined ? [] : [`  relay    ${settings.fargate.image} on Fargate`]),
    '',
    'Next:',
    ...valuesToPut(settings).map((line) => `  ${line}`),
    '  npx cdk bootstrap                  once for each account and region',
    `  npx cdk deploy --app ${out}`,
    ...accessLines(settings).map((line) => `  ${line}`),
  ].join('\n')}\n`

const lineOf = (name: FunctionName, bytes: number): string => {
  const { memoryMb, timeoutSeconds } = FUNCTIONS[name]
  return `  ${name.padEnd(8)} ${String(Math.round(bytes / 1000)).padStart(4)} kB, ${memoryMb} MB, ${timeoutSeconds} s`
}

/** What is referred to has to be there before anything runs. */
function valuesToPut({ clusters, reviewKeys, ingress }: Written['settings']): string[] {
  const named = { FAIRLEAD_CLUSTERS: clusters, FAIRLEAD_REVIEW_KEYS: reviewKeys, FAIRLEAD_INGRESS: ingress }
  return Object.entries(named).flatMap(([setting, value]) => {
    if (value === undefined || !isReference(value)) return []
    const [kind = '', ...rest] = value.split(':')
    const what = rest.join(':')
    if (kind === 'ssm')
      return [`aws ssm put-parameter --type SecureString --name ${what} --value "$${setting}"`]
    // One that is known by its ARN is there already.
    if (what.startsWith('arn:')) return []
    return [`aws secretsmanager create-secret --name ${what} --secret-string "$${setting}"`]
  })
}

const accessLines = ({ operator, hasEksAccess }: Written['settings']): string[] =>
  hasEksAccess
    ? [
        'npm run manifests -- --groups      then kubectl apply infra/kube/: what the access entries are good for',
      ]
    : [
        `the role ARNs that it prints: to be let into each cluster (groups ${operator}-work, ${operator}-relay)`,
      ]
