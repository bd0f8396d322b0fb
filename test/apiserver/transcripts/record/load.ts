/** Loads the sources of scenarios: modules that export a list of them. */
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Source } from './recorder.ts'

/** A scenario to record: the area is its source's name up to the first dot, and its full name begins with it. */
export interface Loaded {
  readonly area: string
  readonly name: string
  readonly about: string
  readonly run: Source[2]
}

/** The scenarios of a source. Throws, naming the file, where it exports none. */
export async function loadSource(file: string): Promise<Loaded[]> {
  const module: { scenarios?: unknown; default?: unknown } = await import(pathToFileURL(resolve(file)).href)
  const list = module.scenarios ?? module.default
  if (!Array.isArray(list) || !list.every(isSource))
    throw new Error(`${file}: exports no list "scenarios" of [name, about, function]`)
  const [area = ''] = basename(file).split('.')
  return list.map(([name, about, run]) => ({ area, name: `${area}-${name}`, about, run }))
}

const isSource = (value: unknown): value is Source =>
  Array.isArray(value) &&
  typeof value[0] === 'string' &&
  typeof value[1] === 'string' &&
  typeof value[2] === 'function'
