/** Which state folder a command is about. */
import { globSync } from 'node:fs'
import { resolve } from 'node:path'

/** The folder that was named; else the only one below `.fairlead`. Throws where there is none, or more than one. */
export function findState(named: string | undefined): string {
  if (named !== undefined) return resolve(named)
  const found = globSync('.fairlead/{state,*.state}').sort()
  const [only, ...others] = found
  if (only === undefined)
    throw new Error(
      'no state below .fairlead: start the operator in this folder, or name one with --state DIR',
    )
  if (others.length > 0) throw new Error(`more than one state: choose with --state: ${found.join(', ')}`)
  return resolve(only)
}
