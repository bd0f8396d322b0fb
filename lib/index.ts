/**
 * The path, in order:
 *
 *   kind, operator   what an author declares: kinds, controllers, the operator they make up
 *   watch            list and watch one kind: a cursor in, changes and a cursor out
 *   relay            changes to messages: what matters, for whom, and how often
 *   message          what travels: a key, never an object
 *   queue            holds messages: one key at a time, delays, attempts, parked keys
 *   work             deliveries to verdicts
 *   reconcile        one object to where its author wants it: read, finalizer, author, status
 *   apply            its children, by server-side apply
 *   conflict         what to do about a lost race
 *   record           what happened, as Kubernetes Events
 *   kube             the API server, as all of them see it
 */
export * from './kind.ts'
export * from './kind/builtin.ts'
export * from './operator.ts'
export { APPLIED } from './applied.ts'
export { watch as watchResource } from './watch.ts'
export { relay } from './relay.ts'
export { ONLY_CLUSTER, reside } from './resident.ts'
export { work, verdictFor } from './work.ts'
export { reconcile, type Outcome } from './reconcile.ts'
export { recorder } from './record.ts'
export { retryOnConflict } from './conflict.ts'
export { systemClock, type Clock } from './clock.ts'
export * from './kube.ts'
export * from './message.ts'
export * from './queue.ts'
export * from './report.ts'
