/** Where the keys of many clusters are worked on, each in its own: connected when its first key comes. */
import type { Clusters } from '../../lib/clusters.ts'
import { type Everywhere, type Kube, recorder } from '../../lib/index.ts'
import type { Recorder } from '../../lib/record.ts'

type Using = Omit<Everywhere, 'placeOf'> & {
  readonly reporter: string
  /** Since when clusters have been missing, where more than this knows of them. */
  readonly missingSince?: Map<string, number> | undefined
}

/** As `clustersReader` answers. */
type Read = (maxAgeSeconds?: number) => Promise<Clusters>

/** How often the newest setting is asked for, at most, because of a cluster that is not in it. */
const NEWEST_MS = 30_000

/** The keys of a cluster wait so long for the setting to name it: whoever sends them may have been told of it sooner. */
const PATIENCE_MS = 10 * 60_000

/**
 * While the clusters cannot be read, or one cannot be reached, keys wait and nothing fails: a setting that is wrong, or a secret
 * that is away, must not give up on objects. The same for ten minutes from the first key of a cluster that nobody knows.
 */
export function everywhere(read: Read, { reporter, missingSince, ...using }: Using): Everywhere {
  const recorders = new WeakMap<Kube, Recorder>()
  const clustersWith = reader(read, { ...using, missingSince })
  return {
    ...using,
    async placeOf(cluster) {
      const clusters = await clustersWith(cluster)
      if (clusters === undefined) return undefined
      const api = await clusters.api(cluster)
      const record = recorders.get(api) ?? recorder(api, reporter, using)
      recorders.set(api, record)
      return { api, record }
    },
  }
}

/** Answers with clusters among which is the one that is asked for. Undefined: it has been missing for too long; before that it rejects. */
function reader(read: Read, { clock, missingSince = new Map() }: Pick<Using, 'clock' | 'missingSince'>) {
  let newest: { readonly at: number; readonly clusters: Promise<Clusters> } | undefined
  const readNewest = (): Promise<Clusters> => {
    if (newest === undefined || clock.now() - newest.at >= NEWEST_MS)
      newest = { at: clock.now(), clusters: read(0) }
    return newest.clusters
  }
  return async (cluster: string): Promise<Clusters | undefined> => {
    const known = await read()
    const clusters = known.names.includes(cluster) ? known : await readNewest()
    if (clusters.names.includes(cluster)) {
      missingSince.delete(cluster)
      return clusters
    }
    const since = missingSince.get(cluster) ?? clock.now()
    missingSince.set(cluster, since)
    if (clock.now() - since >= PATIENCE_MS) return undefined
    throw new Error('FAIRLEAD_CLUSTERS does not name it, which is waited for')
  }
}
