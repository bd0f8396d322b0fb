/**
 * Merges what a patch applies into an object: structs, maps, sets and keyed lists item by item, the rest as a whole. Nothing
 * is removed here. The result shares every part that the patch does not touch with the object
 * (sigs.k8s.io/structured-merge-diff, typed/merge.go).
 */
import type { Json, JsonObject, Schema } from '../resource.ts'
import { isEmpty, isObject, member, put } from './json.ts'
import type { ListKind } from './shape.ts'
import { indexStep } from './step.ts'
import { isAtomicMap, itemSchema, itemStep, kindOf, listKind, memberSchema } from './shape.ts'

/** The object with the patch's values; where a list has items of both, it is in the patch's order. */
export function merge(live: Json | undefined, patch: Json | undefined, schema: Schema): Json {
  if (patch === undefined) return live ?? null
  if (live === undefined || live === patch) return patch
  switch (kindOf(schema, patch ?? live)) {
    case 'list':
      return mergeLists(live, patch, schema)
    case 'map':
      return mergeMaps(live, patch, schema)
    default:
      return patch
  }
}

function mergeMaps(live: Json, patch: Json, schema: Schema): Json {
  if (isAtomicMap(schema) || !isObject(live) || isEmpty(live)) return patch
  // A null or empty patch has no member to merge: what is there stays.
  if (!isObject(patch) || isEmpty(patch)) return live
  const merged: JsonObject = { ...live }
  for (const name of Object.keys(patch)) {
    const inner = memberSchema(schema, name) ?? {}
    put(merged, name, merge(member(live, name), member(patch, name), inner))
  }
  return merged
}

function mergeLists(live: Json, patch: Json, schema: Schema): Json {
  const kind = listKind(schema)
  if (kind === 'atomic' || !Array.isArray(live) || live.length === 0) return patch
  if (!Array.isArray(patch) || patch.length === 0) return live
  const left = index(live, schema, kind)
  const right = index(patch, schema, kind)
  return mergedOrder(left, right).map(({ step, at }) => {
    if (at !== undefined) return live[at] as Json
    return merge(left.byStep.get(step), right.byStep.get(step), itemSchema(schema))
  })
}

interface Index {
  readonly steps: readonly string[]
  /** Items whose key occurs once; one that occurs more often has no counterpart to merge with. */
  readonly byStep: ReadonlyMap<string, Json | undefined>
}

function index(list: readonly Json[], schema: Schema, kind: ListKind): Index {
  const byStep = new Map<string, Json | undefined>()
  const steps = list.map((item, at) => {
    const found = itemStep(schema, kind, item)
    const step = 'step' in found ? found.step : indexStep(at)
    byStep.set(step, byStep.has(step) ? undefined : item)
    return step
  })
  return { steps, byStep }
}

interface Slot {
  readonly step: string
  /** Set for an item that is only in the live list: its place there. */
  readonly at?: number
}

/**
 * The order of a merged list. Items of the patch keep their order among each other; live items that the patch does not have
 * keep their place between the items around them.
 */
function mergedOrder(left: Index, right: Index): Slot[] {
  const slots: Slot[] = []
  const done = new Set<string>()
  const shared = right.steps.filter((step) => left.byStep.has(step))
  let l = 0
  let r = 0
  let s = 0
  while (l < left.steps.length || r < right.steps.length) {
    const mine = left.steps[l]
    const theirs = right.steps[r]
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        slots.push({ step: mine })
        done.add(mine)
        l++
        r++
        s++
        continue
      }
      if (right.byStep.has(mine) && shared[s] !== undefined && shared[s] !== mine) {
        // In both, but not the next one that the patch wants: it comes when the patch's order gets there.
        l++
        continue
      }
    }
    if (mine !== undefined) {
      if (!right.byStep.has(mine)) {
        slots.push({ step: mine, at: l })
        l++
        continue
      }
      if (done.has(mine)) l++
    }
    if (theirs !== undefined) {
      slots.push({ step: theirs })
      done.add(theirs)
      r++
      if (shared[s] === theirs) s++
    }
  }
  return slots
}
