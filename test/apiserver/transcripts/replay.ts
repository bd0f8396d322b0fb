/** `npm run replay`: sends the requests of transcripts to a server and tells every difference between its answers and theirs. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseCommand, refuse, runProgram } from '../../../functions/program.ts'
import { isAllEqual, replayLines, summarize, summaryLine } from './replay/report.ts'
import { type Replay, replay } from './replay/run.ts'
import { readScenario } from './replay/scenario.ts'
import type { RunOptions } from './replay/steps.ts'
import { compactBy, connectBy, TARGET_HELP, TARGET_OPTIONS } from './replay/target.ts'
import { startWebhooks } from './replay/webhooks.ts'

const HELP = `Replays transcripts against an API server and tells every difference.

  npm run replay -- --kubeconfig FILE [options] TRANSCRIPT|FOLDER...

${TARGET_HELP}

Options
  --only TEXT        scenarios whose name contains TEXT
  --max-diffs N      differences shown of each scenario (default: 10)
  --json             instead of lines: a summary as JSON, with every difference
  --settle MS        how long to look for events that should not come before a watch is closed (default: 250)
  --compact COMMAND  shell command that makes the server forget all older versions (for compaction/)
  --keep             leaves the objects that a scenario made
  -h, --help         this text

A folder stands for its own files, not for those of folders in it. Prints "ok NAME (n exchanges)" or
"DIFF NAME STEP (request): path expected ... actual ...", and the sums. Ends with 1 where anything differs, 2 where the
command line is wrong.
`

const { values, positionals } = parseCommand(
  {
    ...TARGET_OPTIONS,
    only: { type: 'string', default: '' },
    'max-diffs': { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    settle: { type: 'string', default: '250' },
    compact: { type: 'string' },
    keep: { type: 'boolean' },
  },
  HELP,
)
if (positionals.length === 0) refuse(`give transcripts or folders of them\n\n${HELP}`)
const most = wholeNumber('--max-diffs', values['max-diffs'])
const options: RunOptions = {
  settleMs: wholeNumber('--settle', values.settle),
  compact: values.compact === undefined ? undefined : compactBy(values.compact),
  keep: values.keep,
}

await runProgram(async (signal) => {
  const scenarios = positionals.flatMap(filesOf).map(readScenario)
  const connection = await connectBy(values, HELP)
  const webhooks = await startWebhooks()
  const replays: Replay[] = []
  for (const scenario of scenarios.filter(({ name }) => name.includes(values.only))) {
    signal.throwIfAborted()
    const outcome = await replay(scenario, connection, webhooks, options)
    replays.push(outcome)
    if (!values.json) await print(replayLines(outcome, most).join('\n'))
  }
  const summary = summarize(replays)
  await print(values.json ? JSON.stringify({ ...summary, results: replays }, null, 1) : summaryLine(summary))
  process.exit(isAllEqual(summary) ? 0 : 1)
})

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => join(path, name))
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (text !== '' && Number.isInteger(number) && number >= 0) return number
  refuse(`${option} must be a whole number >= 0, got ${text}\n`)
}

/** Resolves once it is written: the process must not end before. */
function print(text: string): Promise<void> {
  return new Promise((done) => process.stdout.write(`${text}\n`, () => done()))
}
