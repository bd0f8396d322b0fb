/** One ES module per function, minified, with what is not always needed (the AWS client, client-node) as chunks beside it. */
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { insteadOfOperator } from '../operator.ts'
import { plainHttp } from './builtin.ts'
import { declared } from './declared.ts'
import { MODULE } from './esbuild.ts'

/** What was written for one entry. */
export interface Bundle {
  /** The folder; `index.mjs` in it exports `handler`. */
  readonly folder: string
  /** What is read before the handler is there, in bytes: `index.mjs` and the chunks that it imports statically. */
  readonly firstBytes: number
  /** The files of which something is in them. */
  readonly firstInputs: readonly string[]
  readonly metafile: Metafile
}

/**
 * Bundles an entry (a path from the repository's root) into a folder that is emptied first. `operator`: a module to take the
 * operator from instead of `functions/operator.ts`.
 */
export async function bundle(entry: string, folder: string, operator?: string): Promise<Bundle> {
  rmSync(folder, { recursive: true, force: true })
  const { metafile } = await build({
    entryPoints: { index: entry },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    ...MODULE,
    splitting: true,
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    metafile: true,
    plugins: [
      plainHttp,
      declared(operator),
      ...(operator === undefined ? [] : [insteadOfOperator(operator)]),
    ],
  })
  const { outputs } = metafile
  const index = Object.keys(outputs).find((path) => resolve(path) === resolve(folder, 'index.mjs')) ?? ''
  const first = firstOutputs(metafile, index)
  return {
    folder,
    firstBytes: first.reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0),
    firstInputs: first.flatMap((path) => Object.keys(outputs[path]?.inputs ?? {})),
    metafile,
  }
}

/** The outputs that are read before an output's exports are there: itself, and what it imports statically. */
export function firstOutputs({ outputs }: Metafile, path: string): readonly string[] {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    const output = outputs[file]
    if (output === undefined || seen.has(file)) return
    seen.add(file)
    for (const { kind, path: next } of output.imports) if (kind === 'import-statement') visit(next)
  }
  visit(path)
  if (seen.size === 0) throw new Error(`nothing was bundled to ${path}`)
  return [...seen]
}
