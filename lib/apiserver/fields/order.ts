/**
 * The order of a list after a strategic merge: what the patch names in the patch's order, the rest in the order it had, and
 * between the two as the list had them (the "preserve order" design of strategic merge patch).
 */
import type { Json } from '../resource.ts'

/**
 * `merged` in the order that `wanted` asks for; items that it does not name stand where `original` had them. `identity` says
 * which items are the same.
 */
export function arrange(
  merged: readonly Json[],
  wanted: readonly Json[],
  original: readonly Json[],
  identity: (item: Json) => Json,
): Json[] {
  const placeIn = (list: readonly Json[]) => new Map(list.map((item, at) => [identity(item), at]))
  const asked = placeIn(wanted)
  const had = placeIn(original)
  const sorted = (items: Json[], places: ReadonlyMap<Json, number>) =>
    items.sort((a, b) => (places.get(identity(a)) ?? 0) - (places.get(identity(b)) ?? 0))
  const named = sorted(
    merged.filter((item) => asked.has(identity(item))),
    asked,
  )
  const others = sorted(
    merged.filter((item) => !asked.has(identity(item))),
    had,
  )
  return interleave(others, named, (item) => had.get(identity(item)))
}

/** `left` items come before the `right` ones that the list had behind them; otherwise the right ones come first. */
function interleave(left: Json[], right: Json[], placeOf: (item: Json) => number | undefined): Json[] {
  const result: Json[] = []
  let l = 0
  for (const item of right) {
    const place = placeOf(item)
    for (; l < left.length; l++) {
      const other = placeOf(left[l] as Json)
      if (place === undefined || other === undefined || other >= place) break
      result.push(left[l] as Json)
    }
    result.push(item)
  }
  return [...result, ...left.slice(l)]
}
