/** `npm run record`: runs sources of scenarios against a server and writes one transcript for each scenario. */
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCommand, refuse, runProgram } from '../../../functions/program.ts'
import { loadSource } from './record/load.ts'
import { record } from './record/record.ts'
import type { Stand } from './record/recorder.ts'
import { lookup } from './replay/pointer.ts'
import { compactBy, connectBy, TARGET_HELP, TARGET_OPTIONS } from './replay/target.ts'
import { startWebhooks } from './replay/webhooks.ts'

const HELP = `Records transcripts: runs sources of scenarios against an API server and writes one file for each scenario.

  npm run record -- --kubeconfig FILE --out FOLDER [options] [SOURCE...]

${TARGET_HELP}

Options
  --out FOLDER       where to write NAME.json; what is there under that name is replaced
  --only TEXT        scenarios whose name contains TEXT
  --compact COMMAND  shell command that makes the server forget all older versions (for the source compaction)
  -h, --help         this text

Without a SOURCE: all in scenarios/ but gc, which needs a server with controllers, and compaction, which needs --compact.
Prints "recorded NAME: n steps" for each, and what did not come as its source announced as a WARNING. Ends with 1 where a
scenario could not be recorded, 2 where the command line is wrong.
`

const { values, positionals } = parseCommand(
  {
    ...TARGET_OPTIONS,
    out: { type: 'string' },
    only: { type: 'string', default: '' },
    compact: { type: 'string' },
  },
  HELP,
)
const { out } = values
if (out === undefined) refuse(`give --out FOLDER\n\n${HELP}`)

await runProgram(async (signal) => {
  const loaded = await Promise.all((positionals.length > 0 ? positionals : usualSources()).map(loadSource))
  const chosen = loaded.flat().filter(({ name }) => name.includes(values.only))
  if (chosen.length === 0) throw new Error(`no scenario has a name that contains ${values.only}`)
  const connection = await connectBy(values, HELP)
  const version = await versionOf(connection)
  const compact = values.compact === undefined ? undefined : compactBy(values.compact)
  const stand: Stand = { connection, webhooks: await startWebhooks(), compact }
  mkdirSync(out, { recursive: true })
  let failed = 0
  for (const scenario of chosen) {
    signal.throwIfAborted()
    try {
      const recording = await record(scenario, stand, version)
      writeFileSync(join(out, `${scenario.name}.json`), `${JSON.stringify(recording.scenario, null, 1)}\n`)
      await print(`recorded ${scenario.name}: ${recording.steps} steps`)
      for (const warning of recording.warnings) await print(`  WARNING ${warning}`)
    } catch (error) {
      failed++
      await print(`FAILED ${scenario.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  process.exit(failed === 0 ? 0 : 1)
})

function usualSources(): string[] {
  const folder = join(import.meta.dirname, 'scenarios')
  const files = globSync('*.ts', { cwd: folder }).sort()
  return files.filter((file) => !/^(gc|compaction)\./.test(file)).map((file) => join(folder, file))
}

async function versionOf(connection: Stand['connection']): Promise<string> {
  const { body } = await connection.request({ method: 'GET', path: '/version' })
  const version = lookup(body, '/gitVersion')
  if (typeof version !== 'string') throw new Error('the server does not tell its version at /version')
  return version
}

/** Resolves once it is written: the process must not end before. */
function print(text: string): Promise<void> {
  return new Promise((done) => process.stdout.write(`${text}\n`, () => done()))
}
