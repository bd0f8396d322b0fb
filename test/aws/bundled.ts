/** Functions of tests, bundled and run as the real ones are. */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { bundle } from '../../infra/aws/bundle.ts'
import {
  type LocalFunction,
  type LocalFunctionSettings,
  startFunction,
} from '../../infra/aws/local/function.ts'
import { scratchFolder } from '../scratch.ts'

/** Bundles `test/aws/NAME.ts` and returns the folder. */
export async function bundled(name: string): Promise<string> {
  const folder = join(scratchFolder(), name)
  await bundle(`test/aws/${name}.ts`, folder)
  return folder
}

export interface TestFunction extends LocalFunction, AsyncDisposable {
  readonly lines: string[]
  /** Resolves once a line matches. */
  line(pattern: RegExp): Promise<string>
}

/** A function that is closed with its test. */
export function testFunction(folder: string, settings: Partial<LocalFunctionSettings> = {}): TestFunction {
  const lines: string[] = []
  const waiters = new Set<() => void>()
  const started = startFunction({
    name: 'test',
    folder,
    timeoutSeconds: 10,
    memoryMb: 128,
    env: {},
    log(_name, line) {
      lines.push(line)
      for (const look of waiters) look()
    },
    ...settings,
  })
  return {
    ...started,
    lines,
    line: (pattern) =>
      new Promise((found) => {
        const look = () => {
          const line = lines.find((one) => pattern.test(one))
          if (line === undefined) return
          waiters.delete(look)
          found(line)
        }
        waiters.add(look)
        look()
      }),
    [Symbol.asyncDispose]: () => started.close(),
  }
}

/** Resolves as soon as something of another process or server has become true. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setTimeout(5)
}
