/**
 * What `kubectl get` shows of the kinds that rule over others: budgets, autoscalers, admission, signing, priorities of
 * requests.
 */
import { ageColumn, humanDuration, nameColumn } from '../kinds/columns.ts'
import type { Column, Json, JsonObject } from '../resource.ts'
import { at, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cell, numberIn, objectsAt, sizeOf, text, textAt, whole } from './column.ts'

const orNone = (value: Json | undefined, otherwise: string): string =>
  value === undefined || value === null ? otherwise : String(value)

/** Of policy/v1 PodDisruptionBudget. */
export const budgetColumns: Column[] = [
  nameColumn,
  text('Min Available', 'The minimum number of pods that must be available.', (object) =>
    orNone(at(object, 'spec', 'minAvailable'), 'N/A'),
  ),
  text('Max Unavailable', 'The maximum number of pods that may be unavailable.', (object) =>
    orNone(at(object, 'spec', 'maxUnavailable'), 'N/A'),
  ),
  whole(
    'Allowed Disruptions',
    'Calculated number of pods that may be disrupted at this time.',
    numberIn('status.disruptionsAllowed'),
  ),
  ageColumn,
]

const webhooks: Column[] = [
  nameColumn,
  whole(
    'Webhooks',
    'Webhooks indicates the number of webhooks registered in this configuration',
    sizeOf('webhooks'),
  ),
  ageColumn,
]

/** Of both webhook configurations of admissionregistration.k8s.io/v1. */
export const webhookColumns: Column[] = webhooks

const paramKind = text(
  'ParamKind',
  'ParamKind specifies the kind of resources used to parameterize this policy',
  (object) => {
    const kind = at(object, 'spec', 'paramKind')
    return kind === undefined ? '<unset>' : `${stringAt(kind, 'apiVersion')}/${stringAt(kind, 'kind')}`
  },
)

/** Of admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy. */
export const validatingPolicyColumns: Column[] = [
  nameColumn,
  whole(
    'Validations',
    'Validations indicates the number of validation rules defined in this configuration',
    sizeOf('spec.validations'),
  ),
  paramKind,
  ageColumn,
]

/** Of admissionregistration.k8s.io/v1 MutatingAdmissionPolicy. */
export const mutatingPolicyColumns: Column[] = [
  nameColumn,
  whole(
    'Mutations',
    'Mutation indicates the number of mutations rules defined in this configuration',
    sizeOf('spec.mutations'),
  ),
  paramKind,
  ageColumn,
]

const paramText: Cell = (object) => {
  const name = stringAt(object, 'spec', 'paramRef', 'name')
  if (name !== '') return `${stringAt(object, 'spec', 'paramRef', 'namespace') || '*'}/${name}`
  const selector = at(object, 'spec', 'paramRef', 'selector')
  return selector === undefined ? '<unset>' : selectorDump(selector)
}

/** A selector as Go prints the struct. */
const selectorDump = (selector: Json): string => {
  const labels = objectAt(selector, 'matchLabels')
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${key}: ${String(labels[key])},`)
  const expressions = objectsAt({ selector }, 'selector.matchExpressions').map(
    (one) =>
      `LabelSelectorRequirement{Key:${stringAt(one, 'key')},Operator:${stringAt(one, 'operator')},Values:[${listAt(one, 'values').join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${pairs.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}

/** Of both bindings of policies of admissionregistration.k8s.io/v1. */
export const policyBindingColumns: Column[] = [
  nameColumn,
  text(
    'PolicyName',
    'PolicyName indicates the policy definition which the policy binding binded to',
    textAt('spec.policyName'),
  ),
  text('ParamRef', 'ParamRef indicates the param resource which sets the configuration param', paramText),
  ageColumn,
]

const requestState: Cell = (request) => {
  const types = objectsAt(request, 'status.conditions').map((one) => one.type)
  const verdict = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending'
  const failed = types.includes('Failed') ? ',Failed' : ''
  return verdict + failed + (stringAt(request, 'status', 'certificate') === '' ? '' : ',Issued')
}

/** Of certificates.k8s.io/v1 CertificateSigningRequest. */
export const signingRequestColumns: Column[] = [
  nameColumn,
  ageColumn,
  text(
    'SignerName',
    'Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:\n 1. If it\'s a kubelet client certificate, it is assigned\n    "kubernetes.io/kube-apiserver-client-kubelet".\n 2. If it\'s a kubelet serving certificate, it is assigned\n    "kubernetes.io/kubelet-serving".\n 3. Otherwise, it is assigned "kubernetes.io/legacy-unknown".\nDistribution of trust for signers happens out of band. You can select on this field using `spec.signerName`.',
    textAt('spec.signerName', '<none>'),
  ),
  text('Requestor', 'Base64-encoded PKCS#10 CSR data', textAt('spec.username')),
  text(
    'RequestedDuration',
    'expirationSeconds is the requested duration of validity of the issued certificate. The certificate signer may issue a certificate with a different validity duration so a client must check the delta between the notBefore and and notAfter fields in the issued certificate to determine the actual duration.\n\nThe v1.22+ in-tree implementations of the well-known Kubernetes signers will honor this field as long as the requested duration is not greater than the maximum duration they will honor per the --cluster-signing-duration CLI flag to the Kubernetes controller manager.\n\nCertificate signers may not honor this field for various reasons:\n\n  1. Old signer that is unaware of the field (such as the in-tree\n     implementations prior to v1.22)\n  2. Signer whose configured maximum is shorter than the requested duration\n  3. Signer whose configured minimum is longer than the requested duration\n\nThe minimum valid value for expirationSeconds is 600, i.e. 10 minutes.',
    (object) => {
      const seconds = numberAt(object, 'spec', 'expirationSeconds')
      return seconds === undefined ? '<none>' : humanDuration(seconds)
    },
  ),
  text('Condition', 'Conditions applied to the request, such as approval or denial.', requestState),
]

const danglingText: Cell = (schema) =>
  orNone(objectsAt(schema, 'status.conditions').find((one) => one.type === 'Dangling')?.status, '?')

/** Of flowcontrol.apiserver.k8s.io/v1 FlowSchema. */
export const flowSchemaColumns: Column[] = [
  nameColumn,
  text(
    'PriorityLevel',
    '`name` is the name of the priority level configuration being referenced Required.',
    textAt('spec.priorityLevelConfiguration.name'),
  ),
  text(
    'MatchingPrecedence',
    '`matchingPrecedence` is used to choose among the FlowSchemas that match a given request. The chosen FlowSchema is among those with the numerically lowest (which we take to be logically highest) MatchingPrecedence.  Each MatchingPrecedence value must be ranged in [1,10000]. Note that if the precedence is not specified, it will be set to 1000 as default.',
    numberIn('spec.matchingPrecedence'),
  ),
  text(
    'DistinguisherMethod',
    '`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled and thus will always be the empty string.',
    textAt('spec.distinguisherMethod.type', '<none>'),
  ),
  ageColumn,
  text('MissingPL', 'references a broken or non-existent PriorityLevelConfiguration', danglingText),
]

const queuing =
  (field: string): Cell =>
  (level) => {
    const found = at(level, 'spec', 'limited', 'limitResponse', 'queuing')
    return found === undefined ? '<none>' : (numberAt(found, field) ?? 0)
  }

const shares: Cell = (level) => {
  const limited = at(level, 'spec', 'limited')
  return limited === undefined ? '<none>' : (numberAt(limited, 'nominalConcurrencyShares') ?? 0)
}

/** Of flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration. */
export const priorityLevelColumns: Column[] = [
  nameColumn,
  text(
    'Type',
    '`type` indicates whether this priority level is subject to limitation on request execution.  A value of `"Exempt"` means that requests of this priority level are not subject to a limit (and thus are never queued) and do not detract from the capacity made available to other priority levels.  A value of `"Limited"` means that (a) requests of this priority level _are_ subject to limits and (b) some of the server\'s limited capacity is made available exclusively to this priority level. Required.',
    textAt('spec.type'),
  ),
  text(
    'NominalConcurrencyShares',
    '`nominalConcurrencyShares` (NCS) contributes to the computation of the NominalConcurrencyLimit (NominalCL) of this level. This is the number of execution seats available at this priority level. This is used both for requests dispatched from this priority level as well as requests dispatched from other priority levels borrowing seats from this level. The server\'s concurrency limit (ServerCL) is divided among the Limited priority levels in proportion to their NCS values:\n\nNominalCL(i)  = ceil( ServerCL * NCS(i) / sum_ncs ) sum_ncs = sum[priority level k] NCS(k)\n\nBigger numbers mean a larger nominal concurrency limit, at the expense of every other priority level.\n\nIf not specified, this field defaults to a value of 30.\n\nSetting this field to zero supports the construction of a "jail" for this priority level that is used to hold some request(s)',
    shares,
  ),
  text(
    'Queues',
    '`queues` is the number of queues for this priority level. The queues exist independently at each apiserver. The value must be positive.  Setting it to 1 effectively precludes shufflesharding and thus makes the distinguisher method of associated flow schemas irrelevant.  This field has a default value of 64.',
    queuing('queues'),
  ),
  text(
    'HandSize',
    "`handSize` is a small positive number that configures the shuffle sharding of requests into queues.  When enqueuing a request at this priority level the request's flow identifier (a string pair) is hashed and the hash value is used to shuffle the list of queues and deal a hand of the size specified here.  The request is put into one of the shortest queues in that hand. `handSize` must be no larger than `queues`, and should be significantly smaller (so that a few heavy flows do not saturate most of the queues).  See the user-facing documentation for more extensive guidance on setting this field.  This field has a default value of 8.",
    queuing('handSize'),
  ),
  text(
    'QueueLengthLimit',
    '`queueLengthLimit` is the maximum number of requests allowed to be waiting in a given queue of this priority level at a time; excess requests are rejected.  This value must be positive.  If not specified, it will be defaulted to 50.',
    queuing('queueLengthLimit'),
  ),
  ageColumn,
]

/** Of core/v1 ComponentStatus. */
export const componentColumns: Column[] = [
  nameColumn,
  text('Status', 'Status of the component conditions', (object) => {
    const healthy = healthOf(object)
    return healthy === undefined ? 'Unknown' : healthy.status === 'True' ? 'Healthy' : 'Unhealthy'
  }),
  text('Message', 'Message of the component conditions', (object) => stringAt(healthOf(object), 'message')),
  text('Error', 'Error of the component conditions', (object) => stringAt(healthOf(object), 'error')),
]

const healthOf = (object: JsonObject): JsonObject | undefined =>
  objectsAt(object, 'conditions').find((one) => one.type === 'Healthy')
