/**
 * The pod-creation review of DynamicQuota (R34): what pods labelled with a business may request together in a namespace.
 * The quota is a ResourceQuota labelled with the same business; its hard limits are compared with what the business's pods
 * request already; quotas with scopes are left to the API server. Two pods that are created in the same moment may both be let in: a review keeps no account.
 */
import { ApiError, Denied, defineReview, type Kube, Pod, ResourceQuota } from '../../lib/index.ts'

export const BUSINESS = 'quota.fairlead.dev/business'

export const podQuota = defineReview(Pod, {
  name: 'pod-quota',
  operations: ['CREATE'],
  labels: BUSINESS,
  // Pods of the control plane of a node are not ours to refuse.
  matchConditions: [{ name: 'not-a-node', expression: "!('system:nodes' in request.userInfo.groups)" }],
  async validate(pod, { api, namespace = 'default', warn, signal }) {
    const business = pod.metadata.labels?.[BUSINESS] ?? ''
    if (api === undefined)
      return warn(`quota of business ${business} is not enforced: no cluster to read from`)
    try {
      await enforce(pod, { api, namespace, business, signal })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      warn(`quota of business ${business} is not enforced: it could not be read (${error.reason})`)
    }
  },
})

interface Place {
  readonly api: Kube
  readonly namespace: string
  readonly business: string
  readonly signal: AbortSignal
}

/** Sums of tenths are a little more than they should be. */
const ROUNDING = 1 + 1e-9

/** Throws {@link Denied} that names the quota, what is used, requested and allowed. */
async function enforce(pod: Pick<Pod, 'spec'>, { api, namespace, business, signal }: Place): Promise<void> {
  const asked = { namespace, labelSelector: `${BUSINESS}=${business}`, signal }
  const [quotas, pods] = await Promise.all([api.list(ResourceQuota, asked), api.list(Pod, asked)])
  const running = pods.items.filter(
    ({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  )
  for (const quota of quotas.items.filter(({ spec }) => !spec?.scopes && !spec?.scopeSelector))
    for (const [resource, hard] of Object.entries(quota.spec?.hard ?? {})) {
      const used = running.reduce((sum, one) => sum + requestOf(one, resource), 0)
      const requested = requestOf(pod, resource)
      if (requested > 0 && used + requested > quantity(hard) * ROUNDING)
        throw new Denied(
          `exceeded quota: ${quota.metadata.name} of business ${business}: ${resource}: requested ${shown(requested)}, used ${shown(used)}, limited to ${hard}`,
        )
    }
}

/** What a pod takes of a quota's resource (`pods`, `requests.cpu`, `limits.memory`, `cpu`). */
export function requestOf({ spec }: Pick<Pod, 'spec'>, resource: string): number {
  if (resource === 'pods' || resource === 'count/pods') return 1
  const [first, ...rest] = resource.split('.')
  const isLimit = first === 'limits'
  const name = first === 'requests' || isLimit ? rest.join('.') : resource
  const of = (containers: NonNullable<Pod['spec']>['containers'] = []) =>
    containers.map(({ resources }) => {
      const { requests, limits } = resources ?? {}
      // A limit without a request is the request, as the API server fills it in.
      return quantity((isLimit ? limits?.[name] : (requests?.[name] ?? limits?.[name])) ?? '0')
    })
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0)
  const [sidecars, steps] = [true, false].map((isSidecar) =>
    (spec?.initContainers ?? []).filter(
      (one) => ((one as { restartPolicy?: string }).restartPolicy === 'Always') === isSidecar,
    ),
  )
  const beside = sum(of(sidecars))
  const overhead = quantity((spec?.overhead as Record<string, string> | undefined)?.[name] ?? '0')
  // Sidecars run beside everything else (KEP-753).
  return overhead + beside + Math.max(sum(of(spec?.containers)), ...of(steps))
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** A quantity (`500m`, `1Gi`, `1e3`) as a number; what is none counts as nothing: the API server refuses it anyway. */
export function quantity(text: string | number): number {
  const [, digits = '', suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(text)) ?? []
  const value = Number(digits) * (SUFFIXES[suffix] ?? Number.NaN)
  return Number.isFinite(value) ? value : 0
}

/** Thousandths are the finest that people write. */
const shown = (value: number): string => String(Math.round(value * 1000) / 1000)
