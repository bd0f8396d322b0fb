/** The keys that were given up by a process on this machine, in its state folder: running or stopped. */
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type NodeDatabase, openState, visitState } from '../../lib/database/node.ts'
import { DatabaseError, systemClock as clock, type Parked } from '../../lib/index.ts'
import { embeddedQueue } from '../../lib/queue/embedded.ts'
import { answerTo, ask, carryOut, type RequestVerb } from '../../lib/queue/requests.ts'
import { parkedIn, sqliteStore } from '../../lib/queue/sqlite.ts'

/** Where keys are that were given up. */
export interface DeadPlace {
  /** For messages. */
  readonly name: string
  /** The oldest first. */
  list(): Promise<readonly Parked[]>
  /** Has keys redriven or dropped. Returns how many were. */
  order(verb: RequestVerb, keys: readonly string[]): Promise<number>
  close(): void
}

/** How long a running process may take to carry out a request; it looks four times a second. */
const PATIENCE_MS = 10_000

/** The folder that was named; else the only one below `.fairlead`. */
export function openFolder(named: string | undefined): DeadPlace {
  const folder = findState(named)
  const database = visitState(folder)
  return {
    name: folder,
    list: async () => [...parkedIn(database)],
    order: (verb, keys) => order(database, folder, { verb, keys }),
    close: () => database.close(),
  }
}

/** Throws where there is none, or more than one. */
function findState(named: string | undefined): string {
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

/** By the process that holds the state or, where none does, here. */
async function order(
  database: NodeDatabase,
  folder: string,
  { verb, keys }: { verb: RequestVerb; keys: readonly string[] },
): Promise<number> {
  const number = ask(database, verb, keys)
  for (const end = clock.now() + PATIENCE_MS; clock.now() < end; await wait(50)) {
    carryOutIfFree(folder)
    const answer = answerTo(database, number)
    if (answer !== undefined) return answer
  }
  throw new Error(
    `the process that holds ${folder} does not answer; it will ${verb} the keys as soon as it can`,
  )
}

function carryOutIfFree(folder: string): void {
  try {
    const held = openState({ folder, patienceMs: 0 })
    try {
      carryOut(held, embeddedQueue({ clock, store: sqliteStore(held) }))
    } finally {
      held.close()
    }
  } catch (error) {
    if (!(error instanceof DatabaseError && error.trouble === 'locked')) throw error
  }
}
