/**
 * Rules that Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs share.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt } from '../schema/equal.ts'
import { invalid, invalidPrinted, required } from '../schema/problem.ts'
import { selectorMatches } from '../selector/object.ts'
import { labelSelectorProblems } from './labelrules.ts'
import { goText } from './pod/go.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { dropDisabled } from './pod/prepare.ts'
import { endlessProblems, templateProblems } from './pod/template.ts'
import { podWarnings } from './pod/warnings.ts'
import { noneNegative } from './rules.ts'

/** Fills what templates default from their other fields. */
export const defaultTemplate = (object: JsonObject): void =>
  defaultPodSpec(objectAt(object, 'spec', 'template', 'spec'))

/** Takes away what templates cannot have, as the feature gates are. */
export const prepareTemplate = (object: JsonObject): void =>
  dropDisabled(objectAt(object, 'spec', 'template', 'spec'))

/** What a kind demands of its selector and template. */
export interface SelectorRules {
  /** The kind as the text about empty selectors names it. */
  readonly word: string
  /** What is said of a selector that cannot be understood; such a selector leaves the template unseen. */
  readonly unreadable?: string
  /** May the selector be absent? It selects nothing then. */
  readonly isOptional?: boolean
}

/** A selector that selects something, and selects the template. */
export const selectorProblems = (spec: JsonObject, rules: SelectorRules): Problem[] => {
  const field = 'spec.selector'
  const { selector } = spec
  if (!isObject(selector)) {
    const missing = rules.isOptional ? [] : [required(field)]
    return [...missing, mismatch(spec)]
  }
  const wrong = labelSelectorProblems(selector, field)
  const shown = (): string => goText('LabelSelector', selector)
  if (isEmpty(selector))
    wrong.push(invalidPrinted(field, shown(), `empty selector is invalid for ${rules.word}`))
  if (isUnreadable(selector))
    return rules.unreadable === undefined
      ? wrong
      : [...wrong, invalidPrinted(field, shown(), rules.unreadable)]
  const labels = objectAt(spec, 'template', 'metadata', 'labels')
  return selectorMatches(selector, labels) ? wrong : [...wrong, mismatch(spec)]
}

const isEmpty = (selector: JsonObject): boolean =>
  Object.keys(objectAt(selector, 'matchLabels')).length === 0 &&
  listAt(selector, 'matchExpressions').length === 0

/** Can nothing be selected by this? */
export const isUnreadable = (selector: Json | undefined): boolean =>
  isObject(selector) && labelSelectorProblems(selector, '').length > 0

const mismatch = (spec: JsonObject): Problem => {
  const labels = objectAt(spec, 'template', 'metadata', 'labels')
  const shown: Json = Object.keys(labels).length === 0 ? null : labels
  return invalid('spec.template.metadata.labels', shown, '`selector` does not match template `labels`')
}

/** A selector never changes. */
export const selectorChanges = (spec: JsonObject, before: JsonObject): Problem[] =>
  isEqual(spec.selector ?? null, before.selector ?? null)
    ? []
    : [
        invalidPrinted(
          'spec.selector',
          isObject(spec.selector) ? goText('LabelSelector', spec.selector) : 'null',
          'field is immutable',
        ),
      ]

/** What is wrong with the template of a controller that keeps its pods running; `owner` is its kind. */
export const ownTemplateProblems = (template: JsonObject, owner: string): Problem[] => [
  ...templateProblems(template, 'spec.template'),
  ...endlessProblems(template, 'spec.template', owner),
]

/** A status whose counters are no negative numbers, and of which some are no greater than all. */
export const countersProblems = (
  status: JsonObject,
  counters: readonly string[],
  parts: readonly string[],
  readyText = 'readyReplicas',
): Problem[] => {
  const count = (name: string): number => numberAt(status, name) ?? 0
  const say = (name: string, text: string): Problem => invalid(`status.${name}`, count(name), text)
  return [
    ...noneNegative(status, 'status', ...counters),
    ...parts
      .filter((name) => count(name) > count('replicas'))
      .map((name) => say(name, 'cannot be greater than status.replicas')),
    ...(parts.includes('availableReplicas') && count('availableReplicas') > count('readyReplicas')
      ? [say('availableReplicas', `cannot be greater than ${readyText}`)]
      : []),
  ]
}

/** The counter of name collisions only grows. */
export const collisionProblems = (status: JsonObject, before: JsonObject): Problem[] => {
  const now = numberAt(status, 'collisionCount')
  const then = numberAt(before, 'collisionCount')
  if (then === undefined || (now !== undefined && now >= then)) return []
  return [invalid('status.collisionCount', now ?? 0, 'cannot be decremented')]
}

/** The warnings of a template: for a new object, and where an update counts as one of the template. */
export const templateWarnings = (
  object: JsonObject,
  before: JsonObject | undefined,
  counts = hasNewGeneration,
): string[] => {
  if (before && !counts(object, before)) return []
  return podWarnings(objectAt(object, 'spec', 'template'), 'spec.template')
}

/** Did an update count as a change of the object? */
export const hasNewGeneration = (object: JsonObject, before: JsonObject): boolean =>
  numberAt(object, 'metadata', 'generation') !== numberAt(before, 'metadata', 'generation')
