/** The end of a torture whose platform is up all the time: timers go on for as long as objects have some, and then no more. */
import type { KubeObject } from '../../lib/index.ts'
import { Hold, Probe } from './operator.ts'
import type { Place, Truth } from './people.ts'
import { readJournal, type Stage } from './stage.ts'

/** Objects that are to be looked at again and again, and were not, twice since then. */
export async function withoutTimer({ api, namespace, journal }: Stage, since: number): Promise<string[]> {
  const ends = readJournal({ journal }).filter(({ type, at }) => type === 'end' && at > since)
  const lists = await Promise.all([Probe, Hold].map((kind) => api.list(kind, { namespace })))
  return lists.flatMap(({ items }) =>
    items.flatMap((item) => {
      const { kind, metadata, spec } = item as typeof item & KubeObject
      const key = `${kind} ${namespace}/${metadata.name}`
      if (spec.periodSeconds === undefined || ends.filter((end) => end.key === key).length > 1) return []
      return [`${key} is not looked at again`]
    }),
  )
}

/** The last thing that people do: no object is looked at again without a change. */
export async function endTimers({ api, namespace }: Place, { changes }: Truth): Promise<void> {
  const patch = { type: 'merge', body: { spec: { periodSeconds: null } } } as const
  for (const kind of [Probe, Hold]) {
    const { items } = await api.list(kind, { namespace })
    for (const { metadata } of items) {
      const id = `${kind.kind} ${namespace}/${metadata.name}`
      changes.set(id, (changes.get(id) ?? 0) + 1)
      await api.patch(kind, { namespace, name: metadata.name }, patch, { fieldManager: 'someone' })
    }
  }
}
