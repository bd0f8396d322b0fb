/**
 * HorizontalPodAutoscalers as autoscaling/v1 has them: it knows one target, the utilization of CPUs, and carries the rest in
 * annotations, in the form of its own days.
 */

import { autoscalerColumns } from '../printers/autoscaler.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import { at, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import {
  carriedJson,
  fromBehaviorText,
  fromMetricsText,
  toBehaviorText,
  toMetricsText,
} from './autoscalermetrics.ts'
import { always, atomic, byDefault, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'

const prefix = 'autoscaling.alpha.kubernetes.io'
const METRICS = `${prefix}/metrics`
const BEHAVIOR = `${prefix}/behavior`
const CONDITIONS = `${prefix}/conditions`
const CURRENT_METRICS = `${prefix}/current-metrics`
const carried = new Set([
  METRICS,
  BEHAVIOR,
  CONDITIONS,
  CURRENT_METRICS,
  `${prefix}/scale-down-tolerance`,
  `${prefix}/scale-up-tolerance`,
])

const spec = struct('HorizontalPodAutoscalerSpec', {
  scaleTargetRef: needed(
    always(
      atomic(
        struct('CrossVersionObjectReference', { kind: 'string!', name: 'string!', apiVersion: 'string' }),
      ),
    ),
  ),
  minReplicas: byDefault('int32?', 1),
  maxReplicas: 'int32!',
  targetCPUUtilizationPercentage: 'int32?',
})

const status = struct('HorizontalPodAutoscalerStatus', {
  observedGeneration: 'int64?',
  lastScaleTime: 'time?',
  currentReplicas: 'int32!',
  desiredReplicas: 'int32!',
  currentCPUUtilizationPercentage: 'int32?',
})

/** The older version of `current`; `usual` is the metric of those who name none. */
export const oldAutoscaler = (current: ResourceType, usual: Json): ResourceType => {
  const toStored = (object: JsonObject): JsonObject => toCurrent(object, usual)
  return defineKind({
    group: 'autoscaling',
    version: 'v1',
    kind: 'HorizontalPodAutoscaler',
    storageVersion: 'autoscaling/v2',
    shortNames: ['hpa'],
    categories: ['all'],
    hasStatus: true,
    fields: { spec: needed(always(spec)), status: always(status) },
    columns: autoscalerColumns(toStored),
    // What is not understood of the annotations, and the usual target, are decided on the way to the stored form.
    defaults: (object) => void Object.assign(object, fromCurrent(toStored(object))),
    validate: (object, before, subresource) =>
      current.validate?.(toStored(object), before && toStored(before), subresource) ?? [],
    fromStored: fromCurrent,
    toStored,
  })
}

/** The utilization of CPUs: all that autoscaling/v1 has words for. */
const utilizationOf = (metric: Json, field: 'target' | 'current'): number | undefined =>
  stringAt(metric, 'type') === 'Resource' && stringAt(metric, 'resource', 'name') === 'cpu'
    ? numberAt(metric, 'resource', field, 'averageUtilization')
    : undefined

const fromCurrent = (object: JsonObject): JsonObject => {
  const { metrics: _, behavior, ...spec } = objectAt(object, 'spec')
  const { currentMetrics: __, conditions: ___, ...status } = objectAt(object, 'status')
  const metrics = listAt(object, 'spec', 'metrics')
  const measured = listAt(object, 'status', 'currentMetrics')
  const conditions = listAt(object, 'status', 'conditions')
  const target = metrics.map((one) => utilizationOf(one, 'target')).find((one) => one !== undefined)
  const now = measured.map((one) => utilizationOf(one, 'current')).findLast((one) => one !== undefined)
  const others = metrics.filter((one) => utilizationOf(one, 'target') === undefined)
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(objectAt(object, 'metadata'), {
      ...(others.length > 0 ? { [METRICS]: toMetricsText(others, 'target') } : {}),
      ...(measured.length > 0 ? { [CURRENT_METRICS]: toMetricsText(measured, 'current') } : {}),
      ...(isObject(behavior) ? { [BEHAVIOR]: toBehaviorText(behavior) } : {}),
      ...(conditions.length > 0 ? { [CONDITIONS]: JSON.stringify(conditions.map(conditionOf)) } : {}),
    }),
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      currentReplicas: 0,
      ...status,
      ...(now === undefined ? {} : { currentCPUUtilizationPercentage: now }),
    },
  }
}

const conditionOf = (condition: Json): Json => ({
  type: stringAt(condition, 'type'),
  status: stringAt(condition, 'status'),
  lastTransitionTime: at(condition, 'lastTransitionTime') ?? null,
  ...(stringAt(condition, 'reason') === '' ? {} : { reason: stringAt(condition, 'reason') }),
  ...(stringAt(condition, 'message') === '' ? {} : { message: stringAt(condition, 'message') }),
})

const toCurrent = (object: JsonObject, usual: Json): JsonObject => {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectAt(object, 'spec')
  const {
    currentCPUUtilizationPercentage: now,
    currentReplicas: replicas,
    ...status
  } = objectAt(object, 'status')
  const text = (name: string): string => stringAt(object, 'metadata', 'annotations', name)
  const metrics = [
    ...fromMetricsText(text(METRICS), 'target'),
    ...(target === undefined ? [] : [cpu('target', { type: 'Utilization', averageUtilization: target })]),
  ]
  const measured = fromMetricsText(text(CURRENT_METRICS), 'current')
  const fromField = now === undefined ? null : [cpu('current', { averageUtilization: now })]
  const behavior = fromBehaviorText(text(BEHAVIOR))
  const conditions = carriedJson(text(CONDITIONS))
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(objectAt(object, 'metadata'), {}),
    spec: {
      ...spec,
      metrics: metrics.length === 0 ? [usual] : metrics,
      ...(behavior === undefined ? {} : { behavior }),
    },
    status: {
      ...(replicas === undefined || replicas === 0 ? {} : { currentReplicas: replicas }),
      ...status,
      currentMetrics: measured.length === 0 ? fromField : measured,
      ...(Array.isArray(conditions) && conditions.length > 0 ? { conditions } : {}),
    },
  }
}

const cpu = (field: string, value: Json): Json => ({
  type: 'Resource',
  resource: { name: 'cpu', [field]: value },
})

const withAnnotations = (metadata: JsonObject, more: JsonObject): JsonObject => {
  const kept = Object.entries(objectAt(metadata, 'annotations')).filter(([key]) => !carried.has(key))
  const annotations: JsonObject = { ...Object.fromEntries(kept), ...more }
  const { annotations: _, ...rest } = metadata
  return Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }
}
