/**
 * Containers: images, environment, ports, probes, lifecycle.
 */

import type { Schema } from '../resource.ts'
import {
  always,
  atomic,
  byDefault,
  byNamedDefault,
  choice,
  embedded,
  keyed,
  listOf,
  needed,
  struct,
  union,
} from './dsl.ts'
import { protocol } from './reference.ts'

/** When an image is pulled. */
export const pullPolicy = choice('string', 'Always', 'IfNotPresent', 'Never')

/** `1`, `2`, ... of a real-time signal. */
const offsets = (name: string, sign: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${sign}${index + 1}`)

const signals = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV'.split(' '),
  ...'STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'.split(' '),
  ...['RTMAX', ...offsets('RTMAX', '-', 14), 'RTMIN', ...offsets('RTMIN', '+', 15)],
]

/** The signal that ends a container. */
export const stopSignal = choice('string?', ...signals.map((name) => `SIG${name}`))

const configMapKeySelector = atomic(
  struct('ConfigMapKeySelector', {
    ...embedded('LocalObjectReference', { name: byNamedDefault('string', '') }),
    key: 'string!',
    optional: 'bool?',
  }),
)
const secretKeySelector = atomic(
  struct('SecretKeySelector', {
    ...embedded('LocalObjectReference', { name: byNamedDefault('string', '') }),
    key: 'string!',
    optional: 'bool?',
  }),
)

/** A field of the pod, for the environment and for downward API volumes. */
export const objectFieldSelector = atomic(
  struct('ObjectFieldSelector', { apiVersion: byDefault('string', 'v1'), fieldPath: 'string!' }),
)

/** A resource of a container, for the environment and for downward API volumes. */
export const resourceFieldSelector = atomic(
  struct('ResourceFieldSelector', {
    containerName: 'string',
    resource: 'string!',
    divisor: needed('quantity!', false),
  }),
)

const fileKeySelector = atomic(
  struct('FileKeySelector', {
    volumeName: 'string!',
    path: 'string!',
    key: 'string!',
    optional: byNamedDefault('bool?', false),
  }),
)

const envVar = struct('EnvVar', {
  name: 'string!',
  value: 'string',
  valueFrom: struct('EnvVarSource', {
    fieldRef: objectFieldSelector,
    resourceFieldRef: resourceFieldSelector,
    configMapKeyRef: configMapKeySelector,
    secretKeyRef: secretKeySelector,
    fileKeyRef: fileKeySelector,
  }),
})

const envFromSource = struct('EnvFromSource', {
  prefix: 'string',
  configMapRef: struct('ConfigMapEnvSource', {
    ...embedded('LocalObjectReference', { name: byNamedDefault('string', '') }),
    optional: 'bool?',
  }),
  secretRef: struct('SecretEnvSource', {
    ...embedded('LocalObjectReference', { name: byNamedDefault('string', '') }),
    optional: 'bool?',
  }),
})

const containerPort = struct('ContainerPort', {
  name: 'string',
  hostPort: 'int32',
  containerPort: 'int32!',
  protocol: byNamedDefault(protocol, 'TCP'),
  hostIP: 'string',
})

/** Requests and limits; also of claims. */
export const resources = struct('ResourceRequirements', {
  limits: 'quantity{}',
  requests: 'quantity{}',
  claims: keyed(struct('ResourceClaim', { name: 'string!', request: 'string' }), ['name'], null),
})

const httpGet = struct('HTTPGetAction', {
  path: byDefault('string', '/'),
  port: 'intOrString!',
  host: 'string',
  scheme: byDefault(choice('string', 'HTTP', 'HTTPS'), 'HTTP'),
  httpHeaders: listOf(struct('HTTPHeader', { name: 'string!', value: 'string!' })),
})
const exec = struct('ExecAction', { command: 'string[]' })
const tcpSocket = struct('TCPSocketAction', { port: 'intOrString!', host: 'string' })

const probe = struct('Probe', {
  ...embedded('ProbeHandler', {
    exec,
    httpGet,
    tcpSocket,
    grpc: struct('GRPCAction', { port: 'int32!', service: byNamedDefault('string?', '') }),
  }),
  initialDelaySeconds: 'int32',
  timeoutSeconds: byDefault('int32', 1),
  periodSeconds: byDefault('int32', 10),
  successThreshold: byDefault('int32', 1),
  failureThreshold: byDefault('int32', 3),
  terminationGracePeriodSeconds: 'int64?',
})

const lifecycleHandler = struct('LifecycleHandler', {
  exec,
  httpGet,
  tcpSocket,
  sleep: struct('SleepAction', { seconds: 'int64!' }),
})

const seLinux = struct('SELinuxOptions', { user: 'string', role: 'string', type: 'string', level: 'string' })
const profile = (name: string): Schema =>
  union(
    struct(name, {
      type: choice('string!', 'Localhost', 'RuntimeDefault', 'Unconfined'),
      localhostProfile: 'string?',
    }),
    { localhostProfile: 'LocalhostProfile' },
    'type',
  )
const seccomp = profile('SeccompProfile')
const appArmor = profile('AppArmorProfile')
const windows = struct('WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: 'string?',
  gmsaCredentialSpec: 'string?',
  runAsUserName: 'string?',
  hostProcess: 'bool?',
})

const securityContext = struct('SecurityContext', {
  capabilities: struct('Capabilities', { add: 'string[]', drop: 'string[]' }),
  privileged: 'bool?',
  seLinuxOptions: seLinux,
  windowsOptions: windows,
  runAsUser: 'int64?',
  runAsGroup: 'int64?',
  runAsNonRoot: 'bool?',
  readOnlyRootFilesystem: 'bool?',
  allowPrivilegeEscalation: 'bool?',
  procMount: choice('string?', 'Default', 'Unmasked'),
  seccompProfile: seccomp,
  appArmorProfile: appArmor,
})

/** The security context of a whole pod. */
export const podSecurityContext = struct('PodSecurityContext', {
  seLinuxOptions: seLinux,
  windowsOptions: windows,
  runAsUser: 'int64?',
  runAsGroup: 'int64?',
  runAsNonRoot: 'bool?',
  supplementalGroups: 'int64[]',
  supplementalGroupsPolicy: choice('string?', 'Merge', 'Strict'),
  fsGroup: 'int64?',
  sysctls: listOf(struct('Sysctl', { name: 'string!', value: 'string!' })),
  fsGroupChangePolicy: choice('string?', 'Always', 'OnRootMismatch'),
  seccompProfile: seccomp,
  appArmorProfile: appArmor,
  seLinuxChangePolicy: 'string?',
})

const volumeMount = struct('VolumeMount', {
  name: 'string!',
  readOnly: 'bool',
  recursiveReadOnly: 'string?',
  mountPath: 'string!',
  subPath: 'string',
  mountPropagation: choice('string?', 'Bidirectional', 'HostToContainer', 'None'),
  subPathExpr: 'string',
})

const restartRule = struct('ContainerRestartRule', {
  action: needed('string'),
  exitCodes: struct('ContainerRestartRuleOnExitCodes', {
    operator: needed('string'),
    values: { ...listOf('int32'), 'x-kubernetes-list-type': 'set' },
  }),
})

const fields = {
  name: 'string!',
  image: 'string',
  command: 'string[]',
  args: 'string[]',
  workingDir: 'string',
  ports: keyed(containerPort, ['containerPort', 'protocol']),
  envFrom: listOf(envFromSource),
  env: keyed(envVar, ['name']),
  resources: always(resources),
  resizePolicy: listOf(
    struct('ContainerResizePolicy', { resourceName: 'string!', restartPolicy: 'string!' }),
  ),
  restartPolicy: 'string?',
  restartPolicyRules: listOf(restartRule),
  volumeMounts: keyed(volumeMount, ['mountPath']),
  volumeDevices: keyed(struct('VolumeDevice', { name: 'string!', devicePath: 'string!' }), ['devicePath']),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  lifecycle: struct('Lifecycle', {
    postStart: lifecycleHandler,
    preStop: lifecycleHandler,
    stopSignal,
  }),
  terminationMessagePath: byDefault('string', '/dev/termination-log'),
  terminationMessagePolicy: byDefault(choice('string', 'FallbackToLogsOnError', 'File'), 'File'),
  imagePullPolicy: pullPolicy,
  securityContext,
  stdin: 'bool',
  stdinOnce: 'bool',
  tty: 'bool',
}

export const container: Schema = struct('Container', fields)

/** A container that is added to a running pod; the name of the Go type aside, the same fields and one more. */
export const ephemeralContainer: Schema = struct('EphemeralContainer', {
  ...embedded('EphemeralContainerCommon', fields),
  targetContainerName: 'string',
})
