/** `fairlead dead`: the keys that were given up, of a process on this machine, of a queue on SQS, or of one behind a URL. */
import { systemClock as clock } from '../lib/index.ts'
import { DEAD_HELP, describeDead, findDead, tableOf, toDead } from './dead/print.ts'
import { openDead } from './dead/sqs.ts'
import { type DeadPlace, openFolder } from './dead/state.ts'
import { openUrl } from './dead/url.ts'
import { parseCommand, refuse, runProgram } from './program.ts'

const OPTIONS = {
  state: { type: 'string' },
  sqs: { type: 'boolean' },
  url: { type: 'string' },
  output: { type: 'string', short: 'o' },
  all: { type: 'boolean' },
} as const
const VERBS = ['list', 'show', 'redrive', 'drop'] as const
const OUTPUTS = ['table', 'name', 'json']

const { values, positionals } = parseCommand(OPTIONS, DEAD_HELP)
const [given, ...ids] = positionals
const verb = VERBS.find((known) => known === given)
const output = values.output ?? 'table'
if (verb === undefined) refuse(`dead: say what to do: ${VERBS.join(', ')}\n\n${DEAD_HELP}`)
if (!OUTPUTS.includes(output)) refuse(`--output must be one of ${OUTPUTS.join(', ')}, got ${output}\n`)
const places = (['sqs', 'state', 'url'] as const).filter((name) => (values[name] ?? false) !== false)
if (places.length > 1) refuse(`${places.map((name) => `--${name}`).join(' and ')} exclude each other\n`)
if (verb === 'list' && (ids.length > 0 || values.all)) refuse('dead list takes no keys\n')
if (verb === 'show' && ids.length !== 1) refuse('dead show takes one key, as dead list prints it\n')
if ((verb === 'redrive' || verb === 'drop') && ids.length > 0 === (values.all ?? false))
  refuse(`dead ${verb} takes keys, as dead list prints them, or --all\n`)

await runProgram(async () => {
  const place = openPlace()
  const dead = (await place.list()).map(toDead)
  const named = values.all || verb === 'list' ? dead : ids.map((id) => findDead(dead, id, place.name))
  const write = (text: string) => void process.stdout.write(text)
  if (verb === 'list') write(tableOf(named, { output, now: clock.now() }))
  else if (verb === 'show') write(named.map((one) => describeDead(one, output)).join(''))
  else {
    const keys = named.map(({ key }) => key)
    write(doneText(verb, await place.order(verb, keys)))
  }
  place.close()
})

function doneText(verb: 'redrive' | 'drop', count: number): string {
  return `${count} key${count === 1 ? '' : 's'} ${verb === 'drop' ? 'dropped' : 'redriven'}\n`
}

function openPlace(): DeadPlace {
  if (values.url !== undefined) return openUrl(values.url)
  return values.sqs ? openDead() : openFolder(values.state)
}
