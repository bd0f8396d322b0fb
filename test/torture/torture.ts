/** `npm run torture`: kills the real process at random moments and proves that nothing was lost. */
import { parseArgs } from 'node:util'
import { torture } from './run.ts'

const HELP = `Kills the operator's process (kill -9) at random moments while objects come, change and go, then checks that every
object converged, every deletion was seen, no two runs of one key overlapped, and every due timer fired.

  npm run torture -- [options]

Options
  --kills N    how often (default 100; about a second each)
  --seed S     chance that can be had again (default: a random one, printed). The same seed does the same things in the
               same order and kills after the same times; where exactly a kill falls is the machine's.
  --kubeconfig FILE
               a cluster to do it in (default: an embedded API server). Its garbage collector must run. Works in a
               namespace of its own; the CRDs of torture.fairlead.dev stay.
  -h, --help   this text

Prints one line at the end. Ends with 1 where anything was lost, 2 where the command line is wrong.
`

const { values } = parse()
if (values.help) {
  process.stdout.write(HELP)
  process.exit(0)
}
const kills = wholeNumber('--kills', values.kills, 1)
const seed = wholeNumber('--seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), 0)
process.stderr.write(`seed ${seed}, ${kills} kills\n`)
const { problems, ...figures } = await torture({
  kills,
  seed,
  kubeconfig: values.kubeconfig,
  onKill: showProgress,
})
for (const problem of problems.slice(0, 20)) process.stderr.write(`${problem}\n`)
const { objects, deletes, changes, runs, timers, cutShort, seconds } = figures
process.stdout.write(
  `torture: ${problems.length === 0 ? 'ok' : `FAILED, ${problems.length} problems`} | seed ${seed} | ${kills} kills, ` +
    `${cutShort} runs cut short | ${objects} objects, ${changes} changes, ${deletes} deletions | ${runs} runs, ` +
    `${timers} by timers | ${seconds.toFixed(0)} s\n`,
)
process.exit(problems.length === 0 ? 0 : 1)

function parse() {
  try {
    return parseArgs({
      options: {
        kills: { type: 'string', default: '100' },
        seed: { type: 'string' },
        kubeconfig: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least) return number
  return refuse(`${name} must be a whole number >= ${least}, got ${text}`)
}

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n\n${HELP}`)
  process.exit(2)
}

function showProgress(count: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${count} of ${kills} kills${count === kills ? '\n' : ''}`)
  else if (count % 10 === 0) process.stderr.write(`${count} of ${kills} kills\n`)
}
