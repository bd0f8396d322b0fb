/** What the Workers share: how they tell what happens, and what is made once of their bindings. */
import type { Happening } from '../lib/index.ts'

/** One JSON line for each thing that happened: Workers Logs reads its fields. */
export const reportJson = (happening: Happening): void => console.log(JSON.stringify(happening))

/** What `make` makes of a Worker's bindings: they come with the first request, and stay the same while the isolate lives. */
export function perIsolate<Env extends object, Made>(make: (env: Env) => Made): (env: Env) => Made {
  const made = new WeakMap<Env, Made>()
  return (env) => {
    const known = made.get(env)
    if (known !== undefined) return known
    const fresh = make(env)
    made.set(env, fresh)
    return fresh
  }
}
