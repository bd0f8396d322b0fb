/**
 * Containers: images, environment, ports, probes, lifecycle.
 */

import type { Schema } from '../resource.ts'
import { always, atomic, byDefault, embedded, keyed, listOf, struct } from './dsl.ts'

const configMapKeySelector = atomic(
  struct('ConfigMapKeySelector', {
    ...embedded('LocalObjectReference', { name: byDefault('string', '') }),
    key: 'string!',
    optional: 'bool?',
  }),
)
const secretKeySelector = atomic(
  struct('SecretKeySelector', {
    ...embedded('LocalObjectReference', { name: byDefault('string', '') }),
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
  struct('ResourceFieldSelector', { containerName: 'string', resource: 'string!', divisor: 'quantity!' }),
)

const fileKeySelector = atomic(
  struct('FileKeySelector', {
    volumeName: 'string!',
    path: 'string!',
    key: 'string!',
    optional: byDefault('bool?', false),
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
    ...embedded('LocalObjectReference', { name: byDefault('string', '') }),
    optional: 'bool?',
  }),
  secretRef: struct('SecretEnvSource', {
    ...embedded('LocalObjectReference', { name: byDefault('string', '') }),
    optional: 'bool?',
  }),
})

const containerPort = struct('ContainerPort', {
  name: 'string',
  hostPort: 'int32',
  containerPort: 'int32!',
  protocol: byDefault('string', 'TCP'),
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
  scheme: byDefault('string', 'HTTP'),
  httpHeaders: listOf(struct('HTTPHeader', { name: 'string!', value: 'string!' })),
})
const exec = struct('ExecAction', { command: 'string[]' })
const tcpSocket = struct('TCPSocketAction', { port: 'intOrString!', host: 'string' })

const probe = struct('Probe', {
  ...embedded('ProbeHandler', {
    exec,
    httpGet,
    tcpSocket,
    grpc: struct('GRPCAction', { port: 'int32!', service: byDefault('string?', '') }),
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
const seccomp = struct('SeccompProfile', { type: 'string!', localhostProfile: 'string?' })
const appArmor = struct('AppArmorProfile', { type: 'string!', localhostProfile: 'string?' })
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
  procMount: 'string?',
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
  supplementalGroupsPolicy: 'string?',
  fsGroup: 'int64?',
  sysctls: listOf(struct('Sysctl', { name: 'string!', value: 'string!' })),
  fsGroupChangePolicy: 'string?',
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
  mountPropagation: 'string?',
  subPathExpr: 'string',
})

const restartRule = struct('ContainerRestartRule', {
  action: 'string',
  exitCodes: struct('ContainerRestartRuleOnExitCodes', {
    operator: 'string',
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
    stopSignal: 'string?',
  }),
  terminationMessagePath: byDefault('string', '/dev/termination-log'),
  terminationMessagePolicy: byDefault('string', 'File'),
  imagePullPolicy: 'string',
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
