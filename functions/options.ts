/** Command lines of the resident entries: parsed strictly, refused with the reason and the way out. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** Parses arguments. Prints the help and ends with 0 on --help; the reason and the help, and 2, on anything unknown. */
export function parseOptions<O extends NonNullable<ParseArgsConfig['options']>>(options: O, help: string) {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help)
    process.exit(0)
  }
  try {
    return parseArgs({ args, options, allowPositionals: false }).values
  } catch (error) {
    refuse(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
  }
}

/** A TCP port; 0 lets the system choose. */
export function parsePort(text: string | undefined): number {
  const port = Number(text ?? 0)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  refuse(`--port must be a whole number from 0 to 65535, got ${text}\n`)
}

function refuse(text: string): never {
  process.stderr.write(text)
  process.exit(2)
}

/** Aborts on the first SIGINT or SIGTERM; the second ends the process at once. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130)
      stop.abort(new Error(`stopped by ${name}`))
    })
  return stop.signal
}
