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
  /** Whether a first list that is still to come or under way will tell of this primary. */
  isExpected(controller: Controller, key: Key): boolean
  /** What has to be looked at because its namespace has been selected now. */
  entered(track: Track, transitions: readonly Transition[]): Wake[]
}

/** The atlas of these tracks; it always shows their present state. */
export function toAtlas(tracks: readonly Track[]): Atlas {
  const of = (type: Interest['type'], controller: Controller) =>
    tracks.filter(({ source }) =>
      source.interests.some((interest) => interest.type === type && interest.controller === controller),
    )
  return {
    isSelected(controller, namespace) {
      if (namespace === undefined) return true
      const [namespaces] = of('namespaces', controller)
      return namespaces === undefined || namespaces.fingerprints.has(namespace)
    },
    isExpected(controller, key) {
      const covering = of('primary', controller).find(
        ({ source }) => source.namespace === undefined || source.namespace === key.namespace,
      )
      return covering !== undefined && !covering.hasBaseline && !covering.fingerprints.has(keyText(key))
    },
    entered({ source }, transitions) {
      const isNew = ({ before, after }: Transition) => after !== undefined && before?.uid !== after.uid
      const names = new Set(transitions.filter(isNew).map(({ key }) => key.name))
      const followers = source.interests.filter(({ type }) => type === 'namespaces')
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
