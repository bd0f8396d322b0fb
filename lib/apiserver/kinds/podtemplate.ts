/**
 * What core/v1 has about pods besides themselves: PodTemplates, and the Binding that puts a pod on a node.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, objectAt, stringAt } from '../schema/equal.ts'
import { notSupported, required } from '../schema/problem.ts'
import { always, needed } from './dsl.ts'
import { defineKind } from './kind.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { podTemplate } from './podspec.ts'
import { templateProblems } from './pod/template.ts'
import { objectReference } from './reference.ts'

const podSpecOf = (object: JsonObject): JsonObject => objectAt(object, 'template', 'spec')

const template: ResourceType = defineKind({
  kind: 'PodTemplate',
  returnsDeleted: true,
  bumpsGeneration: (before, after) => !isEqual(before.template, after.template),
  fields: { template: podTemplate },
  defaults: (object) => defaultPodSpec(podSpecOf(object)),
  validate: (object) => templateProblems(objectAt(object, 'template'), 'template'),
})

/** core/v1 Binding: it is sent, and never stored. */
export const bindingType: ResourceType = defineKind({
  kind: 'Binding',
  isVirtual: true,
  verbs: ['create'],
  fields: { target: needed(always(objectReference)) },
})

/** What is wrong with the target of a Binding. */
export const bindingProblems = (binding: JsonObject): Problem[] => {
  const kind = stringAt(binding, 'target', 'kind')
  return [
    ...(kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(stringAt(binding, 'target', 'name') === '' ? [required('target.name')] : []),
  ]
}

/** The kinds about pods that are no pods. */
export const templateTypes: readonly ResourceType[] = [template, bindingType]
