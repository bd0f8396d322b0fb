/** The rules of a controller's definition: each wrong field is a line `name must ..., got value`. */
import { isLabel, isLetterLabel, isQualifiedName, isSubdomain, shown } from '../kind/names.ts'
import type { KubeObject, Resource } from '../kube.ts'
import type { Controller, Namespaces, Operator, Permission, Selector, Watched } from '../operator.ts'
import { parseLabelSelector } from '../selector.ts'

export type Problem = (text: string) => void

/** The limit of the API server for `metadata.managedFields[].manager`. */
const LONGEST_MANAGER = 128

type Naming = Pick<Controller, 'name' | 'finalizer' | 'fieldManager'>
type Numbers = Pick<
  Controller,
  'concurrency' | 'attempts' | 'deadlineSeconds' | 'quietSeconds' | 'resyncSeconds' | 'rateLimit' | 'revision'
>

/** Checks a controller whose defaults are filled. */
export function checkController<T extends KubeObject>(controller: Controller<T>, problem: Problem): void {
  checkNames(controller, problem)
  checkKinds(controller, problem)
  checkNumbers(controller, problem)
  checkSelector(controller.selector, problem)
  checkNamespaces(controller.namespaces, controller.kind, problem)
  for (const watched of controller.watches) checkWatched(watched, problem)
  for (const permission of controller.permissions ?? []) checkPermission(permission, problem)
}

function checkNames({ name, finalizer, fieldManager }: Naming, problem: Problem): void {
  if (!isLetterLabel(name)) problem(`name must be an RFC 1035 label, lower case, got ${shown(name)}`)
  if (!isQualifiedName(finalizer))
    problem(`finalizer must have the form domain/name (example.com/sites), got ${shown(finalizer)}`)
  if (!/^[\x21-\x7e]+$/.test(fieldManager) || fieldManager.length > LONGEST_MANAGER)
    problem(`fieldManager must be 1 to ${LONGEST_MANAGER} printable characters, got ${shown(fieldManager)}`)
}

function checkKinds<T extends KubeObject>(controller: Controller<T>, problem: Problem): void {
  const { kind, owns, owners, events, predicate, reconcile } = controller
  const seen = new Set<string>()
  for (const owned of owns) {
    const name = `${owned.plural}.${owned.group}`
    if (seen.has(name)) problem(`owns must name each kind once, got ${owned.kind} twice`)
    seen.add(name)
    if (kind.namespaced && !owned.namespaced)
      problem(`owns must not name the cluster-wide kind ${owned.kind}: a namespaced object cannot own it`)
  }
  if (owners !== 'controller' && owners !== 'every')
    problem(`owners must be "controller" or "every", got ${shown(owners)}`)
  if (events !== 'changes' && events !== 'failures')
    problem(`events must be "changes" or "failures", got ${shown(events)}`)
  if (typeof predicate !== 'function') problem(`predicate must be a function, got ${shown(predicate)}`)
  if (typeof reconcile !== 'function') problem(`reconcile must be a function, got ${shown(reconcile)}`)
  for (const field of ['finalize', 'gone'] as const)
    if (controller[field] !== undefined && typeof controller[field] !== 'function')
      problem(`${field} must be a function, got ${shown(controller[field])}`)
}

function checkNumbers(controller: Numbers, problem: Problem): void {
  for (const field of ['concurrency', 'attempts'] as const)
    if (!Number.isInteger(controller[field]) || controller[field] < 1)
      problem(`${field} must be an integer >= 1, got ${shown(controller[field])}`)
  const { deadlineSeconds, rateLimit, revision } = controller
  if (!(Number.isFinite(deadlineSeconds) && deadlineSeconds > 0))
    problem(`deadlineSeconds must be a number > 0, got ${shown(deadlineSeconds)}`)
  for (const field of ['quietSeconds', 'resyncSeconds'] as const)
    if (!(Number.isFinite(controller[field]) && controller[field] >= 0))
      problem(`${field} must be a number >= 0, got ${shown(controller[field])}`)
  if (!Number.isInteger(rateLimit?.burst) || rateLimit.burst < 1)
    problem(`rateLimit.burst must be an integer >= 1, got ${shown(rateLimit?.burst)}`)
  if (!(Number.isFinite(rateLimit?.perSecond) && rateLimit.perSecond > 0))
    problem(`rateLimit.perSecond must be a number > 0, got ${shown(rateLimit?.perSecond)}`)
  if (typeof revision !== 'string') problem(`revision must be a text, got ${shown(revision)}`)
}

/** Label and field selectors in kubectl's notation. */
export function checkSelector({ labels, fields }: Selector, problem: Problem): void {
  if (labels !== undefined) checkLabels(labels, 'labels', problem)
  if (fields !== undefined && !isFieldSelector(fields))
    problem(`fields must be a field selector (metadata.name=web), got ${shown(fields)}`)
}

function checkLabels(labels: unknown, field: string, problem: Problem): void {
  const reason = labelsProblem(labels)
  if (reason !== undefined)
    problem(`${field} must be a label selector (app=web,tier!=cache), got ${shown(labels)}${reason}`)
}

/** Why this is no label selector; undefined when it is one. */
function labelsProblem(labels: unknown): string | undefined {
  if (typeof labels !== 'string' || labels.trim() === '') return ''
  try {
    parseLabelSelector(labels)
    return undefined
  } catch (error) {
    return `: ${error instanceof Error ? error.message : String(error)}`
  }
}

const isFieldSelector = (fields: unknown): boolean =>
  typeof fields === 'string' &&
  fields.split(',').every((term) => /^[A-Za-z_][A-Za-z0-9_.]*(==|!=|=)([^,=\\]|\\[,=\\])*$/.test(term))

function checkNamespaces(namespaces: Namespaces, kind: Resource<unknown>, problem: Problem): void {
  if (namespaces === 'all') return
  if (!kind.namespaced) problem(`namespaces must be left out for the cluster-wide kind ${kind.kind}`)
  if (typeof namespaces === 'object' && 'labels' in namespaces)
    checkLabels(namespaces.labels, 'namespaces.labels', problem)
  else if (!Array.isArray(namespaces) || namespaces.length === 0)
    problem(`namespaces must be "all", a list of names or { labels }, got ${shown(namespaces)}`)
  else checkNamespaceNames(namespaces, problem)
}

function checkNamespaceNames(names: readonly unknown[], problem: Problem): void {
  if (new Set(names).size < names.length) problem(`namespaces must be different, got ${shown(names)}`)
  for (const name of names)
    if (!isLabel(name)) problem(`namespaces must be RFC 1123 labels, got ${shown(name)}`)
}

/** A watched kind with its selector and functions. */
export function checkWatched(watched: Watched, problem: Problem): void {
  const named: Problem = (text) => problem(`watch of ${watched.resource.kind}: ${text}`)
  checkSelector(watched.selector, named)
  if (typeof watched.map !== 'function') named(`map must be a function, got ${shown(watched.map)}`)
  if (typeof watched.predicate !== 'function')
    named(`predicate must be a function, got ${shown(watched.predicate)}`)
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

function checkPermission({ resource, verbs }: Permission, problem: Problem): void {
  const wrong = verbs.filter((verb) => !VERBS.includes(verb))
  if (verbs.length === 0 || wrong.length > 0)
    problem(`permissions of ${resource.kind} must be verbs of ${VERBS.join(', ')}, got ${shown(verbs)}`)
}

/** The rules between controllers of one operator. */
export function checkOperator(operator: Operator, problem: Problem): void {
  const { name, controllers, reviews, conversions } = operator
  if (!isSubdomain(name) || name.length > 63)
    problem(`name must be an RFC 1123 subdomain of 63 characters at most, got ${shown(name)}`)
  if (controllers.length + reviews.length + conversions.length === 0)
    problem('controllers must name at least one, got []')
  for (const [field, kindOf] of UNIQUE) {
    const seen = new Set<string>()
    for (const controller of controllers) {
      const key = kindOf(controller)
      if (seen.has(key)) problem(`${field} must be unique, got ${shown(controller[field])} twice`)
      seen.add(key)
    }
  }
  for (const [field, named] of Object.entries({ reviews, conversions }))
    for (const [index, one] of named.entries())
      if (named.findIndex((other) => other.name === one.name) !== index)
        problem(`${field} must have different names, got ${shown(one.name)} twice`)
}

const onKind = (controller: Controller, value: string): string =>
  `${controller.kind.plural}.${controller.kind.group}|${value}`

/** Two controllers of one kind must not remove each other's finalizer, nor prune each other's children. */
const UNIQUE: readonly (readonly [
  'name' | 'finalizer' | 'fieldManager',
  (controller: Controller) => string,
])[] = [
  ['name', (controller) => controller.name],
  ['finalizer', (controller) => onKind(controller, controller.finalizer)],
  ['fieldManager', (controller) => onKind(controller, controller.fieldManager)],
]
