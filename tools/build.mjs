/** Builds the package into a folder (dist): JavaScript and types, and `fairlead/testing` as one file. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'

const [folder = 'dist'] = process.argv.slice(2)
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', folder], { stdio: 'inherit' })
// Each process of a test run loads it anew, and two hundred files take three times as long as one.
const testing = join(folder, 'testing', 'index.js')
await build({
  entryPoints: [testing],
  outfile: testing,
  allowOverwrite: true,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
})
