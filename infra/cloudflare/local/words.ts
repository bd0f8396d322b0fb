/** The words of `npm run start:cloudflare`: its command line. */
import { parseOptions, parsePort } from '../../../functions/program.ts'

const HELP = `Runs the operator of functions/operator.ts as on Cloudflare: the Workers of wrangler.toml in workerd, the runtime itself, with
their Durable Objects, alarms and queue, the cron, and a URL for reviews.

  npm run start:cloudflare                   with an API server of its own, on loopback, in memory

Options
  --port N             port of the API server (default: any free one)
  -h, --help           this text

Prints "kubeconfig: PATH" and "ready" on lines of their own, then one line per thing that happens. Ctrl-C stops it and prints what it
took. Nothing is kept.
`

const OPTIONS = { port: { type: 'string' } } as const

/** Reads the command line; ends the process with help, or with 2 on what cannot be meant. */
export const parseCloudflareOptions = () => ({ port: parsePort(parseOptions(OPTIONS, HELP).port) })
