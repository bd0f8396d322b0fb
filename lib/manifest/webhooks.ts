/**
 * The registration of an operator's reviews and conversions: ValidatingWebhookConfiguration, MutatingWebhookConfiguration,
 * and the conversion of each CRD. Narrow by construction: one resource and version per webhook, never in the namespaces that
 * a cluster needs to heal.
 */
import { isMutating, isValidating, type Review } from '../admission/define.ts'
import type { Operator } from '../operator.ts'
import { selectorTerms } from '../selector.ts'
import { type CustomResourceDefinition, crdOf } from './crd.ts'

/** Where the API server finds the reviews: a URL up to the operation, or a Service in the cluster and the path there. */
export type ReviewAddress = (
  | { readonly url: string }
  | {
      readonly service: { readonly namespace: string; readonly name: string; readonly port?: number }
      readonly path: string
    }
) & {
  /** PEM of the authority to trust; without it those of the API server's system (a public certificate). */
  readonly ca?: string
}

export interface WebhookConfiguration {
  readonly apiVersion: 'admissionregistration.k8s.io/v1'
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration'
  readonly metadata: {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly webhooks: readonly object[]
}

/** What every object of a registration carries: `kubectl get ... -l fairlead.dev/operator=NAME`. */
export const OPERATOR_LABEL = 'fairlead.dev/operator'

/** The emergency switch: on a configuration with `off` its webhooks are none, and nobody puts them back. */
export const SWITCH = 'fairlead.dev/reviews'

/** Where a cluster heals itself: no review of ours may stand in the way. */
const EXEMPT = ['kube-system', 'kube-node-lease']

/** The configurations of an operator's reviews, none where it has no reviews of a sort. `namespace` is the operator's own. */
export function webhooksOf(
  { name, reviews }: Operator,
  address: ReviewAddress,
  namespace: string,
): WebhookConfiguration[] {
  const metadata = { name, labels: { [OPERATOR_LABEL]: name } }
  const common = { apiVersion: 'admissionregistration.k8s.io/v1', metadata } as const
  const exempt = [...EXEMPT, namespace]
  const mutating = reviews.filter(isMutating).map((review) => ({
    ...webhookOf(review, 'mutate', { address, exempt }),
    reinvocationPolicy: review.reinvocation,
  }))
  const validating = reviews
    .filter(isValidating)
    .map((review) => webhookOf(review, 'validate', { address, exempt }))
  const both: WebhookConfiguration[] = [
    { ...common, kind: 'MutatingWebhookConfiguration', webhooks: mutating },
    { ...common, kind: 'ValidatingWebhookConfiguration', webhooks: validating },
  ]
  return both.filter(({ webhooks }) => webhooks.length > 0)
}

interface Setting {
  readonly address: ReviewAddress
  readonly exempt: readonly string[]
}

function webhookOf(review: Review<never>, verb: 'mutate' | 'validate', { address, exempt }: Setting): object {
  const { name, kind, subresource, operations, matchConditions, labels } = review
  const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`
  // There is nothing to fill in when something is deleted or connected to.
  const asked =
    verb === 'mutate' ? operations.filter((one) => one === 'CREATE' || one === 'UPDATE') : operations
  return {
    name: `${verb}.${name}.${isDotted(kind.group) ? kind.group : 'fairlead.dev'}`,
    clientConfig: clientConfigOf(address, `${verb}/${name}`),
    rules: [
      {
        apiGroups: [kind.group],
        apiVersions: [kind.version],
        resources: [resource],
        operations: asked,
        scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      },
    ],
    matchPolicy: 'Equivalent',
    failurePolicy: review.failurePolicy,
    sideEffects: 'None',
    timeoutSeconds: review.timeoutSeconds,
    admissionReviewVersions: ['v1'],
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: exempt }],
    },
    objectSelector: labels === undefined ? {} : { matchExpressions: selectorTerms(labels) },
    ...(matchConditions.length > 0 && { matchConditions }),
  }
}

/** A webhook's name needs three labels at least. */
const isDotted = (group: string): boolean => group.includes('.')

function clientConfigOf(address: ReviewAddress, path: string): object {
  const { ca } = address
  const caBundle = ca === undefined ? {} : { caBundle: btoa(ca) }
  if ('url' in address) return { url: `${address.url}/${path}`, ...caBundle }
  const { namespace, name, port = 443 } = address.service
  return { service: { namespace, name, port, path: `${address.path}/${path}` }, ...caBundle }
}

/**
 * The CRDs of an operator. Those of kinds with conversions say who converts; without an address nobody does, so they serve
 * the version that is stored and no other: a server that only renames versions would prune what it does not know.
 */
export const crdsOf = (operator: Operator, address?: ReviewAddress): CustomResourceDefinition[] =>
  declaredCrds(operator).map((crd) =>
    withConversion(crd, operator, address && conversionAt(crd, operator, address)),
  )

/** Every custom kind of an operator, once, all its versions as they are declared. */
export function declaredCrds({ controllers, conversions, reviews }: Operator): CustomResourceDefinition[] {
  const crds = new Map<string, CustomResourceDefinition>()
  for (const { kind } of [...controllers, ...conversions, ...reviews]) {
    const crd = crdOf(kind)
    if (crd !== undefined) crds.set(crd.metadata.name, crd)
  }
  return [...crds.values()]
}

const conversionOf = (crd: CustomResourceDefinition, { conversions }: Operator) =>
  conversions.find(({ kind }) => `${kind.plural}.${kind.group}` === crd.metadata.name)

/** Whether a CRD's kind has conversions. */
export const isConverted = (crd: CustomResourceDefinition, operator: Operator): boolean =>
  conversionOf(crd, operator) !== undefined

/** `spec.conversion` of a CRD whose objects are converted at an address; undefined where its kind has no conversions. */
export function conversionAt(
  crd: CustomResourceDefinition,
  operator: Operator,
  address: ReviewAddress,
): object | undefined {
  const conversion = conversionOf(crd, operator)
  if (conversion === undefined) return undefined
  const clientConfig = clientConfigOf(address, `convert/${conversion.name}`)
  return { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } }
}

/** The CRD of a kind that converts like this, or (undefined) not at all for now. Others stay as they are. */
export function withConversion(
  crd: CustomResourceDefinition,
  operator: Operator,
  conversion: object | undefined,
): CustomResourceDefinition {
  if (!isConverted(crd, operator)) return crd
  if (conversion !== undefined) return { ...crd, spec: { ...crd.spec, conversion } }
  const versions = crd.spec.versions.map((version) =>
    version.storage ? version : { ...version, served: false },
  )
  return { ...crd, spec: { ...crd.spec, versions } }
}
