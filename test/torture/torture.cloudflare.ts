/** `npm run torture:cloudflare`: ends Durable Objects and the runtime at random moments and proves that nothing was lost. */
import { appendFileSync } from 'node:fs'
import { tortureCloudflare } from './cloudflare/run.ts'
import { conclude, parseTorture, SEED_HELP } from './command.ts'

const HELP = `Ends Durable Objects (keys in the middle of a run and others, the index, the relay) and the whole runtime (kill -9) of the
Workers that relay and work, in workerd, at random moments while objects come, change and go, then checks that every object
converged, every deletion was seen, no two runs of one key overlapped, every due timer fired, and nothing is left in the queue.

  npm run torture:cloudflare -- [options]

Options
  --kills N    how often (default 100; about a second each)
${SEED_HELP}
  --log FILE   add to it what the Workers write
  -h, --help   this text

Prints one line at the end. Ends with 1 where anything was lost, 2 where the command line is wrong.
`

const { values, ...how } = parseTorture({ log: { type: 'string' } }, HELP)
const { log: file } = values
const verdict = await tortureCloudflare({
  ...how,
  ...(file && { log: (line: string) => appendFileSync(file, `${Date.now()} ${line}\n`) }),
})
const { killed, lives, crashes, restSeconds, latestMs, usualMs } = verdict
conclude('torture:cloudflare', how, verdict, [
  `${Object.entries(killed)
    .map(([victim, count]) => `${victim} ${count}`)
    .join(', ')} killed`,
  `${lives} lives of keys, ${crashes} crashes counted`,
  `a timer ${(latestMs / 1000).toFixed(1)} s late at most, ${usualMs} ms usually in the end`,
  `at rest after ${restSeconds.toFixed(0)} s`,
])
