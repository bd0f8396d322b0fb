/**
 * IngressClasses of networking.k8s.io/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { at, isObject, stringAt } from '../schema/equal.ts'
import { pathProblems, subdomainProblems } from '../schema/names.ts'
import { forbidden, immutable, invalid, notSupported, required, tooLong } from '../schema/problem.ts'
import { always, byDefault, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'

const scopes = ['Cluster', 'Namespace']

const parametersProblems = (parameters: JsonObject, field: string): Problem[] => {
  const scope = stringAt(parameters, 'scope')
  const group = stringAt(parameters, 'apiGroup')
  const namespace = parameters.namespace
  const problems =
    group === '' ? [] : subdomainProblems(group).map((text) => invalid(`${field}.apiGroup`, group, text))
  for (const name of ['kind', 'name']) {
    const value = stringAt(parameters, name)
    if (value === '') problems.push(required(`${field}.${name}`))
    else problems.push(...pathProblems(value).map((text) => invalid(`${field}.${name}`, value, text)))
  }
  if (!scopes.includes(scope)) return [...problems, notSupported(`${field}.scope`, scope, scopes)]
  if (scope === 'Cluster' && namespace !== undefined)
    problems.push(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  if (scope === 'Namespace' && (namespace === undefined || namespace === ''))
    problems.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"))
  return problems
}

/** How long the name of a controller may be (networking validation, maxLenIngressClassController). */
const maxController = 250

const ingressClassProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const controller = stringAt(object, 'spec', 'controller')
  const field = 'spec.controller'
  const parameters = at(object, 'spec', 'parameters')
  const problems = isObject(parameters) ? parametersProblems(parameters, 'spec.parameters') : []
  if (before)
    return stringAt(before, 'spec', 'controller') === controller
      ? problems
      : [immutable(field, controller), ...problems]
  if (controller === '') return [required(field), ...problems]
  if (controller.length > maxController) return [tooLong(field, maxController), ...problems]
  return /^[^/]+\/[^/]+/.test(controller) && subdomainProblems(controller.split('/')[0] ?? '').length === 0
    ? problems
    : [invalid(field, controller, 'must be a domain-prefixed path (such as "acme.io/foo")'), ...problems]
}

/** networking.k8s.io/v1 IngressClass. */
export const ingressClassType: ResourceType = defineKind({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('IngressClassSpec', {
        controller: 'string',
        parameters: struct('IngressClassParametersReference', {
          apiGroup: 'string?',
          kind: 'string!',
          name: 'string!',
          scope: byDefault('string?', 'Cluster'),
          namespace: 'string?',
        }),
      }),
    ),
  },
  validate: ingressClassProblems,
})
