/** What the resident entries share as programs: strict command lines, signals, and an end with the right exit status. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** Parses arguments. Prints the help and ends with 0 on --help; the reason and the help, and 2, on anything unknown. */
export const parseOptions = <O extends Options>(options: O, help: string) =>
  parse({ options, allowPositionals: false, allowNegative: true } as const, help).values

/** The same for a command that is followed by words: they are its `positionals`. */
export const parseCommand = <O extends Options>(options: O, help: string) =>
  parse({ options, allowPositionals: true } as const, help)

type Options = NonNullable<ParseArgsConfig['options']>

function parse<C extends ParseArgsConfig>(config: C, help: string) {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help)
    process.exit(0)
  }
  try {
    return parseArgs<C>({ args, ...config })
  } catch (error) {
    refuse(`${textOf(error)}\n\n${help}`)
  }
}

/** A TCP port; 0 lets the system choose. */
export function parsePort(text: string | undefined): number {
  const port = Number(text ?? 0)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  refuse(`--port must be a whole number from 0 to 65535, got ${text}\n`)
}

/** A number of seconds, fractions included; 0 where the option is not given. */
export function parseSeconds(option: string, text: string | undefined): number {
  const seconds = Number(text ?? 0)
  if (Number.isFinite(seconds) && seconds >= 0) return seconds
  refuse(`${option} must be a number of seconds, got ${text}\n`)
}

/** Ends with 2 and the reason: the command line is wrong. */
export function refuse(text: string): never {
  process.stderr.write(text)
  process.exit(2)
}

/**
 * Runs a program until it ends by itself or by SIGINT or SIGTERM (the first aborts the signal, the second ends at once).
 * Ends with 0, or with 1 and the error's message: a stack tells a user nothing.
 */
export async function runProgram(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130)
      process.stderr.write(`stopping: ${name}, what runs may end; once more ends at once\n`)
      stop.abort(new Error(`stopped by ${name}`))
    })
  try {
    await run(stop.signal)
  } catch (error) {
    // What a stop interrupts is no error; what goes wrong while stopping is one.
    if (stop.signal.aborted && error === stop.signal.reason) process.exit(0)
    process.stderr.write(
      `error: ${isPortTaken(error) ? `${textOf(error)} (choose another with --port)` : textOf(error)}\n`,
    )
    process.exit(1)
  }
  process.exit(0)
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
