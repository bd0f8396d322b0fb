/** The clusters of a resident relay: those of FAIRLEAD_CLUSTERS, or the one of a kubeconfig or of the pod that it runs in. */
import type { Clusters } from '../../lib/clusters.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect } from '../../lib/kube/rest.ts'
import { clustersReader } from '../clusters.ts'
import { readClusters } from '../env.ts'
import type { RelayOptions } from './options.ts'

const USER_AGENT = 'fairlead-relay'

/** `owner` names what a state on this machine belongs to. Rejects where both are given, or neither can be found. */
export async function clustersOf(options: RelayOptions): Promise<Clusters & { readonly owner: string }> {
  const { isGiven, kubeconfig, context, cluster } = options
  if (readClusters() !== undefined) {
    if (isGiven)
      throw new Error('FAIRLEAD_CLUSTERS is set: --kubeconfig, --context and --cluster are not for it')
    const clusters = await clustersReader(USER_AGENT)()
    return { ...clusters, owner: [...clusters.names].sort().join(', ') }
  }
  const transport = httpsTransport(await loadCredentials({ kubeconfig, context }))
  const api = connect(transport, { userAgent: USER_AGENT })
  return {
    names: [cluster],
    api: async () => api,
    close: () => transport.close(),
    owner: transport.server ?? 'this cluster',
  }
}
