/**
 * What the real server warns of in pods and templates that it takes: what is old, what has no effect, and what surprises.
 */

import type { JsonObject } from '../../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { labelProblems, labelValueProblems } from '../../schema/names.ts'
import { amountOf, canonical } from '../quantity.ts'
import { overlapWarnings } from './overlap.ts'
import { eachContainer } from './place.ts'
import { portWarnings } from './portwarnings.ts'
import { addressWarning } from './state.ts'

const oldLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods':
    'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

const oldAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}

const oldVolumes: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** What a pod (`field` is empty) or a template at `field` is warned of. */
export const podWarnings = (pod: JsonObject, field: string): string[] => {
  const spec = objectAt(pod, 'spec')
  const prefix = field === '' ? '' : `${field}.`
  const at = `${prefix}spec`
  const annotations = objectAt(pod, 'metadata', 'annotations')
  return [
    ...nodeWarnings(spec, at),
    ...Object.entries(oldAnnotations)
      .filter(([key]) => key in annotations)
      .map(([key, text]) => `${prefix}metadata.annotations[${key}]: ${text}`),
    ...volumesWarnings(spec, at),
    ...overlapWarnings(spec),
    ...listWarnings(spec, at),
    ...fractionWarnings(objectAt(spec, 'overhead'), `${at}.overhead`),
    ...profileWarnings(spec, annotations, prefix),
    ...eachContainer(spec, at, containerWarnings),
    ...portWarnings(spec, at),
    ...((numberAt(spec, 'terminationGracePeriodSeconds') ?? 0) < 0
      ? [
          `${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...podAffinityWarnings(spec, at),
    ...listAt(spec, 'dnsConfig', 'nameservers').flatMap((ip, index) =>
      addressWarning(String(ip), `${at}.dnsConfig.nameservers[${index}]`),
    ),
    ...listAt(spec, 'hostAliases').flatMap((alias, index) =>
      addressWarning(stringAt(alias, 'ip'), `${at}.hostAliases[${index}].ip`),
    ),
  ]
}

/** Names that pods carry on as host names should be labels; `where` says where they are used. */
export const nameWarnings = (object: JsonObject, where: string): string[] => {
  const wrong = labelProblems(stringAt(object, 'metadata', 'name'))
  if (wrong.length === 0) return []
  return [
    `metadata.name: this is used in ${where}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`,
  ]
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'
const MATCHES_NONE = 'a null labelSelector results in matching no pod'

const nodeWarnings = (spec: JsonObject, field: string): string[] => {
  const affinity = objectAt(spec, 'affinity', 'nodeAffinity')
  const at = `${field}.affinity.nodeAffinity`
  return [
    ...Object.keys(objectAt(spec, 'nodeSelector'))
      .filter((key) => Object.hasOwn(oldLabels, key))
      .map((key) => `${field}.nodeSelector[${key}]: ${oldLabels[key]}`),
    ...listAt(affinity, REQUIRED, 'nodeSelectorTerms').flatMap((term, index) =>
      termWarnings(objectAt(term), `${at}.${REQUIRED}.nodeSelectorTerms[${index}]`, false),
    ),
    ...listAt(affinity, PREFERRED).flatMap((term, index) =>
      termWarnings(objectAt(term, 'preference'), `${at}.${PREFERRED}[${index}].preference`, true),
    ),
    ...listAt(spec, 'topologySpreadConstraints').flatMap((one, index) =>
      spreadWarnings(objectAt(one), `${field}.topologySpreadConstraints[${index}]`),
    ),
  ]
}

/** What to warn of in a term that selects nodes. */
export const termWarnings = (term: JsonObject, field: string, checksValues: boolean): string[] =>
  listAt(term, 'matchExpressions').flatMap((one, index) => {
    const key = stringAt(one, 'key')
    const at = `${field}.matchExpressions[${index}]`
    const old = Object.hasOwn(oldLabels, key) ? [`${at}.key: ${key} is ${oldLabels[key]}`] : []
    if (!checksValues) return old
    const values = listAt(one, 'values').flatMap((value, place) =>
      labelValueProblems(String(value)).map(
        (text) => `${at}.values[${place}]: ${String(value)} is invalid, ${text}`,
      ),
    )
    return [...old, ...values]
  })

const spreadWarnings = (constraint: JsonObject, field: string): string[] => {
  const key = stringAt(constraint, 'topologyKey')
  return [
    ...(Object.hasOwn(oldLabels, key) ? [`${field}.topologyKey: ${key} is ${oldLabels[key]}`] : []),
    ...(constraint.labelSelector === undefined ? [`${field}.labelSelector: ${MATCHES_NONE}`] : []),
  ]
}

const podAffinityWarnings = (spec: JsonObject, field: string): string[] =>
  ['podAffinity', 'podAntiAffinity'].flatMap((name) => {
    const affinity = objectAt(spec, 'affinity', name)
    const at = `${field}.affinity.${name}`
    return [
      ...listAt(affinity, REQUIRED).flatMap((term, index) =>
        objectAt(term).labelSelector === undefined
          ? [`${at}.${REQUIRED}[${index}].labelSelector: ${MATCHES_NONE}`]
          : [],
      ),
      ...listAt(affinity, PREFERRED).flatMap((term, index) =>
        objectAt(term, 'podAffinityTerm').labelSelector === undefined
          ? [`${at}.${PREFERRED}[${index}].podAffinityTerm.labelSelector: ${MATCHES_NONE}`]
          : [],
      ),
    ]
  })

const volumesWarnings = (spec: JsonObject, field: string): string[] =>
  listAt(spec, 'volumes').flatMap((volume, index) => {
    const at = `${field}.volumes[${index}]`
    const claim = objectAt(volume, 'ephemeral', 'volumeClaimTemplate', 'spec')
    return [
      ...Object.entries(oldVolumes)
        .filter(([name]) => isObject(objectAt(volume)[name]))
        .map(([name, text]) => `${at}.${name === 'storageos' ? 'storageOS' : name}: ${text}`),
      ...claimWarnings(claim, `${at}.ephemeral.volumeClaimTemplate.spec`),
    ]
  })

/** Storage that no whole number of bytes can be. */
export const claimWarnings = (claim: JsonObject, field: string): string[] =>
  ['requests', 'limits'].flatMap((list) =>
    fractionWarnings(objectAt(claim, 'resources', list), `${field}.resources.${list}`, ['storage']),
  )

const bytes = ['memory', 'ephemeral-storage']

const fractionWarnings = (amounts: JsonObject, field: string, names = bytes): string[] =>
  names
    .filter((name) => !Number.isInteger(amountOf(amounts[name]) ?? 0))
    .map(
      (name) =>
        `${field}[${name}]: fractional byte value ${JSON.stringify(String(canonical(amounts[name] ?? '')))} is invalid, must be an integer`,
    )

const listWarnings = (spec: JsonObject, field: string): string[] => {
  const secrets = listAt(spec, 'imagePullSecrets').map((one) => stringAt(one, 'name'))
  return [
    ...repeated(
      listAt(spec, 'hostAliases').map((one) => stringAt(one, 'ip')),
      `${field}.hostAliases`,
      'ip',
    ),
    ...repeated(secrets, `${field}.imagePullSecrets`, 'name'),
    ...secrets.flatMap((name, index) =>
      name === '' ? [`${field}.imagePullSecrets[${index}].name: invalid empty name ""`] : [],
    ),
  ]
}

const repeated = (values: string[], field: string, member: string): string[] =>
  values.flatMap((value, index) =>
    values.indexOf(value) < index
      ? [`${field}[${index}].${member}: duplicate ${member} ${JSON.stringify(value)}`]
      : [],
  )

const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'

const profileWarnings = (spec: JsonObject, annotations: JsonObject, prefix: string): string[] => {
  const pod = objectAt(spec, 'securityContext')
  const say = (key: string): string =>
    `${prefix}metadata.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`
  return [
    ...(pod.seccompProfile === undefined && SECCOMP in annotations ? [say(SECCOMP)] : []),
    ...eachContainer(spec, '', (container) => {
      const context = objectAt(container, 'securityContext')
      const name = stringAt(container, 'name')
      const seccomp = `${SECCOMP_CONTAINER}${name}`
      const appArmor = `${APPARMOR}${name}`
      const isOld =
        prefix !== '' &&
        context.appArmorProfile === undefined &&
        appArmor in annotations &&
        pod.appArmorProfile === undefined
      return [
        ...(context.seccompProfile === undefined && seccomp in annotations ? [say(seccomp)] : []),
        ...(isOld
          ? [
              `${prefix}metadata.annotations[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
            ]
          : []),
      ]
    }),
  ]
}

const containerWarnings = (container: JsonObject, field: string): string[] => [
  ...bytes.flatMap((name) =>
    ['limits', 'requests'].flatMap((list) =>
      fractionWarnings(objectAt(container, 'resources', list), `${field}.resources.${list}`, [name]),
    ),
  ),
  ...hiddenWarnings(listAt(container, 'env').filter(isObject), `${field}.env`),
]

/** A variable that is set twice and does not build on its first value. */
const hiddenWarnings = (env: JsonObject[], field: string): string[] => {
  const names = env.map((one) => stringAt(one, 'name'))
  return env.flatMap((one, index) => {
    const name = names[index] ?? ''
    const value = stringAt(one, 'value')
    const reference = `$(${name})`
    const builds = one.valueFrom === undefined && value !== reference && value.includes(reference)
    if (names.indexOf(name) === index || builds) return []
    return [
      `${field}[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ]
  })
}
