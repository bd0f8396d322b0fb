/** All tracks of a relay together: which namespaces and primaries are known, across sources. */
import { groupKindOf, type Key } from '../kube.ts'
import { keyText } from '../message.ts'
import type { Controller } from '../operator.ts'
import type { Transition, Wake } from './decide.ts'
import { parseObjectKey } from './fingerprint.ts'
import type { Interest } from './plan.ts'
import type { Track } from './track.ts'

export interface Atlas {
  /** Whether the controller looks at this namespace at all (absent: a cluster-scoped object). */
  isSelected(controller: Controller, namespace: string | undefined): boolean
  /** Whether this primary has been seen and is still there. */
  isKnown(controller: Controller, key: Key): boolean
  /** What has to be looked at because its namespace has been selected now. */
  entered(track: Track, transitions: readonly Transition[]): Wake[]
}

/** The atlas of these tracks; it always shows their present state. */
export function toAtlas(tracks: readonly Track[]): Atlas {
  const idOf = (type: Interest['type'], controller: Controller) => `${type} ${controller.name}`
  // Asked for every change: looked up, not searched for.
  const wanted = new Map<string, Track[]>()
  for (const track of tracks)
    for (const { type, controller } of track.source.interests)
      wanted.set(idOf(type, controller), [...(wanted.get(idOf(type, controller)) ?? []), track])
  const of = (type: Interest['type'], controller: Controller) => wanted.get(idOf(type, controller)) ?? []
  return {
    isSelected(controller, namespace) {
      if (namespace === undefined) return true
      const [namespaces] = of('namespaces', controller)
      return namespaces === undefined || namespaces.fingerprints.has(namespace)
    },
    isKnown: (controller, key) =>
      of('primary', controller).some(({ fingerprints }) => fingerprints.has(keyText(key))),
    entered({ source }, transitions) {
      const followers = source.interests.filter(({ type }) => type === 'namespaces')
      const isNew = ({ before, after, interests }: Transition) =>
        after !== undefined &&
        before?.uid !== after.uid &&
        followers.some((follower) => interests.includes(follower))
      const names = new Set(transitions.filter(isNew).map(({ key }) => key.name))
      if (names.size === 0) return []
      return followers.flatMap(({ controller }) =>
        [...of('primary', controller), ...of('watched', controller)].flatMap((track) =>
          within(track, names, controller),
        ),
      )
    },
  }
}

/** Everything known in these namespaces that the controller wants to be told of. */
function within(track: Track, names: ReadonlySet<string>, controller: Controller): Wake[] {
  const { source, fingerprints } = track
  const wants = source.interests.filter((interest) => interest.controller === controller)
  const isPrimary = wants.some(({ type }) => type === 'primary')
  const related = wants.some(({ type }) => type === 'watched') ? groupKindOf(source.resource) : undefined
  const wakes: Wake[] = []
  for (const packedKey of fingerprints.keys()) {
    const key = parseObjectKey(packedKey)
    if (key.namespace === undefined || !names.has(key.namespace)) continue
    const cause = `namespace ${key.namespace} selected`
    if (isPrimary) wakes.push({ controller, key, cause })
    if (related !== undefined) wakes.push({ controller, key, related, cause })
  }
  return wakes
}
