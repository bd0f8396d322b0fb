/** The end of a torture on AWS: everything has converged, and once no object has a timer any more the queues are empty. */
import { setTimeout as wait } from 'node:timers/promises'
import type { LocalAws } from '../../../infra/aws/local/aws.ts'
import { startProgram } from '../../functions/process.ts'
import type { Truth } from '../people.ts'
import { unconverged } from '../rest.ts'
import type { Stage } from '../stage.ts'
import { endTimers, withoutTimer } from '../timers.ts'

/** Everything must have come to rest so long after the last kill: visibility and backoffs, a few times over. */
const REST_MS = 90_000

export interface Rest {
  readonly problems: readonly string[]
  /** Keys that were given up for being killed too often, and redriven. */
  readonly redriven: number
}

/** Nobody is killed any more. What was given up because of kills is redriven, and must converge then. */
export async function rest(place: Stage, truth: Truth, aws: LocalAws): Promise<Rest> {
  const dead: string[] = []
  const left = await settle(dead, aws, async () => [...(await unconverged(place)), ...lockedIn(aws)])
  const converged = Date.now()
  const stopped = await settle(dead, aws, () => withoutTimer(place, converged))
  await endTimers(place, truth)
  const queued = await settle(dead, aws, async () => [...(await unconverged(place)), ...queuedIn(aws)])
  return {
    problems: [
      ...left,
      ...stopped,
      ...queued,
      ...dead.filter((line) => !isByKills(line)).map((line) => `given up: ${line}`),
    ],
    redriven: dead.filter(isByKills).length,
  }
}

/** Asks what is left until nothing is, or time is up; redrives what was given up meanwhile. */
async function settle(dead: string[], aws: LocalAws, ask: () => Promise<string[]>): Promise<string[]> {
  let left = await ask()
  for (const end = Date.now() + REST_MS; left.length > 0 && Date.now() < end; left = await ask()) {
    if (aws.sqs.count('dead.fifo').ready > 0) dead.push(...(await redriveAll(aws)))
    await wait(100)
  }
  return left
}

/** With the command that people use. A line for each key, with the reason. */
async function redriveAll({ env }: LocalAws): Promise<string[]> {
  const order = async (...args: string[]): Promise<string[]> => {
    await using program = startProgram('fairlead', ['dead', ...args, '--sqs'], env)
    const [code] = await program.ended()
    if (code !== 0)
      throw new Error(`fairlead dead ${args.join(' ')} ended with ${code}: ${program.lines.join('\n')}`)
    return program.lines
  }
  const lines = await order('list', '--output', 'json')
  await order('redrive', '--all')
  return lines
}

const isByKills = (line: string): boolean =>
  /the function ended while it ran|handed out too often without an answer/.test(line)

const total = (counts: object): number => Object.values(counts).reduce((sum, count) => sum + count, 0)
const waiting = ({ sqs }: LocalAws, names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const counts = sqs.count(name)
    return total(counts) === 0 ? [] : [`queue ${name} still holds ${JSON.stringify(counts)}`]
  })
const queuedIn = (aws: LocalAws): string[] => waiting(aws, ['ready.fifo', 'delay', 'background', 'dead.fifo'])
/** Timers go on while objects have some. */
const lockedIn = (aws: LocalAws): string[] => waiting(aws, ['background', 'dead.fifo'])
