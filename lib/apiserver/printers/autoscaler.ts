/**
 * What `kubectl get` shows of HorizontalPodAutoscalers, in the form of autoscaling/v2.
 */
import { ageColumn, nameColumn } from '../kinds/columns.ts'
import type { Column, Json, JsonObject } from '../resource.ts'
import { at, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cell, firstOf, objectsAt, text } from './column.ts'

const unknown = '<unknown>'
const shownMetrics = 2

/** A quantity that is always there in a status of its type: nothing is zero. */
const quantity = (value: Json | undefined): string => String(value ?? '0')

const percent = (value: number | undefined, otherwise: string): string =>
  value === undefined ? otherwise : `${value}%`

const namedMetric = (spec: JsonObject, current: Json | undefined): string => {
  const average = at(spec, 'target', 'averageValue')
  if (average !== undefined) {
    const value = at(current, 'current', 'averageValue')
    return `${value === undefined ? unknown : String(value)}/${String(average)} (avg)`
  }
  const value = current === undefined ? unknown : quantity(at(current, 'current', 'value'))
  return `${value}/${quantity(at(spec, 'target', 'value'))}`
}

const podsMetric = (spec: JsonObject, current: Json | undefined): string => {
  const value = current === undefined ? unknown : quantity(at(current, 'current', 'averageValue'))
  return `${value}/${quantity(at(spec, 'target', 'averageValue'))}`
}

const resourceMetric = (spec: JsonObject, current: Json | undefined): string => {
  const name = stringAt(spec, 'name')
  const average = at(spec, 'target', 'averageValue')
  if (average !== undefined) {
    const value = current === undefined ? unknown : quantity(at(current, 'current', 'averageValue'))
    return `${name}: ${value}/${String(average)}`
  }
  const used = percent(numberAt(current, 'current', 'averageUtilization'), unknown)
  return `${name}: ${used}/${percent(numberAt(spec, 'target', 'averageUtilization'), '<auto>')}`
}

const metrics: Readonly<Record<string, [string, typeof podsMetric]>> = {
  External: ['external', namedMetric],
  Object: ['object', namedMetric],
  Pods: ['pods', podsMetric],
  Resource: ['resource', resourceMetric],
  ContainerResource: ['containerResource', resourceMetric],
}

const targetsText: Cell = (scaler) => {
  const specs = objectsAt(scaler, 'spec.metrics')
  const statuses = listAt(scaler, 'status', 'currentMetrics')
  if (specs.length === 0) return '<none>'
  const all = specs.map((spec, index) => {
    const type = stringAt(spec, 'type')
    const found = Object.hasOwn(metrics, type) ? metrics[type] : undefined
    if (found === undefined) return '<unknown type>'
    const [field, show] = found
    return show(objectAt(spec, field), at(statuses[index], field))
  })
  return firstOf(all, shownMetrics, ', ')
}

const minimumText: Cell = (scaler) => {
  const minimum = numberAt(scaler, 'spec', 'minReplicas')
  return minimum === undefined ? '<unset>' : String(minimum)
}

const referenceText: Cell = (scaler) =>
  `${stringAt(scaler, 'spec', 'scaleTargetRef', 'kind')}/${stringAt(scaler, 'spec', 'scaleTargetRef', 'name')}`

/** Of HorizontalPodAutoscaler; `read` gives the object in the form of autoscaling/v2. */
export const autoscalerColumns = (read: (object: JsonObject) => JsonObject): Column[] => {
  const shown = (name: string, description: string, value: Cell): Column =>
    text(name, description, (object, now) => value(read(object), now))
  return [
    nameColumn,
    shown(
      'Reference',
      'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.',
      referenceText,
    ),
    shown(
      'Targets',
      'metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).  The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.  Ergo, metrics used must decrease as the pod count is increased, and vice-versa.  See the individual metric source types for more information about how each type of metric must respond. If not set, the default metric will be set to 80% average CPU utilization.',
      targetsText,
    ),
    shown(
      'MinPods',
      'minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.  minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured.  Scaling is active as long as at least one metric value is available.',
      minimumText,
    ),
    shown(
      'MaxPods',
      'maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.',
      (scaler) => numberAt(scaler, 'spec', 'maxReplicas') ?? 0,
    ),
    shown(
      'Replicas',
      'currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.',
      (scaler) => numberAt(scaler, 'status', 'currentReplicas') ?? 0,
    ),
    ageColumn,
  ]
}
