/** Runs one scenario against a server: each step in turn, what differs at each, and how many exchanges are equal. */
import { randomInt } from 'node:crypto'
import { type Bindings, fill, fillText } from './bindings.ts'
import { cleanUp } from './cleanup.ts'
import type { Difference } from './compare.ts'
import type { Connection } from './connect.ts'
import { describeStep, isExchange, type Scenario, type Step } from './scenario.ts'
import { type Run, type RunOptions, takeStep } from './steps.ts'
import type { Webhooks } from './webhooks.ts'

/** A difference, and where it is: the step's id, and its request in words. */
export interface Found extends Difference {
  readonly step: string
  readonly what: string
}

/** The outcome of a replay. */
export interface Replay {
  readonly name: string
  readonly area: string
  /** How many exchanges there are, and how many are equal. */
  readonly total: number
  readonly equal: number
  readonly diffs: readonly Found[]
  /** Nothing differs, and there was something to differ. */
  readonly ok: boolean
}

const LETTERS = 'bcdfghjklmnpqrstvwxz'

/** A name of one run, without vowels: it says nothing. */
export const newRun = (): string =>
  Array.from({ length: 8 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('')

/** The tokens whose values are known before anything was asked. */
export const fixedBindings = (run: string, webhooks: Webhooks): Map<string, string> =>
  new Map([
    ['<run>', run],
    ['<Run>', capitalised(run)],
    ['<ca>', webhooks.caBundle],
    ['<webhook-addr>', webhooks.address],
    ['<dead-addr>', webhooks.deadAddress],
  ])

/** As in operation ids of OpenAPI. */
export const capitalised = (run: string): string => run.charAt(0).toUpperCase() + run.slice(1)

/** Replays a scenario in namespaces and groups of its own, which are deleted at the end. Never rejects for what the server does. */
export async function replay(
  scenario: Scenario,
  connection: Connection,
  webhooks: Webhooks,
  options: RunOptions = {},
): Promise<Replay> {
  const name = newRun()
  const bindings = fixedBindings(name, webhooks)
  const run: Run = {
    connection,
    bindings,
    bodies: new Map(),
    watches: new Map(),
    entry: webhooks.open(name, fill(bindings, scenario.webhooks ?? {})),
    options,
  }
  const diffs: Found[] = []
  const exchanges = scenario.steps.filter(isExchange)
  let equal = 0
  for (const step of scenario.steps) {
    const found = await tryStep(step, run)
    diffs.push(...found.map((difference) => ({ step: step.id, what: describeStep(step), ...difference })))
    if (found.length === 0 && isExchange(step)) equal++
  }
  for (const stream of run.watches.values()) stream.close()
  if (!options.keep) await cleanUp(connection, pathsToClean(scenario, bindings))
  webhooks.forget(name)
  const total = exchanges.length
  return {
    name: scenario.name,
    area: scenario.area,
    total,
    equal,
    diffs,
    ok: total > 0 && diffs.length === 0,
  }
}

/** No answer is a difference, and the scenario goes on: what follows is of interest as well. */
async function tryStep(step: Step, run: Run): Promise<Difference[]> {
  try {
    return await takeStep(step, run)
  } catch (error) {
    const actual = error instanceof Error ? error.message : String(error)
    return [{ path: '/', expected: 'an answer', actual }]
  }
}

/** A path whose token has no value names something that was never made. */
const pathsToClean = ({ cleanup = [] }: Scenario, bindings: Bindings): string[] =>
  cleanup.flatMap((path) => {
    try {
      return [fillText(bindings, path)]
    } catch {
      return []
    }
  })
