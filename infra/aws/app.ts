/** `npm run infra:aws`: bundles the functions and writes the template that deploys them; touches no account. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { App } from 'aws-cdk-lib/core'
import { operator } from '../../functions/operator.ts'
import { runProgram } from '../../functions/program.ts'
import { type Bundle, bundle } from './bundle.ts'
import { FUNCTIONS, type FunctionName } from './functions.ts'
import { parseInfraOptions } from './options.ts'
import { addStack } from './stack.ts'
import { summaryOf } from './summary.ts'

const { name, region, out, ...given } = parseInfraOptions(operator.name)
const hasReviews = operator.reviews.length > 0 || operator.conversions.length > 0
const settings = { ...given, operator: operator.name, reviewKeys: hasReviews ? given.reviewKeys : undefined }

const wanted = (Object.keys(FUNCTIONS) as FunctionName[]).filter(
  (one) =>
    !(one === 'review' && !hasReviews) &&
    !(one === 'ingress' && settings.ingress === undefined) &&
    !(one === 'relay' && settings.fargate !== undefined),
)

await runProgram(async () => {
  // CDK copies what it deploys into `out`.
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-aws-'))
  try {
    const bundles = new Map<FunctionName, Bundle>()
    for (const one of wanted) bundles.set(one, await bundle(FUNCTIONS[one].entry, join(folder, one)))
    const app = new App({ outdir: out, analyticsReporting: false, treeMetadata: false })
    const code = (one: FunctionName) => Code.fromAsset(join(folder, one))
    addStack(app, name, { ...settings, code }, region === undefined ? {} : { env: { region } })
    app.synth()
    process.stdout.write(summaryOf({ name, out, bundles, settings }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
