/** One ES module per function, minified, with what is not always needed (the AWS client, client-node) as chunks beside it. */
import { rmSync } from 'node:fs'
import { build, type Metafile } from 'esbuild'

/** Parts of the AWS SDK are CommonJS: they ask for `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

/** What was written for one entry. */
export interface Bundle {
  /** The folder; `index.mjs` in it exports `handler`. */
  readonly folder: string
  /** What is read before the handler is there, in bytes: `index.mjs` and the chunks that it imports statically. */
  readonly firstBytes: number
  readonly metafile: Metafile
}

/** Bundles an entry (a path from the repository's root) into a folder that is emptied first. */
export async function bundle(entry: string, folder: string): Promise<Bundle> {
  rmSync(folder, { recursive: true, force: true })
  const { metafile } = await build({
    entryPoints: { index: entry },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    banner: { js: REQUIRE },
    logLevel: 'error',
  })
  return { folder, firstBytes: firstBytes(metafile, entry), metafile }
}

function firstBytes({ outputs }: Metafile, entry: string): number {
  const seen = new Set<string>()
  const visit = (file: string): number => {
    const output = outputs[file]
    if (output === undefined || seen.has(file)) return 0
    seen.add(file)
    const statics = output.imports.filter(({ kind }) => kind === 'import-statement')
    return output.bytes + statics.reduce((sum, { path: next }) => sum + visit(next), 0)
  }
  const [path] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? []
  if (path === undefined) throw new Error(`nothing was bundled from ${entry}`)
  return visit(path)
}
