/** `fairlead dead`: the keys that were given up, of a running process or of one that is stopped. */
import { setTimeout as wait } from 'node:timers/promises'
import { type NodeDatabase, openState, visitState } from '../lib/database/node.ts'
import { DatabaseError, systemClock as clock } from '../lib/index.ts'
import { embeddedQueue } from '../lib/queue/embedded.ts'
import { answerTo, ask, carryOut, type RequestVerb } from '../lib/queue/requests.ts'
import { parkedIn, sqliteStore } from '../lib/queue/sqlite.ts'
import { parseCommand, refuse, runProgram } from './program.ts'
import { DEAD_HELP, describeDead, findDead, tableOf, toDead } from './dead/print.ts'
import { findState } from './dead/state.ts'

const OPTIONS = {
  state: { type: 'string' },
  output: { type: 'string', short: 'o' },
  all: { type: 'boolean' },
} as const
const VERBS = ['list', 'show', 'redrive', 'drop'] as const
const OUTPUTS = ['table', 'name', 'json']

/** How long a running process may take to carry out a request; it looks four times a second. */
const PATIENCE_MS = 10_000

const { values, positionals } = parseCommand(OPTIONS, DEAD_HELP)
const [given, ...ids] = positionals
const verb = VERBS.find((known) => known === given)
const output = values.output ?? 'table'
if (verb === undefined) refuse(`dead: say what to do: ${VERBS.join(', ')}\n\n${DEAD_HELP}`)
if (!OUTPUTS.includes(output)) refuse(`--output must be one of ${OUTPUTS.join(', ')}, got ${output}\n`)
if (verb === 'list' && (ids.length > 0 || values.all)) refuse('dead list takes no keys\n')
if (verb === 'show' && ids.length !== 1) refuse('dead show takes one key, as dead list prints it\n')
if ((verb === 'redrive' || verb === 'drop') && ids.length > 0 === (values.all ?? false))
  refuse(`dead ${verb} takes keys, as dead list prints them, or --all\n`)

await runProgram(async () => {
  const folder = findState(values.state)
  const database = visitState(folder)
  const dead = [...parkedIn(database)].map(toDead)
  const named = values.all || verb === 'list' ? dead : ids.map((id) => findDead(dead, id, folder))
  const write = (text: string) => void process.stdout.write(text)
  if (verb === 'list') write(tableOf(named, { output, now: clock.now() }))
  else if (verb === 'show') write(named.map((one) => describeDead(one, output)).join(''))
  else write(doneText(verb, await order(database, folder, { verb, named })))
  database.close()
})

function doneText(verb: RequestVerb, count: number): string {
  return `${count} key${count === 1 ? '' : 's'} ${verb === 'drop' ? 'dropped' : 'redriven'}\n`
}

/** Has the keys redriven or dropped: by the process that holds the state or, where none does, here. Returns how many were. */
async function order(
  database: NodeDatabase,
  folder: string,
  { verb, named }: { verb: RequestVerb; named: readonly { key: string }[] },
): Promise<number> {
  const number = ask(
    database,
    verb,
    named.map(({ key }) => key),
  )
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
