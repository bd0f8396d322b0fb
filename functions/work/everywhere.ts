/** Where the keys of many clusters are worked on, each in its own: connected when its first key comes. */
import type { Clusters } from '../../lib/clusters.ts'
import { type Everywhere, type Kube, recorder } from '../../lib/index.ts'
import type { Recorder } from '../../lib/record.ts'

type Using = Omit<Everywhere, 'placeOf'> & { readonly reporter: string }

/**
 * `open` is called until it succeeds once. Until then, and while one cluster cannot be reached, keys wait and nothing fails:
 * a setting that is wrong, or a secret that is away, must not give up on objects.
 */
export function everywhere(open: () => Promise<Clusters>, { reporter, ...using }: Using): Everywhere {
  let opening: Promise<Clusters> | undefined
  const recorders = new WeakMap<Kube, Recorder>()
  const openOnce = (): Promise<Clusters> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  return {
    ...using,
    async placeOf(cluster) {
      const clusters = await openOnce()
      if (!clusters.names.includes(cluster)) return undefined
      const api = await clusters.api(cluster)
      const record = recorders.get(api) ?? recorder(api, reporter, using)
      recorders.set(api, record)
      return { api, record }
    },
  }
}
