/** The Workers of `wrangler.toml`: read by what runs them here, and by what checks and measures them. */
import { resolve } from 'node:path'

export const CONFIG = resolve(import.meta.dirname, '../../wrangler.toml')

/** In the order in which they are deployed: what others are bound to comes first. */
export const WORKERS = ['work', 'relay', 'review', 'ingress', 'resync'] as const

export type WorkerName = (typeof WORKERS)[number]

/** The name of its script. */
export const scriptOf = (name: WorkerName): string => (name === 'work' ? 'fairlead' : `fairlead-${name}`)

/** Its environment in the file, as Wrangler has it: `work` is above them all. */
export const environmentOf = (name: WorkerName): string => (name === 'work' ? '' : name)
