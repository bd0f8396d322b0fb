/** `npm run torture:aws`: kills processes of the functions on a local AWS at random moments and proves that nothing was lost. */
import { appendFileSync } from 'node:fs'
import { tortureAws } from './aws/run.ts'
import { conclude, parseTorture, SEED_HELP } from './command.ts'

const HELP = `Kills processes of the bundled functions (work, promote, relay, resync) on a local AWS (kill -9) at random moments while objects
come, change and go, then checks that every object converged, every deletion was seen, no two runs of one key overlapped,
every due timer fired, and nothing is left in a queue. What was given up because it was killed time and again by chance is
redriven and must converge then.

  npm run torture:aws -- [options]

Options
  --kills N    how often (default 100; about a second each)
${SEED_HELP}
  --log FILE   add to it what the functions write
  -h, --help   this text

Prints one line at the end. Ends with 1 where anything was lost, 2 where the command line is wrong.
`

const { values, ...how } = parseTorture({ log: { type: 'string' } }, HELP)
const { log: file } = values
const verdict = await tortureAws({
  ...how,
  ...(file && {
    log: (name: string, line: string) => appendFileSync(file, `${Date.now()} ${name} ${line}\n`),
  }),
})
const { killed, coldStarts, redriven, latestMs } = verdict
conclude('torture:aws', how, verdict, [
  `${Object.entries(killed)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')} killed`,
  `${coldStarts} cold starts`,
  `${redriven} given up by chance and redriven`,
  `a timer ${(latestMs / 1000).toFixed(1)} s late at most`,
])
