#!/usr/bin/env node
// Runs functions/fairlead.ts of the project in this folder. npx finds the project's own Node first (docs/adr/0002).
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const program = resolve('functions', 'fairlead.ts')
if (!existsSync(program)) {
  console.error(`fairlead: no functions/fairlead.ts in ${process.cwd()}: run it in the project's folder`)
  process.exit(2)
}
if (!process.features.typescript) {
  console.error(`fairlead: Node ${process.version} runs no TypeScript: use "npx fairlead", after "npm ci"`)
  process.exit(2)
}
await import(pathToFileURL(program).href)
