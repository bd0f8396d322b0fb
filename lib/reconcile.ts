/**
 * Brings one object to where its author wants it: read it again, see to the finalizer, call the author's function, write
 * the status, record Events. A lost race (409) starts the pass anew on the newest object; whatever cannot be done is an
 * {@link Outcome}, never an exception. When to try again is not decided here: see `work`.
 */
import type { Clock } from './clock.ts'
import { CONFLICT_TRIES, retryOnConflict } from './conflict.ts'
import { ApiError, type Kube, type KubeObject } from './kube.ts'
import type { Deed } from './apply.ts'
import { keyText, type Message } from './message.ts'
import { type Controller, TerminalError } from './operator.ts'
import { conclude, type Outcome, outcomeOf, type Telling } from './reconcile/conclude.ts'
import { unlessAborted, withDeadline } from './reconcile/deadline.ts'
import { addFinalizer, hasFinalizer, removeFinalizer } from './reconcile/finalizer.ts'
import { callAuthor, type Run } from './reconcile/run.ts'
import { openSession, type Session } from './reconcile/session.ts'
import type { Occurrence, Recorder } from './record.ts'
import type { Report } from './report.ts'
import { matchesLabels } from './selector.ts'

export type { Outcome } from './reconcile/conclude.ts'

/** What a reconcile works with. */
export interface Reconciling {
  readonly api: Kube
  readonly record: Recorder
  readonly report: Report
  readonly clock: Clock
  readonly random: () => number
}

/** Which object to look at, and what is known of earlier tries. */
export interface Request
  extends Pick<Message, 'namespace' | 'name' | 'resourceVersion' | 'attempt'>,
    Partial<Pick<Message, 'lane'>> {
  /** A failure of this try is the last: the object is then marked as stalled. */
  readonly isLastTry: boolean
  /** Nobody is called any more: the object is told that it has stalled, and why. */
  readonly verdict?: string | undefined
  /** The object is reconciled more often than its controller allows. */
  readonly isLimited?: boolean | undefined
}

/** How long telling about a pass (status of a failure, Events) may take once its own deadline has come. */
const CONCLUDE_SECONDS = 5

/**
 * Reconciles one object. Never rejects. Takes at most the controller's deadline and a few seconds: an author's function
 * that does not listen to the signal is left behind, with an API that refuses it. `calls` is the number of API calls made.
 */
export async function reconcile<T extends KubeObject>(
  controller: Controller<T>,
  request: Request,
  using: Reconciling,
  signal: AbortSignal,
): Promise<{ readonly outcome: Outcome; readonly calls: number }> {
  const deadline = withDeadline(using.clock, controller.deadlineSeconds, signal)
  const closing = withDeadline(using.clock, controller.deadlineSeconds + CONCLUDE_SECONDS, signal)
  const session = openSession(using.api, deadline.signal)
  const telling = {
    ...using,
    session: openSession(using.api, closing.signal),
    isLastTry: request.isLastTry,
    stopping: signal,
  }
  const deeds: Deed[] = []
  const passing = { controller, request, using, session, telling, deeds, signal: deadline.signal }
  const calls = () => session.calls() + telling.session.calls()
  try {
    const passes = retryOnConflict((tries) => pass({ ...passing, tries }), using, deadline.signal)
    return { outcome: await unlessAborted(passes, closing.signal), calls: calls() }
  } catch (error) {
    return { outcome: outcomeOf(error, signal), calls: calls() }
  } finally {
    deadline.end()
    closing.end()
  }
}

interface Passing<T extends KubeObject> {
  readonly controller: Controller<T>
  readonly request: Request
  readonly using: Reconciling
  readonly session: Session
  readonly telling: Telling
  /** What the passes so far have done to children. */
  readonly deeds: Deed[]
  /** Passes before this one that lost a race. */
  readonly tries: number
  readonly signal: AbortSignal
}

/** One pass, from a fresh read. The first may read "not older than the change that woke us"; after a conflict, the newest. */
async function pass<T extends KubeObject>(passing: Passing<T>): Promise<Outcome> {
  const { controller, request, session } = passing
  const object = await read(passing, passing.tries === 0 ? request.resourceVersion : undefined)
  if (object === undefined) return mourn(passing)
  if (request.verdict !== undefined) return condemn(object, request.verdict, passing)
  const isHeld = hasFinalizer(object, controller)
  if (object.metadata.deletionTimestamp !== undefined)
    return isHeld ? finish(object, passing) : { type: 'gone' }
  if (!matchesLabels(controller.selector.labels, object.metadata.labels)) return { type: 'gone' }
  const isWanted = controller.finalize !== undefined
  if (isHeld === isWanted) return reconcileLive(object, passing)
  const write = isWanted ? addFinalizer : removeFinalizer
  const written = await write(object, controller, session.api)
  return written === undefined ? { type: 'gone' } : reconcileLive(written, passing)
}

/** A version that this server has never reached (a restored backup, another cluster behind the name) is no bound. */
async function read<T extends KubeObject>(
  { controller, request, session }: Passing<T>,
  notOlderThan: string | undefined,
): Promise<T | undefined> {
  const key = controller.kind.namespaced
    ? { namespace: request.namespace, name: request.name }
    : { name: request.name }
  try {
    return await session.api.get(controller.kind, key, { notOlderThan })
  } catch (error) {
    const isAhead = error instanceof ApiError && error.code === 504 && notOlderThan !== undefined
    if (!isAhead) throw error
    return session.api.get(controller.kind, key)
  }
}

/** The object is there no more. A rest of it that a cache still shows is not asked for again: deletions come after all else. */
async function mourn<T extends KubeObject>({
  controller,
  request,
  session,
  signal,
}: Passing<T>): Promise<Outcome> {
  const key = { namespace: request.namespace, name: request.name }
  if (request.verdict === undefined)
    await unlessAborted(controller.gone?.(key, { api: session.api, signal }), signal)
  return { type: 'gone' }
}

/** The end of a key that crashes whoever handles it: only its object is told. */
function condemn<T extends KubeObject>(object: T, verdict: string, passing: Passing<T>): Promise<Outcome> {
  const run = startRun(object, object.metadata.deletionTimestamp ? 'Finalize' : 'Reconcile', passing)
  return conclude(run, () => Promise.reject(new TerminalError(verdict)), passing.telling)
}

function reconcileLive<T extends KubeObject>(object: T, passing: Passing<T>): Promise<Outcome> {
  const { controller } = passing
  const run = startRun(object, 'Reconcile', passing)
  const body = async (): Promise<Outcome> => {
    const result = await callAuthor(run, (live, context) => controller.reconcile(live, context))
    return { type: 'done', afterSeconds: result?.afterSeconds }
  }
  return conclude(run, body, passing.telling)
}

/** Cleanup of an object that is being deleted; the finalizer goes only after it has succeeded. */
function finish<T extends KubeObject>(object: T, passing: Passing<T>): Promise<Outcome> {
  const { controller, using, signal } = passing
  const run = startRun(object, 'Finalize', passing)
  const body = async (): Promise<Outcome> => {
    const result = await callAuthor(run, (live, context) => controller.finalize?.(live, context))
    if (result?.afterSeconds !== undefined) return { type: 'done', afterSeconds: result.afterSeconds }
    await retryOnConflict((attempt) => release(object, attempt, passing), using, signal)
    const key = keyText(object.metadata)
    using.report({ type: 'applied', kind: controller.kind.kind, key, action: 'finalizer' })
    return { type: 'gone' }
  }
  return conclude(run, body, passing.telling)
}

/** Somebody else's finalizer going at the same moment repeats the removal, not the cleanup. */
async function release<T extends KubeObject>(object: T, attempt: number, passing: Passing<T>): Promise<void> {
  const { controller, session } = passing
  const live = attempt === 0 ? object : await session.api.get(controller.kind, object.metadata)
  if (live?.metadata.uid !== object.metadata.uid || !hasFinalizer(live, controller)) return
  await removeFinalizer(live, controller, session.api)
}

function startRun<T extends KubeObject>(object: T, action: Run<T>['action'], passing: Passing<T>): Run<T> {
  const { controller, session, signal, request, using, deeds, tries } = passing
  const isFinal = request.isLastTry && tries + 1 >= CONFLICT_TRIES
  const isNew = isUntouched(object, passing)
  const { report } = using
  return {
    controller,
    object,
    session,
    signal,
    report,
    action,
    isNew,
    isFinal,
    writtenBefore: session.written(controller.kind, object.metadata),
    fields: {},
    occurrences: request.isLimited ? [hotLoop(object, action, controller)] : [],
    deeds,
  }
}

/** What wakes itself for ever is seen by whoever describes the object. */
function hotLoop<T extends KubeObject>(
  regarding: T,
  action: Run<T>['action'],
  { rateLimit: { burst, perSecond } }: Controller<T>,
): Occurrence {
  const note = `reconciled more than ${burst} times in a row, now at most ${perSecond} times per second: does something write in a circle?`
  return { regarding, type: 'Warning', reason: 'RateLimited', action, note }
}

/**
 * Whether no pass over the object can have begun: this is the first for the change that made it. A message that comes back (a retry, a
 * crash, a restart) carries no resourceVersion or comes as background.
 */
function isUntouched<T extends KubeObject>(object: T, { controller, request, tries }: Passing<T>): boolean {
  const { status } = object as T & { status?: { observedGeneration?: number } }
  return (
    controller.kind.ownStatus &&
    object.metadata.generation === 1 &&
    status?.observedGeneration === undefined &&
    request.lane === 'change' &&
    request.resourceVersion !== undefined &&
    request.attempt === 0 &&
    tries === 0
  )
}
