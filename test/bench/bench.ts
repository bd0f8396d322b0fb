/** `npm run bench -- NAME`: measurements, never tests. Figures of one run compare with each other only. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { benchPath } from './path.ts'
import { benchQueue } from './queue.ts'

const HELP = `Measures. Quote ratios and medians of one run; machines differ.

  npm run bench -- path    change to status latency, reconciles per second beside a bare loop and client-node,
                           runs per object, API calls, memory of the relay
  npm run bench -- queue   add + get + done of the embedded queue, memory per key

Options
  --kubeconfig FILE  a real API server instead of the embedded one (path)
  --objects N        objects made at once (path, default 1000)
  --json FILE        writes the figures there as well
  -h, --help         this text
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kubeconfig: { type: 'string' },
    objects: { type: 'string', default: '1000' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

const benches: Record<string, () => Promise<object>> = {
  path: () => benchPath({ kubeconfig: values.kubeconfig, objects: Number(values.objects) }),
  queue: benchQueue,
}
const bench = benches[positionals[0] ?? '']
if (values.help || bench === undefined) {
  process.stdout.write(HELP)
  process.exit(values.help ? 0 : 2)
}
const figures = await bench()
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
process.exit(0)
