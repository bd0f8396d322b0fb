/** A client that is there before its connection is: opened by the first call, for whoever may never make one. */
import type { Kube } from '../kube.ts'

/** Every call asks `open`, which remembers what it has opened. What it rejects with is the call's. */
export function lazyKube(open: () => Promise<Kube>): Kube {
  return {
    get: async (...args) => (await open()).get(...args),
    list: async (...args) => (await open()).list(...args),
    async *watch(...args) {
      yield* (await open()).watch(...args)
    },
    create: async (...args) => (await open()).create(...args),
    update: async (...args) => (await open()).update(...args),
    patch: async (...args) => (await open()).patch(...args),
    delete: async (...args) => (await open()).delete(...args),
  }
}
