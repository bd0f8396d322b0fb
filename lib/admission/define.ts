/**
 * What an author declares of a review: which requests it is for, what it fills in and what it refuses. Data only; `review`
 * runs it, `lib/manifest/webhooks.ts` registers it.
 */
import { isLetterLabel, shown } from '../kind/names.ts'
import type { Kube, KubeObject, Resource } from '../kube.ts'
import { parseLabelSelector } from '../selector.ts'
import { isCustom } from '../kind.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** Who asks, as the API server authenticated them (authentication.k8s.io/v1 UserInfo). */
export interface User {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
}

/** What a review function is told beside the object. */
export interface ReviewContext<T> {
  readonly operation: Operation
  /** The object before an update, or the one that is deleted. */
  readonly old: T | undefined
  /** Nothing will be stored: a function that changes something elsewhere must not do it. */
  readonly isDryRun: boolean
  readonly user: User
  /** Empty for objects whose name the server makes up, and for deletions of whole collections. */
  readonly name: string
  readonly namespace: string | undefined
  /** The request's options as they came: CreateOptions, DeleteOptions, PodExecOptions. */
  readonly options: unknown
  /** Shown to whoever asked, one line each (`Warning:` of kubectl). */
  warn(text: string): void
  /** Noted in the audit log under `<webhook>/<key>`. */
  annotate(key: string, value: string): void
  /**
   * The cluster, where the reviews are given access to one. For reads only: the request may still be refused by others, or
   * be asked about twice.
   */
  readonly api: Kube | undefined
  /** Aborts when the answer is due. */
  readonly signal: AbortSignal
}

/** Why a field is refused, in the words of the API server (`FieldValueInvalid` is `invalid`). */
export type Why = 'invalid' | 'required' | 'forbidden' | 'duplicate' | 'notSupported' | 'tooLong' | 'tooMany'

/** What a validate function may also do: refuse fields, all of them in one answer. */
export interface ValidateContext<T> extends ReviewContext<T> {
  /** Refuses a field (`spec.containers[0].image`); the value is looked up and shown. `rule` reads "must be ...". */
  refuse(field: string, rule: string, why?: Why): void
}

/** The object as a default function may change it. */
export type Draft<T> = T extends object ? { -readonly [K in keyof T]: Draft<T[K]> } : T

/** The scale subresource (autoscaling/v1). */
export interface ScaleObject extends KubeObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas: number; readonly selector?: string }
}

export type DefaultFunction<T> = (object: Draft<T>, context: ReviewContext<T>) => Promise<void> | void
export type ValidateFunction<T> = (object: T, context: ValidateContext<T>) => Promise<void> | void

/** A condition in CEL over the request; all must be true for the review to be asked. */
export interface MatchCondition {
  readonly name: string
  readonly expression: string
}

/** Reviews of the requests for one resource. Made by `defineReview`, which checks it and fills the defaults. */
export interface Review<T = KubeObject> {
  /** Unique in the operator; the last part of the path, the first of the webhook's name. */
  readonly name: string
  readonly kind: Resource<KubeObject>
  readonly subresource: string | undefined
  readonly operations: readonly Operation[]
  /** Of an API server that gets no answer, and of a function that is late. */
  readonly failurePolicy: 'Fail' | 'Ignore'
  /** 1 to 30: how long the API server waits. The answer is given before. */
  readonly timeoutSeconds: number
  readonly reinvocation: 'Never' | 'IfNeeded'
  /** Only objects with these labels, before or after the request: `app=web`. */
  readonly labels: string | undefined
  readonly matchConditions: readonly MatchCondition[]
  readonly defaults: readonly DefaultFunction<T>[]
  readonly validates: readonly ValidateFunction<T>[]
}

type Several<F> = F | readonly F[]

/** A review as an author writes it. */
export interface ReviewOptions<T>
  extends Partial<Omit<Review<T>, 'kind' | 'subresource' | 'defaults' | 'validates' | 'labels'>> {
  readonly labels?: string
  /** Changes the object that is created or updated, in place. Several run in order, each seeing what the one before did. */
  readonly default?: Several<DefaultFunction<T>>
  /**
   * Refuses by `throw new Denied(why)` or by `refuse(field, rule)`; several are asked in order until one does. The object is
   * what will be stored; for a deletion it is what is deleted. Kinds of one's own have passed their zod schema. Not asked
   * about updates of finalizers and owners alone.
   */
  readonly validate?: Several<ValidateFunction<T>>
}

/** Reviews of a kind declared by `defineKind` matter only to it: without an answer nothing is stored. */
const DEFAULTS = { timeoutSeconds: 5, reinvocation: 'Never', matchConditions: [] } as const
const FIELDS = ['name', 'operations', 'failurePolicy', 'labels', 'default', 'validate', 'subresource']

/** What is done to a subresource: most are updated. */
const OPERATIONS_OF: Readonly<Record<string, readonly Operation[]>> = {
  '': ['CREATE', 'UPDATE'],
  attach: ['CONNECT'],
  exec: ['CONNECT'],
  portforward: ['CONNECT'],
  proxy: ['CONNECT'],
  binding: ['CREATE'],
  eviction: ['CREATE'],
  token: ['CREATE'],
}

/** What a subresource holds is the object itself only for `status`; others have kinds of their own (PodExecOptions). */
type Reviewed<K, S> = S extends 'scale'
  ? ScaleObject
  : S extends undefined | 'status'
    ? K extends Resource<infer T>
      ? T
      : never
    : Readonly<Record<string, unknown>>

/**
 * Declares reviews of requests for a kind, custom or built-in, or for a subresource of it (`status`, `scale`, `exec`).
 * Defaults: the name is the kind in lower case (`deployment-scale` for a subresource), creations and updates (of
 * a subresource what is done to it: `exec` is connected to), `Fail` for kinds of one's own
 * and `Ignore` for all others, 5 s. A kind of one's own without functions is still validated by its zod schema. Throws an
 * Error with a line per wrong field.
 */
export function defineReview<K extends Resource<KubeObject>, const S extends string | undefined = undefined>(
  kind: K,
  options: ReviewOptions<Reviewed<K, S>> & { readonly subresource?: S },
): Review<Reviewed<K, S>> {
  const { default: given, validate, subresource, ...rest } = options
  const suffix = subresource === undefined ? '' : `-${subresource}`
  const review: Review<Reviewed<K, S>> = {
    ...DEFAULTS,
    name: `${kind.kind.toLowerCase()}${suffix}`,
    operations: OPERATIONS_OF[subresource ?? ''] ?? ['UPDATE'],
    failurePolicy: isCustom(kind) ? 'Fail' : 'Ignore',
    labels: undefined,
    ...rest,
    kind,
    subresource,
    defaults: listOf(given),
    validates: listOf(validate),
  }
  const problems = [...problemsOf(review), ...unknownFields(options)]
  if (problems.length > 0)
    throw new Error(problems.map((text) => `Review "${review.name}": ${text}`).join('\n'))
  return review
}

const listOf = <F>(given: Several<F> | undefined): readonly F[] =>
  given === undefined ? [] : Array.isArray(given) ? given : [given as F]

/** Whether it has anything to say of the objects that are to be stored or deleted. */
export const isValidating = ({ kind, validates, subresource }: Review<never>): boolean =>
  validates.length > 0 || (isCustom(kind) && subresource === undefined)

/** Whether it may change objects. */
export const isMutating = ({ defaults }: Review<never>): boolean => defaults.length > 0

const OPERATIONS: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

function problemsOf(review: Review<never>): string[] {
  const { name, operations, failurePolicy, timeoutSeconds, reinvocation, matchConditions } = review
  const { defaults, validates, labels } = review
  const wrong = operations.filter((operation) => !OPERATIONS.includes(operation))
  const found: (string | false)[] = [
    !isLetterLabel(name) && `name must be an RFC 1035 label, lower case, got ${shown(name)}`,
    (operations.length === 0 || wrong.length > 0) &&
      `operations must be of ${OPERATIONS.join(', ')}, got ${shown(operations)}`,
    failurePolicy !== 'Fail' &&
      failurePolicy !== 'Ignore' &&
      `failurePolicy must be "Fail" or "Ignore", got ${shown(failurePolicy)}`,
    !(Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= 30) &&
      `timeoutSeconds must be an integer from 1 to 30, got ${shown(timeoutSeconds)}`,
    reinvocation !== 'Never' &&
      reinvocation !== 'IfNeeded' &&
      `reinvocation must be "Never" or "IfNeeded", got ${shown(reinvocation)}`,
    matchConditions.length > 64 && `matchConditions must be 64 at most, got ${matchConditions.length}`,
    !isMutating(review) && !isValidating(review) && 'must have a default or a validate function',
    ![...defaults, ...validates].every((each) => typeof each === 'function') &&
      'default and validate must be functions or lists of functions',
    labels !== undefined && labelsProblem(labels),
  ]
  return found.filter((text) => text !== false)
}

function labelsProblem(labels: string): string | false {
  try {
    parseLabelSelector(labels)
    return false
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `labels must be a label selector (app=web), got ${shown(labels)}: ${reason}`
  }
}

const unknownFields = (options: object): string[] =>
  Object.keys(options)
    .filter((field) => !(field in DEFAULTS || FIELDS.includes(field)))
    .map((field) => `${field} is no field of a review`)
