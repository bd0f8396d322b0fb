/** The kinds of an operator, checked, with their schemas as JSON: found by loading it, in a process of its own. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build, type Plugin } from 'esbuild'
import type { Declaration, DeclaredVersion } from '../../lib/kind/declare.ts'
import { MODULE } from './esbuild.ts'

/** The module that makes declarations. */
export const DECLARE = resolve(import.meta.dirname, '../../lib/kind/declare.ts')

/** A declaration without what its definition says anyway. */
interface Declared extends Pick<Declaration, 'plural' | 'singular' | 'shortNames' | 'categories'> {
  readonly versions: Readonly<Record<string, Pick<DeclaredVersion, 'storage' | 'served' | 'schema'>>>
}

type Kinds = Readonly<Record<string, Declared>>

/** An operator is loaded within a second; one that waits for something would be waited for. */
const LOADING_MS = 60_000

const AS_IT_IS = '?as-it-is'

/**
 * Every kind that is defined while a module is loaded, by `<kind>.<group>`. Rejects with what `defineKind`, `defineController`
 * and the others refuse, and where one kind is defined twice and not the same.
 */
export async function declaredBy(operator: string): Promise<Kinds> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-declared-'))
  try {
    const program = join(folder, 'load.mjs')
    const answer = join(folder, 'kinds.json')
    await build({
      stdin: { contents: programOf(resolve(operator), answer), resolveDir: import.meta.dirname },
      outfile: program,
      ...MODULE,
      plugins: [recording],
    })
    return kindsIn(await load(program, answer), operator)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs the program and returns what it wrote; undefined where it ended before. */
async function load(program: string, answer: string): Promise<string | undefined> {
  const running = promisify(execFile)(process.execPath, [program], { timeout: LOADING_MS })
  await running.catch(({ killed, stderr }: { killed: boolean; stderr: string }) =>
    writeFile(answer, JSON.stringify({ error: killed ? `it takes more than ${LOADING_MS} ms` : stderr })),
  )
  return await readFile(answer, 'utf8').catch(() => undefined)
}

function kindsIn(text: string | undefined, operator: string): Kinds {
  const found = JSON.parse(text ?? '{"error":"it ends the process"}') as { kinds?: Kinds; error?: string }
  if (found.kinds === undefined)
    throw new Error(`${operator} could not be loaded to be bundled: ${found.error}`)
  return found.kinds
}

const programOf = (operator: string, answer: string): string => `
import { writeFileSync } from 'node:fs'
import { kinds } from ${JSON.stringify(DECLARE)}
const tell = (found) => writeFileSync(${JSON.stringify(answer)}, JSON.stringify(found))
try {
  await import(${JSON.stringify(operator)})
  tell({ kinds })
} catch (error) {
  tell({ error: String(error?.message ?? error) })
}
process.exit(0)`

const RECORDER = `
import { isDeepStrictEqual } from 'node:util'
import { declarationOf as declare } from ${JSON.stringify(`${DECLARE}${AS_IT_IS}`)}
export const kinds = {}
export function declarationOf(definition, problem) {
  const whole = declare(definition, problem)
  const { group, kind, scope: _, versions, ...names } = whole
  const toVersion = ({ name, storage, served, schema }) => [name, { storage, served, schema }]
  const declared = { ...names, versions: Object.fromEntries(versions.map(toVersion)) }
  const known = kinds[kind + '.' + group] ??= declared
  if (!isDeepStrictEqual(known, declared)) problem('is defined twice in one operator, and not the same')
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(declared)), declared)) problem('has a schema that is not JSON')
  return whole
}`

const recording: Plugin = {
  name: 'recording',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lib[\\/]kind[\\/]declare\.ts$/ }, ({ path, suffix }) =>
      path === DECLARE && suffix !== AS_IT_IS
        ? { contents: RECORDER, loader: 'ts', resolveDir: import.meta.dirname }
        : undefined,
    )
  },
}
