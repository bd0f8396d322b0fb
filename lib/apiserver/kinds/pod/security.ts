/**
 * Security contexts of pods and containers.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import {
  duplicate,
  forbidden,
  invalid,
  invalidPrinted,
  notSupported,
  required,
  tooLong,
} from '../../schema/problem.ts'
import { each, oneOf, textAt, whenGiven } from '../rules.ts'
import { goText } from './go.ts'
import { descending } from './paths.ts'
import { eachContainer, type Place } from './place.ts'
import { windowsProblems } from './windows.ts'

const MAX_ID = 2147483647

const idProblems = (value: number | undefined, field: string): Problem[] =>
  value === undefined || (value >= 0 && value <= MAX_ID)
    ? []
    : [invalid(field, value, `must be between 0 and ${MAX_ID}, inclusive`)]

const idsProblems = (context: JsonObject, field: string, ...names: string[]): Problem[] =>
  names.flatMap((name) => idProblems(numberAt(context, name), `${field}.${name}`))

const profiles = ['Localhost', 'RuntimeDefault', 'Unconfined']

const seccompProblems = (profile: JsonObject, field: string): Problem[] => {
  const type = stringAt(profile, 'type')
  const path = textAt(profile, 'localhostProfile')
  const at = `${field}.localhostProfile`
  const problems =
    type === ''
      ? [required(`${field}.type`, 'type is required when seccompProfile is set')]
      : oneOf(type, `${field}.type`, profiles)
  if (type === 'Localhost')
    return path === undefined
      ? [...problems, required(at, 'must be set when seccomp type is Localhost')]
      : [...problems, ...descending(path, at)]
  if (path === undefined) return problems
  const text = 'can only be set when seccomp type is Localhost'
  return [...problems, invalidPrinted(at, goText('SeccompProfile', profile), text)]
}

/** PATH_MAX without its end. */
const MAX_PROFILE = 4095

/** What is wrong with an AppArmor profile. */
export const appArmorProblems = (profile: JsonObject, field: string): Problem[] => {
  const type = stringAt(profile, 'type')
  const path = textAt(profile, 'localhostProfile')
  const at = `${field}.localhostProfile`
  if (type === '') return [required(`${field}.type`, 'type is required when appArmorProfile is set')]
  if (!profiles.includes(type)) return [notSupported(`${field}.type`, type, profiles)]
  if (type !== 'Localhost')
    return path === undefined ? [] : [invalid(at, path, 'can only be set when AppArmor type is Localhost')]
  if (path === undefined || path === '') return [required(at, 'must be set when AppArmor type is Localhost')]
  return [
    ...(path === path.trim() ? [] : [invalid(at, path, 'must not be padded with whitespace')]),
    ...(Buffer.byteLength(path) > MAX_PROFILE ? [tooLong(at, MAX_PROFILE)] : []),
  ]
}

const profilesProblems = (context: JsonObject, field: string): Problem[] => [
  ...whenGiven(context.seccompProfile, (one) => seccompProblems(one, `${field}.seccompProfile`)),
  ...whenGiven(context.windowsOptions, (one) => windowsProblems(one, `${field}.windowsOptions`)),
  ...whenGiven(context.appArmorProfile, (one) => appArmorProblems(one, `${field}.appArmorProfile`)),
]

/** What is wrong with the security context of a container; `hostUsers`: does it share the users of its host? */
export const contextProblems = (context: JsonObject, field: string, hostUsers: boolean): Problem[] => {
  const procMount = textAt(context, 'procMount')
  return [
    ...idsProblems(context, field, 'runAsUser', 'runAsGroup'),
    ...oneOf(procMount, `${field}.procMount`, ['Default', 'Unmasked']),
    ...(hostUsers && procMount === 'Unmasked'
      ? [invalid(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`')]
      : []),
    ...escalationProblems(context, field),
    ...profilesProblems(context, field),
  ]
}

const escalationProblems = (context: JsonObject, field: string): Problem[] => {
  if (context.allowPrivilegeEscalation !== false) return []
  const say = (what: string): Problem =>
    invalidPrinted(
      field,
      goText('SecurityContext', context),
      `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
    )
  return [
    ...(context.privileged === true ? [say('`privileged` to true')] : []),
    ...listAt(context, 'capabilities', 'add')
      .filter((one) => one === 'CAP_SYS_ADMIN')
      .map(() => say('`capabilities.Add` CAP_SYS_ADMIN')),
  ]
}

/** What is wrong with the security context of a pod. */
export const podContextProblems = ({ spec, field }: Place): Problem[] => {
  const context = objectAt(spec, 'securityContext')
  const at = `${field}.securityContext`
  const sharing = 'ShareProcessNamespace and HostPID cannot both be enabled'
  return [
    ...idsProblems(context, at, 'fsGroup', 'runAsUser', 'runAsGroup'),
    ...listAt(context, 'supplementalGroups').flatMap((id, index) =>
      idProblems(Number(id), `${at}.supplementalGroups[${index}]`),
    ),
    ...(spec.shareProcessNamespace === true && spec.hostPID === true
      ? [invalid(`${at}.shareProcessNamespace`, true, sharing)]
      : []),
    ...sysctlsProblems(context, spec, `${at}.sysctls`),
    ...choiceProblems(context, at),
    ...profilesProblems(context, at),
  ]
}

const choices: Readonly<Record<string, readonly string[]>> = {
  fsGroupChangePolicy: ['Always', 'OnRootMismatch'],
  supplementalGroupsPolicy: ['Merge', 'Strict'],
  // `MountOption` needs the feature gate SELinuxMount, which is off.
  seLinuxChangePolicy: ['Recursive'],
}

const choiceProblems = (context: JsonObject, field: string): Problem[] =>
  Object.entries(choices).flatMap(([name, words]) => oneOf(textAt(context, name), `${field}.${name}`, words))

const MAX_SYSCTL = 253
const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const sysctl = new RegExp(SYSCTL)

const sysctlsProblems = (context: JsonObject, spec: JsonObject, field: string): Problem[] => {
  const seen = new Set<string>()
  return each(listAt(context, 'sysctls'), field, (one, item) => {
    const name = stringAt(one, 'name')
    const at = `${item}.name`
    const problems = [...sysctlProblems(name, at, seen), ...hostSysctlProblems(name, at, spec)]
    seen.add(name)
    return problems
  })
}

const sysctlProblems = (name: string, field: string, seen: ReadonlySet<string>): Problem[] => {
  if (name === '') return [required(field)]
  if (name.length > MAX_SYSCTL || !sysctl.test(name))
    return [invalid(field, name, `must have at most ${MAX_SYSCTL} characters and match regex ${SYSCTL}`)]
  return seen.has(name) ? [duplicate(field, name)] : []
}

const inIpc = /^(kernel\.shm|kernel\.msg|kernel\.sem|fs\.mqueue\.)/

/** A pod in the namespaces of its host may not set what is the host's. */
const hostSysctlProblems = (given: string, field: string, spec: JsonObject): Problem[] => {
  const name = /^[^.]*\//.test(given) ? given.replaceAll('/', '.') : given
  if (spec.hostNetwork === true && name.startsWith('net.'))
    return [invalid(field, given, "may not be specified when 'hostNetwork' is true")]
  if (spec.hostIPC === true && inIpc.test(name))
    return [invalid(field, given, "may not be specified when 'hostIPC' is true")]
  return []
}

/** A pod with users of its own cannot share other namespaces of its host. */
export const hostUsersProblems = ({ spec, field }: Place): Problem[] => {
  if (spec.hostUsers !== false) return []
  const text = 'when `hostUsers` is false'
  return [
    ...(spec.hostNetwork === true ? [forbidden(`${field}.hostNetwork`, text)] : []),
    ...(spec.hostPID === true ? [forbidden(`${field}.HostPID`, text)] : []),
    ...(spec.hostIPC === true ? [forbidden(`${field}.HostIPC`, text)] : []),
    ...eachContainer(spec, field, (container, at) =>
      listAt(container, 'volumeDevices').length > 0 ? [forbidden(`${at}.volumeDevices`, text)] : [],
    ),
  ]
}
