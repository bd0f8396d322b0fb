/** How esbuild makes one ES module for Node of what functions are written in: for functions, and for what looks into them. */
import type { BuildOptions } from 'esbuild'

/** Parts of packages are CommonJS: they ask for `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

export const MODULE: BuildOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // The AWS client as CommonJS, imported when it is needed, would have no export but `default`.
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE },
  logLevel: 'error',
}
