/**
 * The messages that kubectl's imperative commands send as protobuf (`kubectl create configmap`, `kubectl auth can-i`, ...),
 * field number by field number as in the `generated.proto` files of k8s.io/api and k8s.io/apimachinery.
 */

/** `number name type`; types: `string`, `bytes`, `bool`, `int`, a message, `type[]`, `type{}` (a map from strings). */
const SOURCE: Record<string, string> = {
  Unknown: '1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string',
  TypeMeta: '1 apiVersion string, 2 kind string',
  Time: '1 seconds int, 2 nanos int',
  Quantity: '1 string string',
  IntOrString: '1 type int, 2 intVal int, 3 strVal string',
  OwnerReference:
    '1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, 7 blockOwnerDeletion bool',
  ObjectMeta:
    '1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int, 11 labels string{}, 12 annotations string{}, 13 ownerReferences OwnerReference[], 14 finalizers string[]',
  LabelSelectorRequirement: '1 key string, 2 operator string, 3 values string[]',
  LabelSelector: '1 matchLabels string{}, 2 matchExpressions LabelSelectorRequirement[]',
  Preconditions: '1 uid string, 2 resourceVersion string',
  DeleteOptions:
    '1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun string[]',

  NamespaceSpec: '1 finalizers string[]',
  NamespaceStatus: '1 phase string',
  Namespace: '1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus',
  ConfigMap: '1 metadata ObjectMeta, 2 data string{}, 3 binaryData bytes{}, 4 immutable bool',
  Secret: '1 metadata ObjectMeta, 2 data bytes{}, 3 type string, 4 stringData string{}, 5 immutable bool',
  LocalObjectReference: '1 name string',
  ObjectReference:
    '1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string',
  ServiceAccount:
    '1 metadata ObjectMeta, 2 secrets ObjectReference[], 3 imagePullSecrets LocalObjectReference[], 4 automountServiceAccountToken bool',
  ServicePort:
    '1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol string',
  ServiceSpec:
    '1 ports ServicePort[], 2 selector string{}, 3 clusterIP string, 4 type string, 5 externalIPs string[], 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges string[], 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 17 ipFamilyPolicy string, 18 clusterIPs string[], 19 ipFamilies string[], 22 internalTrafficPolicy string',
  LoadBalancerStatus: '',
  ServiceStatus: '1 loadBalancer LoadBalancerStatus',
  Service: '1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus',
  ResourceQuotaSpec: '1 hard Quantity{}, 2 scopes string[]',
  ResourceQuotaStatus: '1 hard Quantity{}, 2 used Quantity{}',
  ResourceQuota: '1 metadata ObjectMeta, 2 spec ResourceQuotaSpec, 3 status ResourceQuotaStatus',

  ContainerPort: '1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string',
  EnvVar: '1 name string, 2 value string',
  ResourceRequirements: '1 limits Quantity{}, 2 requests Quantity{}',
  Container:
    '1 name string, 2 image string, 3 command string[], 4 args string[], 5 workingDir string, 6 ports ContainerPort[], 7 env EnvVar[], 8 resources ResourceRequirements, 13 terminationMessagePath string, 14 imagePullPolicy string, 16 stdin bool, 17 stdinOnce bool, 18 tty bool, 20 terminationMessagePolicy string',
  PodSpec:
    '2 containers Container[], 3 restartPolicy string, 4 terminationGracePeriodSeconds int, 5 activeDeadlineSeconds int, 6 dnsPolicy string, 7 nodeSelector string{}, 8 serviceAccountName string, 9 serviceAccount string, 10 nodeName string, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 14 securityContext PodSecurityContext, 15 imagePullSecrets LocalObjectReference[], 16 hostname string, 17 subdomain string, 19 schedulerName string, 20 initContainers Container[], 24 priorityClassName string',
  PodSecurityContext: '',
  PodTemplateSpec: '1 metadata ObjectMeta, 2 spec PodSpec',
  DeploymentStrategy: '1 type string',
  DeploymentSpec:
    '1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit int, 7 paused bool, 9 progressDeadlineSeconds int',
  DeploymentStatus:
    '1 observedGeneration int, 2 replicas int, 3 updatedReplicas int, 4 availableReplicas int, 5 unavailableReplicas int, 7 readyReplicas int',
  Deployment: '1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus',
  JobSpec:
    '1 parallelism int, 2 completions int, 3 activeDeadlineSeconds int, 4 selector LabelSelector, 5 manualSelector bool, 6 template PodTemplateSpec, 7 backoffLimit int, 8 ttlSecondsAfterFinished int',
  JobStatus: '4 active int, 5 succeeded int, 6 failed int, 7 completedIndexes string',
  Job: '1 metadata ObjectMeta, 2 spec JobSpec, 3 status JobStatus',
  JobTemplateSpec: '1 metadata ObjectMeta, 2 spec JobSpec',
  CronJobSpec:
    '1 schedule string, 2 startingDeadlineSeconds int, 3 concurrencyPolicy string, 4 suspend bool, 5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit int, 7 failedJobsHistoryLimit int, 8 timeZone string',
  CronJobStatus: '',
  CronJob: '1 metadata ObjectMeta, 2 spec CronJobSpec, 3 status CronJobStatus',

  PolicyRule:
    '1 verbs string[], 2 apiGroups string[], 3 resources string[], 4 resourceNames string[], 5 nonResourceURLs string[]',
  Role: '1 metadata ObjectMeta, 2 rules PolicyRule[]',
  ClusterRole: '1 metadata ObjectMeta, 2 rules PolicyRule[]',
  Subject: '1 kind string, 2 apiGroup string, 3 name string, 4 namespace string',
  RoleRef: '1 apiGroup string, 2 kind string, 3 name string',
  RoleBinding: '1 metadata ObjectMeta, 2 subjects Subject[], 3 roleRef RoleRef',
  ClusterRoleBinding: '1 metadata ObjectMeta, 2 subjects Subject[], 3 roleRef RoleRef',
  PriorityClass:
    '1 metadata ObjectMeta, 2 value int, 3 globalDefault bool, 4 description string, 5 preemptionPolicy string',

  ResourceAttributes:
    '1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string',
  NonResourceAttributes: '1 path string, 2 verb string',
  SelfSubjectAccessReviewSpec:
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes',
  SubjectAccessReviewStatus: '1 allowed bool, 2 reason string, 3 evaluationError string, 4 denied bool',
  SelfSubjectAccessReview:
    '1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus',
  SelfSubjectRulesReviewSpec: '1 namespace string',
  SubjectRulesReviewStatus: '3 incomplete bool, 4 evaluationError string',
  SelfSubjectRulesReview:
    '1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status SubjectRulesReviewStatus',
}

/** One field of a message. */
export interface Field {
  readonly name: string
  /** A scalar's name or a message's. */
  readonly type: string
  readonly shape: 'one' | 'list' | 'map'
}

/** The fields of a message by number, or undefined for a message that is not known. */
export function fieldsOf(message: string): ReadonlyMap<number, Field> | undefined {
  const source = Object.hasOwn(SOURCE, message) ? SOURCE[message] : undefined
  if (source === undefined) return undefined
  const parts = source.split(', ').filter((part) => part !== '')
  return new Map(parts.map((part) => parseField(part.split(' '))))
}

function parseField([number = '', name = '', type = '']: string[]): [number, Field] {
  const shape = type.endsWith('[]') ? 'list' : type.endsWith('{}') ? 'map' : 'one'
  return [Number(number), { name, type: shape === 'one' ? type : type.slice(0, -2), shape }]
}
