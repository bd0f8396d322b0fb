/** Clusters for tests: each name with the way to it. */
import type { Fleet } from '../lib/fleet.ts'
import type { Kube } from '../lib/kube.ts'

export const fleetOf = (ways: Readonly<Record<string, () => Promise<Kube>>>): Fleet => ({
  names: Object.keys(ways),
  api: (name) => ways[name]?.() ?? Promise.reject(new Error(`no cluster ${name}`)),
})
