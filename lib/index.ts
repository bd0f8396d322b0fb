/**
 * The path, in order:
 *
 *   kind, operator   what an author declares: kinds, controllers, the operator they make up
 *   watch            list and watch one kind: a cursor in, changes and a cursor out
 *   relay            changes to messages: what matters, for whom, and how often
 *   ingress          changes that arrive by webhook instead (`lib/ingress/`): batches to messages
 *   resync           all objects looked at once more, where no relay does it
 *   message          what travels: a key, never an object
 *   queue            holds messages: one key at a time, delays, attempts, parked keys
 *   work             deliveries to verdicts
 *   reconcile        one object to where its author wants it: read, finalizer, author, status
 *   apply            its children, by server-side apply
 *   conflict         what to do about a lost race
 *   record           what happened, as Kubernetes Events
 *   review           requests to the API server, answered: what is filled in, what is refused
 *   convert          objects from one version of their kind to another
 *   lead             of several candidates one acts, by a Lease
 *   kube             the API server, as all of them see it
 */
export { APPLIED } from './applied.ts'
export { type Clock, systemClock } from './clock.ts'
export { retryOnConflict } from './conflict.ts'
export { DatabaseError } from './database.ts'
export * from './kind.ts'
export * from './kind/builtin.ts'
export { type Condition, conditions } from './kind/condition.ts'
export type { Column, KindDefinition, Scale, VersionDefinition } from './kind/declaration.ts'
export { intOrString, listMap, listSet, quantity, rule, unchecked, withRules } from './kind/field.ts'
export { type Conversion, type ConversionOptions, convert, defineConversion } from './convert.ts'
export * from './kube.ts'
export { type Leading, type LeaseTiming, lead } from './lead.ts'
export { accessOf } from './manifest/access.ts'
export type { Acceptance, Format, Problem } from './ingress.ts'
export { crdOf } from './manifest/crd.ts'
export { installCrds } from './manifest/install.ts'
export {
  keepRegistered,
  type Registering,
  type Registration,
  register,
  switchReviews,
  unregister,
} from './manifest/register.ts'
export { crdsOf, type ReviewAddress, webhooksOf } from './manifest/webhooks.ts'
export { rbacOf } from './manifest/rbac.ts'
export { type RelayPod, relayOf, RELAY_TOKEN_FILE } from './manifest/relay.ts'
export * from './message.ts'
export * from './operator.ts'
export * from './operator/predicate.ts'
export * from './queue.ts'
export { type Outcome, reconcile } from './reconcile.ts'
export { recorder } from './record.ts'
export { relay } from './relay.ts'
export { type Resynced, type Resyncing, resync } from './resync.ts'
export * from './report.ts'
export { type Residing, reside } from './resident.ts'
export { watch as watchResource } from './watch.ts'
export * from './review.ts'
export { type Everywhere, type Place, verdictFor, work } from './work.ts'
