/** Brings the CRDs of an operator into a cluster, so that its kinds are served before anything asks for them. */
import { type Clock, sleep } from '../clock.ts'
import { ApiError, type Kube, type KubeObject, type Resource } from '../kube.ts'
import type { Operator } from '../operator.ts'
import type { Report } from '../report.ts'
import type { CustomResourceDefinition } from './crd.ts'
import { conversionAt, declaredCrds, isConverted, type ReviewAddress, withConversion } from './webhooks.ts'

interface LiveCrd extends KubeObject {
  readonly spec: { readonly conversion?: { readonly strategy: string } }
  readonly status?: {
    readonly storedVersions?: readonly string[]
    readonly conditions?: readonly { type: string; status: string; message?: string }[]
  }
}

/** Where CRDs are. */
export const CRDS: Resource<LiveCrd> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/** A CRD is established within a second or two; longer means that it never will be. */
const ESTABLISH_SECONDS = 30

/** An API server that is away is asked again after 1 to 2 s: somebody is waiting at a terminal. */
const AWAY_SECONDS = 1

export interface Installing {
  readonly clock: Clock
  readonly random?: () => number
  readonly report?: Report
  readonly signal?: AbortSignal
  /**
   * Where the reviews are served, for the CRDs of kinds that convert; with `none` they serve the stored version alone.
   * Without it a conversion that stands already stays: somebody else serves it.
   */
  readonly address?: ReviewAddress | 'none' | undefined
}

/**
 * Applies the CRD of every custom kind of the operator and waits until it is served. Waits for an API server that
 * cannot be reached, and reports that once. Throws what the server refuses, and an Error that names the CRD and the server's
 * reason when it is not established within half a minute.
 */
export async function installCrds(api: Kube, operator: Operator, using: Installing): Promise<void> {
  const install = async (crd: CustomResourceDefinition) => {
    const conversion = await conversionFor(api, operator, crd, using)
    await installCrd(api, withConversion(crd, operator, conversion), using)
  }
  for (const crd of declaredCrds(operator)) await whenReachable(() => install(crd), using)
}

/**
 * How the CRD is to convert; undefined: not at all. Objects that are stored in another version need a converter to be read:
 * one that stands is then left standing, and without one an Error is thrown.
 */
async function conversionFor(
  api: Kube,
  operator: Operator,
  crd: CustomResourceDefinition,
  { address, signal }: Installing,
): Promise<object | undefined> {
  if (!isConverted(crd, operator)) return undefined
  if (address !== undefined && address !== 'none') return conversionAt(crd, operator, address)
  const live = await api.get(CRDS, { name: crd.metadata.name }, { signal })
  const standing = live?.spec.conversion?.strategy === 'Webhook' ? live.spec.conversion : undefined
  const storage = crd.spec.versions.find((version) => version.storage)?.name
  const others = (live?.status?.storedVersions ?? []).filter((version) => version !== storage)
  if (others.length === 0) return address === 'none' ? undefined : standing
  if (standing !== undefined) return standing
  throw new Error(
    `CRD ${crd.metadata.name}: objects are stored in ${others.join(', ')}, and nobody converts them to ${storage}: serve the conversions first (--review-host, or fairlead reviews register)`,
  )
}

async function installCrd(
  api: Kube,
  crd: CustomResourceDefinition,
  { clock, signal }: Installing,
): Promise<void> {
  const key = { name: crd.metadata.name }
  await api.patch(
    CRDS,
    key,
    { type: 'apply', object: crd, force: true },
    { fieldManager: 'fairlead', signal },
  )
  const end = clock.now() + ESTABLISH_SECONDS * 1000
  for (;;) {
    const conditions = (await api.get(CRDS, key, { signal }))?.status?.conditions ?? []
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return
    if (clock.now() > end) {
      const reasons = conditions.filter(({ status }) => status !== 'True').map(({ message }) => message)
      const text = reasons.join('; ') || 'no reason given'
      throw new Error(`CRD ${key.name} was not established in ${ESTABLISH_SECONDS} s: ${text}`)
    }
    await sleep(clock, 100, signal)
  }
}

async function whenReachable(install: () => Promise<void>, using: Installing): Promise<void> {
  const { clock, random = Math.random, report = () => {}, signal } = using
  for (let isTold = false; ; isTold = true) {
    try {
      return await install()
    } catch (error) {
      if (!(error instanceof ApiError) || ![0, 429, 503].includes(error.code)) throw error
      if (!isTold)
        report({ type: 'watch', kind: 'CustomResourceDefinition', state: 'lost', detail: error.message })
      await sleep(clock, AWAY_SECONDS * 1000 * (1 + random()), signal)
    }
  }
}
