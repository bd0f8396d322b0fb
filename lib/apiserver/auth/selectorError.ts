/**
 * Selectors in an access review, which roles cannot grant by: they are read all the same, and what cannot be read is said
 * (kubernetes/pkg/registry/authorization/util).
 */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, listAt, stringAt } from '../schema/equal.ts'
import { parseFieldSelector } from '../selector/fields.ts'
import { parseLabelSelector } from '../selector/labels.ts'
import { StatusError } from '../status.ts'

/** What is told of the selectors of `resourceAttributes`; '' when there is nothing wrong with them. */
export function selectorError(attributes: JsonObject): string {
  const { fieldSelector, labelSelector } = attributes
  const errors = [
    ...textsOf('fieldSelector', fieldSelector, parseFieldSelector, isFieldRequirement),
    ...textsOf('labelSelector', labelSelector, parseLabelSelector, isLabelRequirement),
  ]
  return errors.join('; ')
}

function textsOf(
  name: string,
  selector: Json | undefined,
  parse: (text: string) => unknown,
  isUsable: (requirement: Json) => boolean,
): string[] {
  if (!isObject(selector)) return []
  const raw = stringAt(selector, 'rawSelector')
  const requirements = listAt(selector, 'requirements')
  const usable = requirements.filter(isUsable).length
  const isRead = raw === '' || parses(parse, raw)
  if (isRead && usable === requirements.length) return []
  const how = usable > 0 ? 'partially ignored' : 'ignored'
  return [`spec.resourceAttributes.${name} ${how} due to parse error`]
}

function parses(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text)
    return true
  } catch (error) {
    if (error instanceof StatusError) return false
    throw error
  }
}

/** Fields are compared with one value, and are never just there. */
const isFieldRequirement = (requirement: Json): boolean =>
  ['In', 'NotIn'].includes(stringAt(requirement, 'operator')) && listAt(requirement, 'values').length === 1

const isLabelRequirement = (requirement: Json): boolean =>
  ['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(stringAt(requirement, 'operator'))
