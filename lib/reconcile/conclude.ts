/**
 * How a pass ends: status, Events, outcome. A pass that lost a race did not happen: nothing of it is told, and the conflict
 * is thrown on.
 */
import type { Clock } from '../clock.ts'
import { isLostRace } from '../conflict.ts'
import { ApiError, isNotFound, type KubeObject } from '../kube.ts'
import { keyText } from '../message.ts'
import { TerminalError } from '../operator.ts'
import { RetryAfter } from '../retry-after.ts'
import type { Occurrence, Recorder } from '../record.ts'
import { DeadlineError, withDeadline } from './deadline.ts'
import { occurrencesOf, type Run, writeStatus } from './run.ts'
import type { Session } from './session.ts'
import type { Conclusion } from './status.ts'

/** How a reconcile ended. */
export type Outcome =
  | { readonly type: 'done'; readonly afterSeconds?: number | undefined }
  /** The object is gone, or not ours to look at. */
  | { readonly type: 'gone' }
  | { readonly type: 'failed'; readonly error: unknown }
  /** Trying again cannot help until the object changes. */
  | { readonly type: 'terminal'; readonly error: TerminalError }
  /** The API server cannot be reached or has no time for us: nobody's fault, not counted. */
  | { readonly type: 'unavailable'; readonly error: ApiError }
  /** An author's code was told to come back later: nobody's fault either. */
  | { readonly type: 'postponed'; readonly error: RetryAfter }
  /** The process is stopping. */
  | { readonly type: 'interrupted' }

/** What a conclusion is told through; `session` outlives the pass's deadline by a little. */
export interface Telling {
  readonly session: Session
  readonly record: Recorder
  readonly clock: Clock
  readonly isLastTry: boolean
  /** The process's own signal: not the deadline. */
  readonly stopping: AbortSignal
}

/** Events that the server has no time for are dropped after this long. */
const RECORD_SECONDS = 2

async function tell(occurrences: readonly Occurrence[], { record, clock, stopping }: Telling): Promise<void> {
  if (occurrences.length === 0) return
  const patience = withDeadline(clock, RECORD_SECONDS, stopping)
  try {
    await record(occurrences, patience.signal)
  } finally {
    patience.end()
  }
}

/** Runs the body of a pass and tells the object how it went. */
export async function conclude<T extends KubeObject>(
  run: Run<T>,
  body: () => Promise<Outcome>,
  telling: Telling,
): Promise<Outcome> {
  try {
    const outcome = await body()
    if (outcome.type === 'done')
      await tellStatus(run, { type: run.action === 'Finalize' ? 'finalizing' : 'done' }, telling)
    await tell(occurrencesOf(run), telling)
    return outcome
  } catch (error) {
    if (isLostRace(error) && !run.isFinal) throw error
    if (isNotFound(error) && (await isGone(run, telling))) return { type: 'gone' }
    const outcome = outcomeOf(error, telling.stopping)
    if (outcome.type === 'failed' || outcome.type === 'terminal') await tellFailure(run, outcome, telling)
    return outcome
  }
}

/** A status that the server finds invalid is not sent again with the failure that it becomes. */
async function tellStatus<T extends KubeObject>(
  run: Run<T>,
  conclusion: Conclusion,
  telling: Telling,
): Promise<void> {
  try {
    await writeStatus(run, conclusion, { session: telling.session, now: telling.clock.now() })
  } catch (error) {
    if (error instanceof ApiError && error.code === 422)
      for (const field of Object.keys(run.fields)) delete run.fields[field]
    throw error
  }
}

/** The failure itself is the outcome; one more failure while telling about it is only reported. */
async function tellFailure<T extends KubeObject>(
  run: Run<T>,
  outcome: Extract<Outcome, { error: unknown }>,
  telling: Telling,
): Promise<void> {
  const failure = failureOf(outcome, run.action, telling.isLastTry)
  try {
    await tellStatus(run, failure, telling)
  } catch (error) {
    if (isLostRace(error) && !run.isFinal) throw error
    const key = keyText(run.object.metadata)
    run.report({
      type: 'failed',
      controller: run.controller.name,
      key,
      error: `status not written: ${textOf(error)}`,
    })
  }
  await tell([...occurrencesOf(run), occurrenceOf(run, failure)], telling)
}

type Failure = Extract<Conclusion, { type: 'failed' }>

function failureOf(
  outcome: Extract<Outcome, { error: unknown }>,
  action: Run<KubeObject>['action'],
  isLastTry: boolean,
): Failure {
  const isTerminal = outcome.type === 'terminal'
  const reason = outcome.error instanceof DeadlineError ? 'DeadlineExceeded' : `${action}Failed`
  return { type: 'failed', reason, message: textOf(outcome.error), isStalled: isTerminal || isLastTry }
}

function occurrenceOf<T extends KubeObject>(
  run: Run<T>,
  { reason, message, isStalled }: Failure,
): Occurrence {
  const note = isStalled ? `${message} (not tried again until the object changes)` : message
  return {
    regarding: run.object,
    type: 'Warning',
    reason: isStalled ? 'Stalled' : reason,
    action: run.action,
    note,
  }
}

async function isGone<T extends KubeObject>(run: Run<T>, { session }: Telling): Promise<boolean> {
  const live = await session.api.get(run.controller.kind, run.object.metadata, { as: 'metadata' })
  return live === undefined
}

/** 429, 401 and the gateway codes say that the server, or our way to it, is at fault, not the object. */
const UNAVAILABLE = [0, 401, 429, 502, 503, 504]

/** What an error means. A rejection because the process stops is not a failure of the object. */
export function outcomeOf(error: unknown, stopping: AbortSignal): Outcome {
  if (stopping.aborted && error === stopping.reason) return { type: 'interrupted' }
  if (error instanceof TerminalError) return { type: 'terminal', error }
  if (error instanceof RetryAfter) return { type: 'postponed', error }
  if (error instanceof ApiError && UNAVAILABLE.includes(error.code)) return { type: 'unavailable', error }
  return { type: 'failed', error }
}

/** What people read of an error: its message, bounded. Never its cause, which may quote a response. */
export const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 1024).toWellFormed()
