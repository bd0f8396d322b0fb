/** The words of `npm run start:aws`: its command line, the lines of functions made readable, and the figures at the end. */
import { parseOptions, parsePort, refuse } from '../../../functions/program.ts'
import { changeLines, each, type Style, type Told, teller } from '../../local/told.ts'
import type { AwsFigures } from './aws.ts'
import type { FunctionFigures } from './function.ts'

const HELP = `Runs the operator of functions/operator.ts as on AWS: each function bundled and in processes of its own behind the
Lambda Runtime API, SQS and S3 on loopback, event source mappings, schedules and function URLs between them.

  npm run start:aws                          with an API server of its own, on loopback, in memory

Options
  --port N             port of the API server (default: any free one)
  --relay lambda|node  the relay as a scheduled function, one run after the other (default), or as a process beside them
  --concurrency N      how many processes of one function a queue may keep busy (default: 4)
  --grace SECONDS      how long running functions may go on after SIGTERM (default: 5)
  -h, --help           this text

Prints "kubeconfig: PATH" and "ready" on lines of their own, then one line per thing that happens, the function's name first.
Ctrl-C stops it and prints what it took: invocations and calls, and how many for each change. Nothing is kept.
`

const OPTIONS = {
  port: { type: 'string' },
  relay: { type: 'string' },
  concurrency: { type: 'string' },
  grace: { type: 'string' },
} as const

/** Reads the command line; ends the process with help, or with 2 on what cannot be meant. */
export function parseAwsOptions() {
  const values = parseOptions(OPTIONS, HELP)
  const { relay = 'lambda' } = values
  if (relay !== 'lambda' && relay !== 'node') refuse(`--relay must be lambda or node, got ${relay}\n`)
  return {
    port: parsePort(values.port),
    relay,
    concurrency: wholeNumber('--concurrency', values.concurrency ?? '4', { least: 1, most: 100 }),
    graceSeconds: wholeNumber('--grace', values.grace ?? '5', { least: 0, most: 900 }),
  } as const
}

function wholeNumber(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number
  return refuse(`${option} must be a whole number from ${least} to ${most}, got ${text}\n`)
}

/** Prints lines of functions, each behind the function's name. */
export function functionPrinter(
  print: (line: string) => void,
  style: Style,
): { readonly log: (name: string, line: string) => void; readonly told: () => Told } {
  const { tell, told } = teller(print, style)
  return { told, log: (name, line) => tell(line, name.padEnd(8)) }
}

/** What a run took, a line each. */
export function figureLines({ functions, mappings, calls }: AwsFigures, told: Told): string[] {
  const used = Object.entries(functions).filter(([, { invocations }]) => invocations > 0)
  const empty = Object.values(mappings).reduce((sum, { emptyReceives }) => sum + emptyReceives, 0)
  // A poll that finds nothing is the price of waiting, not of a change.
  const busy = Object.values(calls).reduce((sum, count) => sum + count, 0) - empty
  const invocations = used.reduce((sum, [, figures]) => sum + figures.invocations, 0)
  return [
    ...used.map(([name, figures]) => `${name.padEnd(8)}${functionLine(figures)}`),
    `calls   ${Object.entries(calls)
      .map(([action, count]) => `${count} ${action}`)
      .join(', ')} (${empty} receives found nothing)`,
    ...changeLines(told, [`${each(invocations, told)} invocations`, `${each(busy, told)} calls of AWS`]),
  ]
}

const functionLine = ({ invocations, coldStarts, errors, initMs, durationMs }: FunctionFigures): string =>
  `${invocations} invocations, ${errors} failed, median ${median(durationMs)} ms; ` +
  `${coldStarts} cold starts, median ${median(initMs)} ms`

const median = (values: readonly number[]): number =>
  Math.round(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0)
