/**
 * Stock kubectl for tests: the one on PATH, and those that FAIRLEAD_KUBECTLS names (paths, divided by colons), so that
 * several versions can be held against one server.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it, type TestContext } from 'node:test'
import type { ApiServerOptions } from '../../lib/apiserver/index.ts'
import { type Api, startServer } from './client.ts'

interface Binary {
  path: string
  /** Of v1.MINOR; what a version does not have yet is skipped with it. */
  minor: number
}

const installed: Binary[] = ['kubectl', ...(process.env.FAIRLEAD_KUBECTLS ?? '').split(':')]
  .filter((path) => path !== '')
  .flatMap((path) => {
    const { status, stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
    const minor = /"minor": *"(\d+)/.exec(stdout ?? '')?.[1]
    return status === 0 && minor !== undefined ? [{ path, minor: Number(minor) }] : []
  })

export interface Kubectl {
  api: Api
  minor: number
  /** Where the command runs, and files are written. */
  folder: string
  /** Writes a file for it, an object as JSON: its path. */
  file(content: object | string, name?: string): string
  /**
   * Runs a command as it would be typed, single quotes included, and compares what is printed (both streams) with what is
   * expected: without trailing spaces, with one space between columns, and ages, uids and times by name.
   */
  says(command: string, expected: string | RegExp, env?: Record<string, string>): Promise<void>
  /** What is printed as it stands, the arguments given one by one. */
  kubectl(...args: string[]): Promise<string>
  /** What a command prints, in the same form. */
  run(command: string, env?: Record<string, string>): Promise<string>
  /** A command that goes on: `next` resolves with its next line, in the same form. */
  follow(command: string): { next(): Promise<string>; stop(): void; child: ChildProcess }
}

/** Resolves once the server is asked for something, `watch configmaps` say: what is done after that is seen. */
export const asked = (api: Api, what: string): Promise<void> =>
  new Promise((resolve) => {
    const stop = api.server.onRequest(({ verb, resource }) => {
      if (`${verb} ${resource}` !== what) return
      stop()
      resolve()
    })
  })

/** One suite for each kubectl that there is. */
export function describeKubectl(title: string, suite: (binary: Binary) => void): void {
  if (installed.length === 0) describe(title, { skip: 'no kubectl is installed' }, () => {})
  for (const binary of installed) describe(`${title} (kubectl 1.${binary.minor})`, () => suite(binary))
}

/** A test with a server and a kubectl of its own; skipped for versions below `since`. */
export function itSays(
  binary: Binary,
  title: string,
  test: (kubectl: Kubectl) => Promise<void>,
  { since = 0, ...options }: ApiServerOptions & { since?: number } = {},
): void {
  const skip = binary.minor < since ? `kubectl 1.${binary.minor} does not have it yet` : false
  it(title, { skip, timeout: 60_000 }, async (t) => test(await openKubectl(t, binary, options)))
}

/** Why tests with the kubectl on PATH are left out here, or false. */
export const skip = installed.some(({ path }) => path === 'kubectl') ? false : 'no kubectl is installed'

/** A server, and the kubectl on PATH for it: `kubectl` takes its arguments one by one, and shows all that is printed. */
export const startKubectl = (t: TestContext): Promise<Kubectl> =>
  openKubectl(t, { path: 'kubectl', minor: 0 }, {})

async function openKubectl(
  t: TestContext,
  { path, minor }: Binary,
  options: ApiServerOptions,
): Promise<Kubectl> {
  const api = await startServer(t, options)
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'kubeconfig')
  writeFileSync(config, JSON.stringify(api.server.kubeconfig()))
  const common = ['--kubeconfig', config, '--cache-dir', join(folder, 'cache')]
  const cwd = { cwd: folder, timeout: 30_000 }
  const printed = (args: readonly string[], env: Record<string, string> = {}): Promise<string> =>
    new Promise((resolve) => {
      const all = [...common, ...args]
      execFile(path, all, { ...cwd, env: { ...process.env, ...env } }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      )
    })
  const run: Kubectl['run'] = async (command, env) =>
    tidy(await printed(words(command), env), api.server.url, folder)
  let files = 0
  return {
    api,
    minor,
    folder,
    run,
    kubectl: (...args) => printed(args),
    file: (content, name = `${++files}.yaml`) => {
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      writeFileSync(join(folder, name), text, name.endsWith('.sh') ? { mode: 0o755 } : {})
      return name
    },
    says: async (command, expected, env) => {
      const shown = await run(command, env)
      if (typeof expected === 'string') assert.equal(shown, tidy(expected, api.server.url, folder), command)
      else assert.match(shown, expected, command)
    },
    follow: (command) => {
      const child = spawn(path, [...common, ...words(command)], cwd)
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      t.after(() => child.kill())
      return {
        child,
        next: async () => tidy(String((await lines.next()).value), api.server.url, folder),
        stop: () => void child.kill(),
      }
    },
  }
}

const words = (command: string): string[] =>
  [...command.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''))

const tidy = (text: string, url: string, folder: string): string =>
  text
    .replaceAll(url, 'SERVER')
    .replaceAll(`${folder}/`, '')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'DATE')
    .replace(/(resourceVersion"?: "?)\d+/g, '$1N')
    .replace(/(?<=\s)\d+s(?=\s|$)/g, 'AGE')
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
    .trim()
