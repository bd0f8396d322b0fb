/** The conditions of a pod, as the kubelet tells them: in its order, and for those that do not hold why. */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, stringAt } from '../schema/equal.ts'
import { timeText } from '../time.ts'
import { conditionOf } from './condition.ts'

interface Progress {
  readonly isReady: boolean
  readonly isDone: boolean
}

type Told = readonly [type: string, holds: boolean, why: JsonObject]

/** Conditions of others, readiness gates among them, stay behind the kubelet's own. `now` is in milliseconds. */
export function podConditions(pod: JsonObject, progress: Progress, now: number): Json[] {
  const old = listAt(pod, 'status', 'conditions')
  const told = toldOf(pod, progress, old)
  const types = new Set(told.map(([type]) => type))
  const others = old.filter((one) => isObject(one) && !types.has(stringAt(one, 'type')))
  const observedGeneration = numberAt(pod, 'metadata', 'generation') ?? 1
  const conditions = told.map(([type, holds, why]): JsonObject => {
    const status = holds ? 'True' : 'False'
    const before = conditionOf(old, type)
    const since = before?.status === status ? before.lastTransitionTime : undefined
    const lastTransitionTime = since ?? timeText(now)
    return { type, observedGeneration, status, lastProbeTime: null, lastTransitionTime, ...why }
  })
  return [...conditions, ...others]
}

function toldOf(pod: JsonObject, { isReady, isDone }: Progress, old: readonly Json[]): Told[] {
  const names = listAt(pod, 'spec', 'containers').map((one) => stringAt(one, 'name'))
  const completed = { reason: 'PodCompleted' }
  const unready: JsonObject = isDone
    ? completed
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` }
  const gates = listAt(pod, 'spec', 'readinessGates').map((gate) => stringAt(gate, 'conditionType'))
  const closed = gates.filter((gate) => conditionOf(old, gate)?.status !== 'True')
  const gated: JsonObject = {
    reason: 'ReadinessGatesNotReady',
    message: closed
      .map((gate) => `corresponding condition of pod readiness gate "${gate}" does not exist.`)
      .join(', '),
  }
  const isOpen = closed.length === 0
  return [
    ['PodReadyToStartContainers', !isDone, {}],
    ['Initialized', true, isDone ? completed : {}],
    ['Ready', isReady && isOpen, isReady ? (isOpen ? {} : gated) : unready],
    ['ContainersReady', isReady, isReady ? {} : unready],
    ['PodScheduled', true, {}],
  ]
}
