/** A process beside the functions that uses the same queues: the relay, where it is none of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = resolve(import.meta.dirname, '../../..')

interface Resident {
  /** Resolves when the process is gone, with how. */
  readonly ended: Promise<string>
  /** SIGTERM, and after `graceSeconds` SIGKILL. */
  stop(graceSeconds: number): Promise<void>
}

/** Starts an entry (a path from the repository's root, and arguments) with these settings; each line that it writes goes to `log`. */
export function startResident(
  [entry, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Resident {
  const child = spawn(process.execPath, [resolve(ROOT, entry), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', log)
  const ended = once(child, 'close').then(([code, signal]) =>
    code === null ? `${signal}` : `exit status ${code}`,
  )
  return {
    ended,
    async stop(graceSeconds) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000)
      await ended
      clearTimeout(timer)
    },
  }
}
