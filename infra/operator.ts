/** What esbuild takes the operator from, where a bundle is to have another one. */
import { resolve } from 'node:path'
import type { Plugin } from 'esbuild'

const OPERATOR = resolve(import.meta.dirname, '../functions/operator.ts')

/** Whoever imports `functions/operator.ts` gets the module at `path` (from the repository's root). */
export const insteadOfOperator = (path: string): Plugin => ({
  name: 'operator',
  setup({ onResolve }) {
    onResolve({ filter: /\/operator\.ts$/ }, ({ resolveDir, path: asked }) =>
      resolve(resolveDir, asked) === OPERATOR ? { path: resolve(path) } : undefined,
    )
  },
})
