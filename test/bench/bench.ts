/** `npm run bench -- NAME`: measurements, never tests. Figures of one run compare with each other only. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { benchApiServer } from './apiserver.ts'
import { benchAws } from './aws.ts'
import { benchChurn } from './churn.ts'
import { benchCloudflare } from './cloudflare.ts'
import { benchCold } from './cold.ts'
import { benchPath } from './path.ts'
import { benchQueue } from './queue.ts'
import { benchRestart } from './restart.ts'
import { benchReview } from './review.ts'

const HELP = `Measures. Quote ratios and medians of one run; machines differ.

  npm run bench -- path    change to status latency, reconciles per second beside a bare loop and client-node,
                           runs per object, API calls, memory of the relay
  npm run bench -- queue   add + get + done of the embedded queue, in memory and on disk, memory per key
  npm run bench -- restart a relay that comes back and knows 100,000 objects: time, bytes
  npm run bench -- review  admission reviews per second and their latency over TLS, and a function's cold start
  npm run bench -- cold    what each function on AWS reads before it can be called, how long that takes, and its AWS client;
                           what a Worker weighs, and its start in workerd
  npm run bench -- aws     what a change costs on AWS: requests, invocations, billed time, dollars (on the local AWS)
  npm run bench -- cloudflare
                           what a change costs on Cloudflare: reconciles, API calls, dollars (the Workers in workerd)
  npm run bench -- apiserver
                           the embedded API server: writes and reads per second, lists, watches, start, memory; with
                           --kubeconfig beside a real one
  npm run bench -- churn   160 changes per second of objects with a child: what keys wait, memory, CPU, and that nothing is
                           lost; Fairlead with its state on disk beside client-node

Options
  --kubeconfig FILE  a real API server instead of the embedded one (path, churn), or beside it (apiserver)
  --objects N        objects made at once (path, default 1000), or that there are (churn, default 9000)
  --seconds S        how long they are changed (churn, default 60; the full measurement: 900)
  --heap MIB         limit of the heap of the process measured (churn, default: none, as V8 has it)
  --json FILE        writes the figures there as well
  -h, --help         this text
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kubeconfig: { type: 'string' },
    objects: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    heap: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

const benches: Record<string, () => Promise<object>> = {
  apiserver: () => benchApiServer({ kubeconfig: values.kubeconfig }),
  path: () => benchPath({ kubeconfig: values.kubeconfig, objects: Number(values.objects ?? 1000) }),
  queue: benchQueue,
  restart: benchRestart,
  review: benchReview,
  cold: benchCold,
  aws: benchAws,
  cloudflare: benchCloudflare,
  churn: () =>
    benchChurn({
      kubeconfig: values.kubeconfig,
      objects: Number(values.objects ?? 9000),
      seconds: Number(values.seconds),
      heapMebibytes: values.heap === undefined ? undefined : Number(values.heap),
    }),
}
const bench = benches[positionals[0] ?? '']
if (values.help || bench === undefined) {
  process.stdout.write(HELP)
  process.exit(values.help ? 0 : 2)
}
// Without a listener nobody hears of the exit, and servers that were started would outlive it.
process.once('SIGTERM', () => process.exit(143))
const figures = await bench()
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
process.exit(0)
