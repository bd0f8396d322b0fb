/** Brings the CRDs of an operator into a cluster, so that its kinds are served before anything asks for them. */
import { type Clock, sleep } from '../clock.ts'
import type { Kube, KubeObject, Resource } from '../kube.ts'
import type { Operator } from '../operator.ts'
import { crdOf } from './crd.ts'

const CRDS: Resource<
  KubeObject & { status?: { conditions?: { type: string; status: string; message?: string }[] } }
> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/** A CRD is established within a second or two; longer means that it never will be. */
const ESTABLISH_SECONDS = 30

/**
 * Applies the CRD of every custom kind that a controller is for and waits until it is served. Throws an Error that names the CRD and the
 * server's reason when it is not established within half a minute.
 */
export async function installCrds(
  api: Kube,
  operator: Operator,
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<void> {
  for (const { kind } of operator.controllers) {
    const crd = crdOf(kind)
    if (crd === undefined) continue
    const key = { name: crd.metadata.name }
    await api.patch(
      CRDS,
      key,
      { type: 'apply', object: crd, force: true },
      { fieldManager: 'fairlead', signal },
    )
    await waitEstablished(api, key, { clock, signal })
  }
}

async function waitEstablished(
  api: Kube,
  key: { name: string },
  { clock, signal }: { clock: Clock; signal: AbortSignal | undefined },
): Promise<void> {
  const end = clock.now() + ESTABLISH_SECONDS * 1000
  for (;;) {
    const live = await api.get(CRDS, key, { signal })
    const conditions = live?.status?.conditions ?? []
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return
    if (clock.now() > end) {
      const reasons = conditions.filter(({ status }) => status !== 'True').map(({ message }) => message)
      throw new Error(
        `CRD ${key.name} was not established in ${ESTABLISH_SECONDS} s: ${reasons.join('; ') || 'no reason given'}`,
      )
    }
    await sleep(clock, 100, signal)
  }
}
