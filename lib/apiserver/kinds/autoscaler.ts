/**
 * HorizontalPodAutoscalers as autoscaling/v2 has them, which is also how they are stored.
 */

import type { Json, JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, objectAt } from '../schema/equal.ts'
import { autoscalerColumns } from '../printers/autoscaler.ts'
import { autoscalerProblems } from './autoscalerrules.ts'
import { oldAutoscaler } from './autoscalerv1.ts'
import { always, alwaysListOf, byDefault, keyed, listOf, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { labelSelector } from './reference.ts'

const target = needed(
  always(
    struct('MetricTarget', {
      type: 'string!',
      value: 'quantity?',
      averageValue: 'quantity?',
      averageUtilization: 'int32?',
    }),
  ),
)
const current = needed(
  always(
    struct('MetricValueStatus', {
      value: 'quantity?',
      averageValue: 'quantity?',
      averageUtilization: 'int32?',
    }),
  ),
)
const reference = needed(
  always(struct('CrossVersionObjectReference', { kind: 'string!', name: 'string!', apiVersion: 'string' })),
)
const metric = needed(always(struct('MetricIdentifier', { name: 'string!', selector: labelSelector })))

const metricSpec = struct('MetricSpec', {
  type: 'string!',
  object: struct('ObjectMetricSource', { describedObject: reference, target, metric }),
  pods: struct('PodsMetricSource', { metric, target }),
  resource: struct('ResourceMetricSource', { name: 'string!', target }),
  containerResource: struct('ContainerResourceMetricSource', {
    name: 'string!',
    target,
    container: 'string!',
  }),
  external: struct('ExternalMetricSource', { metric, target }),
})

const metricStatus = struct('MetricStatus', {
  type: 'string!',
  object: struct('ObjectMetricStatus', { metric, current, describedObject: reference }),
  pods: struct('PodsMetricStatus', { metric, current }),
  resource: struct('ResourceMetricStatus', { name: 'string!', current }),
  containerResource: struct('ContainerResourceMetricStatus', {
    name: 'string!',
    current,
    container: 'string!',
  }),
  external: struct('ExternalMetricStatus', { metric, current }),
})

const scalingRules = struct('HPAScalingRules', {
  stabilizationWindowSeconds: 'int32?',
  selectPolicy: 'string?',
  policies: listOf(struct('HPAScalingPolicy', { type: 'string!', value: 'int32!', periodSeconds: 'int32!' })),
  tolerance: 'quantity?',
})

const spec = struct('HorizontalPodAutoscalerSpec', {
  scaleTargetRef: reference,
  minReplicas: byDefault('int32?', 1),
  maxReplicas: 'int32!',
  metrics: listOf(metricSpec),
  behavior: struct('HorizontalPodAutoscalerBehavior', { scaleUp: scalingRules, scaleDown: scalingRules }),
})

const status = struct('HorizontalPodAutoscalerStatus', {
  observedGeneration: 'int64?',
  lastScaleTime: 'time?',
  currentReplicas: 'int32',
  desiredReplicas: 'int32!',
  currentMetrics: needed(alwaysListOf(metricStatus), false),
  conditions: keyed(
    struct('HorizontalPodAutoscalerCondition', {
      type: 'string!',
      status: 'string!',
      lastTransitionTime: 'time',
      reason: 'string',
      message: 'string',
    }),
    ['type'],
  ),
})

/** The utilization of CPUs that is aimed at where nobody says what to aim at (autoscaling, DefaultCPUUtilization). */
const usualUtilization = 80

const rulesUp: JsonObject = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}

const rulesDown: JsonObject = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
}

const defaults = (object: JsonObject): void => {
  const spec = objectAt(object, 'spec')
  if (listAt(spec, 'metrics').length === 0) spec.metrics = [usualMetric()]
  const behavior = spec.behavior
  if (!isObject(behavior)) return
  behavior.scaleUp = { ...structuredClone(rulesUp), ...objectAt(behavior, 'scaleUp') }
  behavior.scaleDown = { ...structuredClone(rulesDown), ...objectAt(behavior, 'scaleDown') }
}

const usualMetric = (): Json => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: usualUtilization } },
})

const autoscaler: ResourceType = defineKind({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  hasStatus: true,
  fields: { spec: needed(always(spec)), status: always(status) },
  columns: autoscalerColumns((object) => object),
  defaults,
  validate: autoscalerProblems,
})

/** Both versions of HorizontalPodAutoscalers. */
export const autoscalerTypes: readonly ResourceType[] = [autoscaler, oldAutoscaler(autoscaler, usualMetric())]
