/**
 * RuntimeClasses of node.k8s.io/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelsProblems } from '../schema/metadata.ts'
import { labelProblems } from '../schema/names.ts'
import { immutable, invalid, notSupported, required } from '../schema/problem.ts'
import { listOf, ofPackage, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { toleration } from './podspec.ts'
import { amountOf } from './quantity.ts'
import { resourceNameProblems } from './resourcename.ts'

const overheadProblems = (overhead: JsonObject): Problem[] =>
  Object.entries(objectAt(overhead, 'podFixed')).flatMap(([name, amount]) => {
    const field = `overhead.limits[${name}]`
    return [
      ...resourceNameProblems(name, field),
      ...((amountOf(amount) ?? 0) < 0 ? [invalid(field, amount, 'must be greater than or equal to 0')] : []),
    ]
  })

const schedulingProblems = (scheduling: JsonObject): Problem[] => {
  const field = 'scheduling.tolerations'
  const tolerations = listAt(scheduling, 'tolerations').filter(isObject)
  const printed = tolerations.map((one) =>
    JSON.stringify({
      Key: stringAt(one, 'key'),
      Operator: stringAt(one, 'operator'),
      Value: stringAt(one, 'value'),
      Effect: stringAt(one, 'effect'),
      TolerationSeconds: one.tolerationSeconds ?? null,
    }),
  )
  return [
    ...labelsProblems(objectAt(scheduling, 'nodeSelector'), 'scheduling.nodeSelector'),
    ...tolerations.flatMap((one, index) => {
      const operator = stringAt(one, 'operator')
      return ['', 'Equal', 'Exists'].includes(operator)
        ? []
        : [notSupported(`${field}[${index}].operator`, operator, ['Equal', 'Exists'])]
    }),
    ...printed.flatMap((text, index) =>
      printed.indexOf(text) < index
        ? [
            {
              reason: 'FieldValueDuplicate',
              field: `${field}[${index}]`,
              message: `Duplicate value: ${text}`,
            },
          ]
        : [],
    ),
  ]
}

/** node.k8s.io/v1 RuntimeClass. */
export const runtimeClassType: ResourceType = defineKind({
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  namespaced: false,
  fields: {
    handler: 'string!',
    overhead: struct('Overhead', { podFixed: 'quantity{}' }),
    scheduling: struct('Scheduling', {
      nodeSelector: {
        type: 'object',
        additionalProperties: { type: 'string', 'x-go-type': 'string' },
        'x-go-omit': 'zero',
        'x-kubernetes-map-type': 'atomic',
      },
      tolerations: listOf(ofPackage('core.v1', toleration)),
    }),
  },
  validate: (object, before) => {
    const handler = stringAt(object, 'handler')
    const { overhead, scheduling } = object
    return [
      ...(handler === ''
        ? [required('handler')]
        : labelProblems(handler).map((text) => invalid('handler', handler, text))),
      ...(isObject(overhead) ? overheadProblems(overhead) : []),
      ...(isObject(scheduling) ? schedulingProblems(scheduling) : []),
      ...(before && before.handler !== handler ? [immutable('handler', handler)] : []),
    ]
  },
})
