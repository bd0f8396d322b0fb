/**
 * What an author declares: controllers, and the operator that is made of them. Everything here is data; nothing runs.
 * `relay` reads what to watch from it, `work` what to call.
 */
import type { Review } from './admission/define.ts'
import type { Conversion } from './conversion/define.ts'
import type { Kind } from './kind.ts'
import type { Key, Kube, KubeObject, Metadata, Resource } from './kube.ts'
import { hashText } from './hash.ts'
import { checkController, checkOperator, checkWatched, type Problem } from './operator/check.ts'
import { primaryChanged, resourceVersionChanged } from './operator/predicate.ts'
import type { ControllerLimit, RateLimit } from './queue.ts'

export { RetryAfter } from './retry-after.ts'

/** Retrying cannot help until the object changes: the key is not tried again, the object is marked `Stalled`. */
export class TerminalError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'TerminalError'
  }
}

/** What a reconcile may return: when to look again. Nothing: when something changes. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is what most authors write
export type Result = { readonly afterSeconds: number } | undefined | void

/** A child as an author writes it: `apiVersion`, `kind`, `metadata.name`; the primary's namespace is the default. */
export interface Desired {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: { readonly name?: string; readonly namespace?: string }
}

/** What `apply` gives back for a desired child: the same type, as the server holds it. */
export type Applied<D> = D & { readonly metadata: Metadata }

/** Records Kubernetes Events about the primary. Never fails a reconcile. `reason` is UpperCamelCase, at most 128 characters. */
export interface EventWriter {
  normal(reason: string, note: string): void
  warning(reason: string, note: string): void
}

/** What a reconcile function is given beside the object. */
export interface Context<T extends KubeObject = KubeObject> {
  /**
   * Makes the owned children be exactly these: absent ones are created, changed ones patched (server-side apply, owner
   * reference, the controller's field manager), owned ones not named any more deleted. Null and undefined entries are
   * skipped. Returns the children as the server holds them, in order. Call it once, with all of them.
   */
  apply<const D extends readonly (Desired | null | undefined)[]>(
    children: D,
  ): Promise<{ [I in keyof D]: D[I] extends Desired ? Applied<D[I]> : D[I] }>
  /** Fields of the status to set; written once, at the end, and only if something differs. */
  status(fields: Partial<StatusOf<T>>): void
  readonly event: EventWriter
  /** Reads and writes with the controller's credentials; reads see this run's own writes. */
  readonly api: Kube
  /** Aborts at the deadline; from then on every call through `api` and `apply` is refused. */
  readonly signal: AbortSignal
}

export type StatusOf<T> = T extends { readonly status?: infer S } ? NonNullable<S> : Record<string, unknown>

/** The values of an object that a predicate may compare: the relay keeps these and no more. */
export interface Facets {
  readonly uid: string
  readonly generation: number | undefined
  readonly resourceVersion: string
  /** Hashes: equal means unchanged. */
  readonly labels: string
  readonly annotations: string
  readonly isDeleting: boolean
}

/** Whether a change matters. Only updates are asked: creations, deletions and recreations always matter. */
export type Predicate = (before: Facets, after: Facets) => boolean

export interface Selector {
  /** A label selector as kubectl writes it: `app=web,tier!=cache`. */
  readonly labels?: string
  /** A field selector: `metadata.name=web`. */
  readonly fields?: string
}

/** All namespaces, these, or those whose labels match (followed as namespaces come, go and are relabelled). */
export type Namespaces = 'all' | readonly string[] | { readonly labels: string }

/** A kind that is neither the primary nor owned; `map` runs in the worker and tells whom a change concerns. */
export interface Watched<R extends KubeObject = KubeObject> {
  readonly resource: Resource<R>
  readonly selector: Selector
  readonly predicate: Predicate
  map(changed: Key, api: Kube, signal: AbortSignal): Promise<readonly Key[]> | readonly Key[]
}

/** What `reconcile`, `finalize` and `map` do through `api` beyond what the framework does: for the generated RBAC. */
export interface Permission {
  readonly resource: Resource<unknown>
  /** `status`, `scale`, ... of it, instead of itself. */
  readonly subresource?: string
  readonly verbs: readonly ('get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete')[]
}

/** A control loop over one kind. Made by `defineController`, which checks it and fills the defaults. */
export interface Controller<T extends KubeObject = KubeObject> {
  /** Unique in the operator; names the finalizer, the field manager, the queue keys and the Events' reporter. */
  readonly name: string
  readonly kind: Kind<T>
  readonly owns: readonly Resource<KubeObject>[]
  /** Wake only the owner that is the controller (the default), or every owner of the kind. */
  readonly owners: 'controller' | 'every'
  readonly watches: readonly Watched[]
  readonly predicate: Predicate
  readonly selector: Selector
  readonly namespaces: Namespaces
  /** Reconciles at once, per process. */
  readonly concurrency: number
  /** A reconcile that runs longer is aborted and counted as failed. */
  readonly deadlineSeconds: number
  /** Counted failures after which the key is parked. */
  readonly attempts: number
  /** Messages for one key are at least this far apart; the last change in between is never lost. */
  readonly quietSeconds: number
  /**
   * How often one object may be reconciled. Default 100 times at once and once per second on average (Crossplane's circuit
   * breaker): more is a loop that feeds itself. It is slowed down and told of, never stopped.
   */
  readonly rateLimit: RateLimit
  /** Every object is looked at this often although nothing happened, give or take 10 %. 0: never. */
  readonly resyncSeconds: number
  /**
   * Whenever this differs from what ran before, every object is looked at once. Default: a hash of the text of the author's
   * functions, which does not see what they call: a build number or a commit does.
   */
  readonly revision: string
  /**
   * Which Events are recorded besides the author's: `changes` (what was done to children, and failures) or `failures`
   * alone, which saves a call for each reconcile that changes children.
   */
  readonly events: 'changes' | 'failures'
  /** `<group>/<controller name>`: present while `finalize` is given, removed from objects once it is not. */
  readonly finalizer: string
  readonly fieldManager: string
  readonly permissions?: readonly Permission[]
  reconcile(object: T, context: Context<T>): Promise<Result> | Result
  /** Cleans up outside the cluster. Returned seconds: not done yet, look again. Children are removed by the cluster. */
  readonly finalize: ((object: T, context: Context<T>) => Promise<Result> | Result) | undefined
  /**
   * Told of an object that is there no more, also of one that went while nobody watched: at least once, perhaps long after,
   * perhaps with a namesake made meanwhile (then `reconcile` is called instead). What must not be missed wants `finalize`.
   */
  readonly gone: ((key: Key, context: Pick<Context<T>, 'api' | 'signal'>) => Promise<void> | void) | undefined
}

/** Controllers that are deployed together. */
export interface Operator {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: controllers of different kinds stand side by side; `any` is what lets them
  readonly controllers: readonly Controller<any>[]
  /** In the order in which they are declared; each is a webhook of its own. */
  readonly reviews: readonly Review<never>[]
  readonly conversions: readonly Conversion[]
}

/** What an operator may have beside controllers: functions that the API server asks. */
export type Webhooks = Partial<Pick<Operator, 'reviews' | 'conversions'>>

/** A controller as an author writes it; all but `reconcile` may be left out. */
export interface ControllerOptions<T extends KubeObject>
  extends Selector,
    Partial<Omit<Controller<T>, 'kind' | 'selector' | 'reconcile' | 'finalize' | 'gone'>> {
  reconcile(object: T, context: Context<T>): Promise<Result> | Result
  finalize?(object: T, context: Context<T>): Promise<Result> | Result
  gone?(key: Key, context: Pick<Context<T>, 'api' | 'signal'>): Promise<void> | void
}

/** Options without a default. */
const REQUESTED = ['name', 'labels', 'fields', 'permissions', 'reconcile']

/** The domain of finalizers and field managers on kinds that are not ours. */
const DOMAIN = 'fairlead.dev'

/**
 * Declares a control loop over a kind. Defaults: the name is the kind in lower case, 10 reconciles at once, a deadline of
 * 25 s (a Lambda's 30 with a margin), 20 attempts, half a second of quiet, a resync every 10 hours, all namespaces. Throws an Error with a line per
 * wrong field: `Controller "sites": concurrency must be an integer >= 1, got 0`.
 */
export function defineController<T extends KubeObject>(
  kind: Kind<T>,
  options: ControllerOptions<T>,
): Controller<T> {
  const { labels, fields, ...given } = options
  const name = given.name ?? kind.kind.toLowerCase()
  const domain = 'declaration' in kind ? kind.group : DOMAIN
  const defaults = {
    owns: [],
    owners: 'controller' as const,
    watches: [],
    predicate: primaryChanged,
    namespaces: 'all' as const,
    concurrency: 10,
    deadlineSeconds: 25,
    attempts: 20,
    quietSeconds: 0.5,
    rateLimit: { burst: 100, perSecond: 1 },
    resyncSeconds: 36_000,
    revision: hashText([options.reconcile, options.finalize, options.gone].map(String).join('\n')),
    events: 'changes' as const,
    finalizer: `${domain}/${name}`,
    fieldManager: `${name}.${domain}`,
    finalize: undefined,
    gone: undefined,
  }
  const controller: Controller<T> = {
    ...defaults,
    ...given,
    name,
    kind,
    selector: selectorOf({ labels, fields }),
  }
  refuse(`Controller "${name}"`, (problem) => {
    for (const field of Object.keys(options))
      if (!(field in defaults || REQUESTED.includes(field))) problem(`${field} is no field of a controller`)
    checkController(controller, problem)
  })
  return controller
}

/** Declares what is deployed together. Names are unique. Throws as `defineController` does. */
export function defineOperator(
  name: string,
  controllers: Operator['controllers'],
  { reviews = [], conversions = [] }: Webhooks = {},
): Operator {
  const operator: Operator = { name, controllers, reviews, conversions }
  refuse(`Operator "${name}"`, (problem) => checkOperator(operator, problem))
  return operator
}

/** How a watched kind concerns the primaries. */
export interface Watching extends Selector {
  readonly predicate?: Predicate
  map: Watched['map']
}

/**
 * Declares that changes of another kind concern primaries: `map` names them, in the worker, where it can read. Without a
 * predicate every write counts, that of a status too. Throws as `defineController` does.
 */
export function watch<R extends KubeObject>(resource: Resource<R>, options: Watching): Watched<R> {
  const { labels, fields, predicate = resourceVersionChanged, map } = options
  const watched: Watched<R> = { resource, selector: selectorOf({ labels, fields }), predicate, map }
  refuse('Controller', (problem) => checkWatched(watched, problem))
  return watched
}

const selectorOf = ({
  labels,
  fields,
}: {
  labels: string | undefined
  fields: string | undefined
}): Selector => ({
  ...(labels !== undefined && { labels }),
  ...(fields !== undefined && { fields }),
})

/** Throws every problem that a check finds, a line each. */
function refuse(subject: string, check: (problem: Problem) => void): void {
  const problems: string[] = []
  check((text) => problems.push(`${subject}: ${text}`))
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

/** What a consumer may do for each controller at once, and how often for one key. */
export const limitsOf = ({ controllers }: Operator): ReadonlyMap<string, ControllerLimit> =>
  new Map(controllers.map(({ name, concurrency, rateLimit }) => [name, { concurrency, rate: rateLimit }]))
