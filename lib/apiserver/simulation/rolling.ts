/**
 * How many pods each ReplicaSet of a Deployment should have: arithmetic of the real deployment controller, without its
 * writes. A `Part` stands for a ReplicaSet.
 */
import type { Json, JsonObject } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'

/** A ReplicaSet in numbers. */
export interface Part {
  readonly replicas: number
  readonly available: number
  /** `deployment.kubernetes.io/max-replicas`, 0 where it is missing. */
  readonly maxReplicas: number
}

/** What a Deployment allows. */
export interface Limits {
  readonly replicas: number
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** A number, or a percentage of `total`. */
export function scaled(value: Json | undefined, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? round((Number.parseInt(value, 10) * total) / 100) : 0
}

/** Surge rounds up, unavailability down; where both come to nothing, one pod may be missing. */
export function limitsOf(deployment: JsonObject): Limits {
  const replicas = numberAt(deployment, 'spec', 'replicas') ?? 1
  const strategy = objectAt(deployment, 'spec', 'strategy')
  if (stringAt(strategy, 'type') !== 'RollingUpdate') return { replicas, maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge, maxUnavailable } = objectAt(strategy, 'rollingUpdate')
  const surge = scaled(maxSurge, replicas, Math.ceil)
  const unavailable = scaled(maxUnavailable, replicas, Math.floor)
  const isStuck = surge === 0 && unavailable === 0
  return { replicas, maxSurge: surge, maxUnavailable: Math.min(isStuck ? 1 : unavailable, replicas) }
}

const sum = (parts: readonly Part[], what: 'replicas' | 'available'): number =>
  parts.reduce((total, part) => total + part[what], 0)

/** The new size of the newest ReplicaSet (`fresh`) in a rolling update. */
export function grown<P extends Part>(limits: Limits, fresh: P, old: readonly P[]): number {
  if (fresh.replicas >= limits.replicas) return limits.replicas
  const room = limits.replicas + limits.maxSurge - sum([fresh, ...old], 'replicas')
  return fresh.replicas + Math.min(Math.max(room, 0), limits.replicas - fresh.replicas)
}

/** New sizes of older ReplicaSets (the oldest first), first at the expense of pods that are not available anyway. */
export function shrunk<P extends Part>(limits: Limits, fresh: P, old: readonly P[]): Map<P, number> {
  const sizes = new Map(old.map((part) => [part, part.replicas]))
  const least = limits.replicas - limits.maxUnavailable
  let spare = sum([fresh, ...old], 'replicas') - least - (fresh.replicas - fresh.available)
  if (spare <= 0) return sizes
  for (const part of old) {
    const unhealthy = Math.min(spare, part.replicas - part.available)
    if (unhealthy <= 0) continue
    sizes.set(part, part.replicas - unhealthy)
    spare -= unhealthy
  }
  let surplus = sum([fresh, ...old], 'available') - least
  for (const part of old) {
    const size = sizes.get(part) ?? 0
    const fewer = Math.min(size, Math.max(surplus, 0))
    sizes.set(part, size - fewer)
    surplus -= fewer
  }
  return sizes
}

/**
 * New sizes after the Deployment itself was scaled while several ReplicaSets (`active`) have pods: each gets its share.
 * `active` is newest first; `total` is what the Deployment counts now.
 */
export function shared<P extends Part>(limits: Limits, active: readonly P[], total: number): Map<P, number> {
  const allowed = limits.replicas > 0 ? limits.replicas + limits.maxSurge : 0
  const toAdd = allowed - sum(active, 'replicas')
  const bySize = [...active].sort((one, other) => other.replicas - one.replicas)
  // Of equal ones the older shrinks first, and the newer grows first.
  const ordered = toAdd < 0 ? stableReverse(bySize) : bySize
  let added = 0
  const sizes = new Map<P, number>()
  for (const part of ordered) {
    const left = toAdd - added
    const share = toAdd === 0 || left === 0 ? 0 : shareOf(limits, part, total)
    const given = toAdd > 0 ? Math.min(share, left) : Math.max(share, left)
    sizes.set(part, part.replicas + (toAdd === 0 ? 0 : given))
    added += toAdd === 0 ? 0 : given
  }
  const [largest] = ordered
  if (largest !== undefined && toAdd !== 0)
    sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added))
  return sizes
}

const stableReverse = <P extends Part>(parts: readonly P[]): P[] =>
  [...parts].reverse().sort((one, other) => other.replicas - one.replicas)

function shareOf(limits: Limits, part: Part, total: number): number {
  if (limits.replicas === 0) return -part.replicas
  const before = part.maxReplicas || total
  if (before === 0) return 0
  return Math.round((part.replicas * (limits.replicas + limits.maxSurge)) / before) - part.replicas
}
