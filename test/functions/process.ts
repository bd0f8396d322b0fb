/** An entry of functions/ as a user starts it: a process of its own, its lines, and how it ends. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { scratchFolder } from '../scratch.ts'

export interface Program extends AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly lines: string[]
  /** The first line, past or coming, that matches; rejects with everything printed when the program ends before. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with exit code and signal. */
  ended(): Promise<readonly [code: number | null, signal: string | null]>
  readonly folder: string
}

/** Starts `functions/NAME.ts` in an empty folder of its own. */
export const startProgram = (name: string, args?: readonly string[], env?: Record<string, string>): Program =>
  startScript(`functions/${name}.ts`, args, env)

/** Starts any script of this repository in an empty folder of its own. */
export function startScript(
  path: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Program {
  const folder = scratchFolder()
  const child = spawn(process.execPath, [resolve(path), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, KUBECONFIG: '', ...env },
  })
  const lines: string[] = []
  const waiters = new Set<() => void>()
  const told = () => {
    for (const waiter of waiters) waiter()
  }
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      told()
    })
  const closed = once(child, 'close').then(() => told())
  return {
    child,
    lines,
    folder,
    line: (pattern) =>
      new Promise((found, failed) => {
        const look = () => {
          const match = lines.map((line) => pattern.exec(line)).find((result) => result !== null)
          if (!match && child.exitCode === null && child.signalCode === null) return
          waiters.delete(look)
          if (match) found(match)
          else failed(new Error(`${path} ended without ${pattern}:\n${lines.join('\n')}`))
        }
        waiters.add(look)
        look()
      }),
    async ended() {
      await closed
      return [child.exitCode, child.signalCode]
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
