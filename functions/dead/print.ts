/** Keys that were given up, as people and scripts read and write them. */
import { keyName, keyText, type Message, messageSchema } from '../../lib/index.ts'
import { plain } from '../print.ts'

export const DEAD_HELP = `The keys that were given up: after too many failures, by a TerminalError, or because they crash whatever handles them.

  fairlead dead list                     all of them, the oldest first
  fairlead dead show KEY                 one of them, and why
  fairlead dead redrive KEY... | --all   try again, with no failures counted
  fairlead dead drop KEY... | --all      forget them until their objects change

Options
  --sqs                of the queues on SQS: FAIRLEAD_SQS_READY, _DELAY, _BACKGROUND and _DEAD say which
  --url URL            of the queue of that URL (Cloudflare's work Worker), with the key in FAIRLEAD_QUEUE_KEY
  --state DIR          the state folder, as npm start prints it (default: the only one below .fairlead)
  -o, --output FORMAT  list: table, name or json; show: json or text (default)
  --all                every key that was given up
  -h, --help           this text

A running process carries the order out within a second; if none runs, it is carried out here. On SQS a look takes the
messages out for a moment. A change of the object revives its key as well.
`

/** A key that was given up. `id` is how people name it: controller/namespace/name. */
export interface Dead {
  readonly id: string
  readonly key: string
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly body: unknown
}

/** From what the store keeps. */
export function toDead(row: Pick<Dead, 'key' | 'reason' | 'since' | 'body'>): Dead {
  const { key, reason, since, body } = row
  const parsed = messageSchema.safeParse(body)
  return { id: parsed.success ? keyName(parsed.data) : key, key, reason, since, body }
}

/** The one that is meant. Throws where there is none. */
export function findDead(dead: readonly Dead[], id: string, folder: string): Dead {
  const found = dead.find((one) => one.id === id || one.key === id)
  if (found) return found
  const known = dead.length === 0 ? 'nothing is' : `"fairlead dead list" shows the ${dead.length} that are`
  throw new Error(`${id} is not parked in ${folder}: ${known}`)
}

/** All of them: a table for people, one name or one JSON object per line for scripts. */
export function tableOf(dead: readonly Dead[], { output, now }: { output: string; now: number }): string {
  if (output === 'json') return dead.map((one) => `${JSON.stringify(toJson(one))}\n`).join('')
  if (output === 'name') return dead.map(({ id }) => `${id}\n`).join('')
  if (dead.length === 0) return 'No keys are parked.\n'
  const rows = [
    ['KEY', 'PARKED', 'REASON'],
    ...dead.map(({ id, since, reason }) => [plain(id), ageText(now - since), plain(reason)]),
  ]
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map(
      ([id = '', age = '', reason = '']) =>
        `${id.padEnd(widths[0] ?? 0)}   ${age.padEnd(widths[1] ?? 0)}   ${reason}\n`,
    )
    .join('')
}

/** One of them, with all that is known. */
export function describeDead(one: Dead, output: string): string {
  if (output === 'json') return `${JSON.stringify(toJson(one), null, 2)}\n`
  const parsed = messageSchema.safeParse(one.body)
  const lines = [
    ['Key', plain(one.id)],
    ['Parked', new Date(one.since).toISOString()],
    ['Reason', plain(one.reason)],
    ...(parsed.success ? messageLines(parsed.data) : [['Message', 'not one that this version can read']]),
    ['Try again', `fairlead dead redrive ${plain(one.id)}`],
  ]
  return lines.map(([name, text]) => `${`${name}:`.padEnd(13)} ${text}\n`).join('')
}

const messageLines = (message: Message): string[][] => [
  ['Controller', message.controller],
  ['Object', keyText(message)],
  ...(message.related === undefined ? [] : [['Changed kind', message.related]]),
  ['Cluster', message.cluster],
  ['Last causes', message.causes.map(plain).join('; ')],
  ...(message.traceparent === undefined ? [] : [['Trace', message.traceparent]]),
]

const toJson = ({ id, reason, since, body }: Dead) => ({
  key: id,
  since: new Date(since).toISOString(),
  reason,
  message: body,
})

/** As kubectl writes ages: the two greatest units. */
function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const
  const index = units.findIndex(([, length]) => seconds >= length)
  if (index < 0) return '0s'
  const [[unit, length] = ['s', 1], next] = [units[index], units[index + 1]]
  const rest = next ? Math.floor((seconds % length) / next[1]) : 0
  return `${Math.floor(seconds / length)}${unit}${next && rest > 0 ? `${rest}${next[0]}` : ''}`
}
