/** What is done at each kind of step. What differs goes out; that something had no answer at all is thrown. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, shape } from './answer.ts'
import { type Bindings, fill, fillText } from './bindings.ts'
import { type Comparison, compare, type Difference } from './compare.ts'
import type { Connection } from './connect.ts'
import { type Json, showJson } from './json.ts'
import { holds, mask } from './pointer.ts'
import type {
  CallsStep,
  Expected,
  OpenStep,
  ReadStep,
  Request,
  RequestStep,
  Step,
  WaitStep,
} from './scenario.ts'
import { type Stream, takeEvents } from './stream.ts'
import { distinctCalls, type Entry } from './webhooks.ts'

/** One run of a scenario: what it is made against, and what it has learnt so far. */
export interface Run {
  readonly connection: Connection
  readonly bindings: Bindings
  /** The answers' bodies by the id of their step. */
  readonly bodies: Map<string, Json | undefined>
  readonly watches: Map<string, Stream>
  readonly entry: Entry
  readonly options: RunOptions
}

export interface RunOptions {
  /** How long to look for events that should not come, before a watch is closed. */
  readonly settleMs?: number | undefined
  /** Makes the server forget all older versions. */
  readonly compact?: (() => Promise<void>) | undefined
  /** Leaves what the run has made. */
  readonly keep?: boolean | undefined
}

const SETTLE_MS = 250
const EVENT_SECONDS = 5
const POLL_MS = 50
/** Requests of a wait that may go unanswered: the server may be just restarting. */
const FAILURES = 3

/** Does one step. Throws where a request has no answer, or needs a value that no earlier step has given. */
export async function takeStep(step: Step, run: Run): Promise<Difference[]> {
  const comparison = { bindings: run.bindings, differences: [], anyOrder: step.anyOrder ?? [] }
  if ('request' in step) await takeRequest(step, run, comparison)
  else if ('wait' in step) await takeWait(step, run, comparison)
  else if ('events' in step) await takeRead(step, run, comparison)
  else if ('watch' in step) await takeOpen(step, run, comparison)
  else if ('calls' in step) takeCalls(step, run, comparison)
  else if ('pause' in step) await delay(step.pause.seconds * 1000)
  else await compact(run)
  return comparison.differences
}

async function takeRequest({ id, request, response }: RequestStep, run: Run, comparison: Comparison) {
  const answer = await run.connection.request(filled(request, run))
  run.bodies.set(id, answer.body)
  compareAnswer(response, answer, comparison)
}

async function takeWait(step: WaitStep, run: Run, comparison: Comparison) {
  const { id, wait, until, withinSeconds, response } = step
  const request = filled({ method: 'GET', ...wait }, run)
  const isThere = (answer: Answer) =>
    until.every((condition) => holds(fill(run.bindings, condition, run.bodies), answer))
  const end = performance.now() + withinSeconds * 1000
  let answer = await ask(run.connection, request)
  while (!isThere(answer) && performance.now() < end) {
    await delay(POLL_MS)
    answer = await ask(run.connection, request)
  }
  if (!isThere(answer))
    comparison.differences.push({
      path: '/until',
      expected: JSON.stringify(until),
      actual: `not within ${withinSeconds} s`,
    })
  run.bodies.set(id, answer.body)
  compareAnswer(response, answer, comparison)
}

async function ask(connection: Connection, request: Request): Promise<Answer> {
  for (let failures = 0; ; failures++) {
    try {
      return await connection.request(request)
    } catch (error) {
      if (failures >= FAILURES) throw error
      await delay(4 * POLL_MS)
    }
  }
}

async function takeOpen({ watch, response }: OpenStep, run: Run, comparison: Comparison) {
  const { path, headers } = watch
  const stream = await run.connection.watch(filled({ method: 'GET', path, headers }, run))
  run.watches.set(watch.open, stream)
  compareAnswer(response, stream, comparison)
}

async function takeRead(step: ReadStep, run: Run, comparison: Comparison) {
  const stream = run.watches.get(step.watch.read)
  if (stream === undefined) throw new Error(`watch ${step.watch.read} is not open`)
  const { events, ended } = await takeEvents(stream, {
    count: step.events.length,
    end: step.end,
    settleMs: run.options.settleMs ?? SETTLE_MS,
    withinSeconds: step.withinSeconds ?? EVENT_SECONDS,
  })
  compare(step.events, mask(events, step.mask), '/events', comparison)
  if (step.bookmark !== undefined) compare(step.bookmark, stream.bookmarks.at(-1), '/bookmark', comparison)
  const tell = (actual: string) =>
    comparison.differences.push({ path: '/end', expected: showJson(step.end), actual })
  if (step.end === 'server' && !ended) tell('the stream is still open')
  if (step.end === 'open' && ended) tell('the stream has ended')
}

function takeCalls(step: CallsStep, { entry }: Run, comparison: Comparison) {
  const calls = entry.calls.splice(0)
  compare(step.calls, mask(step.distinct ? distinctCalls(calls) : calls, step.mask), '/calls', comparison)
}

async function compact({ options }: Run): Promise<void> {
  if (options.compact === undefined) throw new Error('this scenario needs --compact')
  await options.compact()
}

function compareAnswer(expected: Expected, answer: Answer, comparison: Comparison): void {
  const { bindings } = comparison
  const actual = shape(answer, expected, (pointer) => fillText(bindings, pointer))
  compare(expected.status, actual.status, '/status', comparison)
  compare(expected.headers, actual.headers, '/headers', comparison)
  if (expected.pick !== undefined) compare(expected.pick, actual.pick, '/pick', comparison)
  else if (expected.bodyIgnored === undefined) compare(expected.body, actual.body, '/body', comparison)
}

const filled = (request: Request, { bindings, bodies }: Run): Request => fill(bindings, request, bodies)
