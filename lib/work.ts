/**
 * Deliveries in, verdicts out: parse the message, find the controller, reconcile (or map a watched object's change to the
 * primaries that it concerns), decide what the queue shall do. Never throws: a poison message is a verdict.
 */
import { ApiError, groupKindOf, type Key } from './kube.ts'
import { keyName, keyText, type Message, messageSchema } from './message.ts'
import type { Controller, Operator } from './operator.ts'
import type { Delivery, Verdict } from './queue.ts'
import { type Reconciling, reconcile } from './reconcile.ts'
import { outcomeOf, textOf } from './reconcile/conclude.ts'
import { openSession } from './reconcile/session.ts'
import { unlessAborted, withDeadline } from './reconcile/deadline.ts'
import { placeFor, type Working } from './work/place.ts'
import { countedAfter, crashVerdict, verdictFor, verdictText } from './work/verdict.ts'

export type { Everywhere, Place, Working } from './work/place.ts'
export { verdictFor } from './work/verdict.ts'

/**
 * Handles a batch, every key at once (limits are the queue's). Resolves with a verdict for each delivery, within the longest deadline of
 * the controllers concerned and a few seconds. When `signal` aborts, what is running is told to stop and comes back as a retry at once.
 */
export async function work(
  deliveries: readonly Delivery[],
  operator: Operator,
  working: Working,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = deliveries.map(async (delivery): Promise<[string, Verdict]> => {
    const verdict = await handle(delivery, operator, working, signal)
    if (verdict.type === 'bury')
      working.report({ type: 'parked', key: nameOf(delivery), reason: verdict.reason })
    return [delivery.id, verdict]
  })
  return new Map(await Promise.all(verdicts))
}

/** How people name the key; what is no message has only the queue's own name for it. */
function nameOf({ id, body }: Delivery): string {
  const parsed = messageSchema.safeParse(body)
  return parsed.success ? keyName(parsed.data) : id
}

async function handle(
  delivery: Delivery,
  operator: Operator,
  working: Working,
  signal: AbortSignal,
): Promise<Verdict> {
  const parsed = messageSchema.safeParse(delivery.body)
  if (!parsed.success)
    return { type: 'bury', reason: `malformed message: ${problemText(parsed.error.issues)}` }
  const message = parsed.data
  const controller = operator.controllers.find(({ name }) => name === message.controller)
  if (controller === undefined) {
    const known = operator.controllers.map(({ name }) => name).join(', ')
    return {
      type: 'bury',
      reason: `operator "${operator.name}" has no controller "${message.controller}", it has ${known}`,
    }
  }
  const using = await placeFor(message, working)
  if (using instanceof ApiError) return elsewhere(using, { delivery, message, controller }, working)
  if ('type' in using) return using
  const task = message.related === undefined ? reconcileOne : mapOne
  return task({ delivery, message, controller, using }, signal)
}

/** A cluster that cannot be reached is nobody's failure: the key waits. */
function elsewhere(
  error: ApiError,
  { delivery, message, controller }: Omit<Task, 'using'>,
  { report, random, clock }: Working,
): Verdict {
  report({ type: 'failed', controller: controller.name, key: keyName(message), error: textOf(error) })
  return verdictFor({ type: 'unavailable', error }, { delivery, controller, random, now: clock.now() })
}

/** Zod's texts quote no values, only what was expected. */
const problemText = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues
    .slice(0, 4)
    .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
    .join('; ')
    .slice(0, 512)

interface Task {
  readonly delivery: Delivery
  readonly message: Message
  readonly controller: Controller
  readonly using: Reconciling
}

async function reconcileOne(
  { delivery, message, controller, using }: Task,
  signal: AbortSignal,
): Promise<Verdict> {
  const { clock, random, report } = using
  const started = clock.now()
  const isLastTry = countedAfter(delivery) >= controller.attempts
  const { attempt, isLimited, readySince } = delivery
  const verdictOfCrash = crashVerdict(delivery, controller)
  const request = { ...boundOf(delivery, message), attempt, isLastTry, isLimited, verdict: verdictOfCrash }
  const { outcome, calls } = await reconcile(controller, request, using, signal)
  const verdict = verdictFor(outcome, { delivery, controller, random, now: clock.now() })
  const told = { controller: controller.name, key: keyText(message) }
  if (outcome.type === 'failed' || outcome.type === 'terminal')
    report({ type: 'failed', ...told, error: textOf(outcome.error) })
  const milliseconds = clock.now() - started
  const waited = readySince === undefined ? {} : { waitedMilliseconds: Math.max(0, started - readySince) }
  const ended = { milliseconds, ...waited, calls, outcome: verdictText(outcome, verdict) }
  report({ type: 'reconciled', ...told, ...ended })
  return verdict
}

/** The message, without its lower bound for the read where the newest state has to be read. */
const boundOf = ({ mustReadNewest = false }: Delivery, message: Message): Message =>
  mustReadNewest ? { ...message, resourceVersion: undefined } : message

/** A change of a watched object: the author's map functions name the primaries, which are sent on as messages. */
async function mapOne({ delivery, message, controller, using }: Task, signal: AbortSignal): Promise<Verdict> {
  const { clock, random, report, api } = using
  const reason = crashVerdict(delivery, controller)
  if (reason !== undefined) return { type: 'bury', reason }
  const deadline = withDeadline(clock, controller.deadlineSeconds, signal)
  const changed = { namespace: message.namespace, name: message.name }
  try {
    const session = openSession(api, deadline.signal)
    const watches = controller.watches.filter(({ resource }) => groupKindOf(resource) === message.related)
    const maps = watches.map(async (watch) => watch.map(changed, session.api, deadline.signal))
    const keys = await unlessAborted(Promise.all(maps), deadline.signal)
    const primaries = keys.flat().map((key) => primaryKey(key, controller))
    const messages = new Map(primaries.map((key) => [keyText(key), messageTo(key, message)]))
    return { type: 'forward', messages: [...messages.values()] }
  } catch (error) {
    const outcome = outcomeOf(error, signal)
    const key = `${message.related} ${keyText(changed)}`
    if (outcome.type !== 'postponed')
      report({ type: 'failed', controller: controller.name, key, error: textOf(error) })
    return verdictFor(outcome, { delivery, controller, random, now: clock.now() })
  } finally {
    deadline.end()
  }
}

/** One object has one key, however a map function writes it: else two runs could be at it at once. */
function primaryKey({ namespace, name }: Key, { name: controller, kind }: Controller): Key {
  if (!kind.namespaced) return { name }
  if (namespace) return { namespace, name }
  throw new Error(
    `Controller "${controller}": map gave "${name}" without namespace, and ${kind.kind} is namespaced`,
  )
}

const messageTo = (key: Key, { related, ...message }: Message): Message => ({
  version: 1,
  cluster: message.cluster,
  controller: message.controller,
  ...(key.namespace === undefined ? {} : { namespace: key.namespace }),
  name: key.name,
  causes: [`${related} ${keyText(message)} changed`],
  lane: message.lane,
  attempt: 0,
  ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
})
