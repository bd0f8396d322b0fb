/**
 * Windows: users, host processes, and what pods of one system may not set of the other.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { at, listAt, objectAt, stringAt } from '../../schema/equal.ts'
import { subdomainProblems } from '../../schema/names.ts'
import { forbidden, invalid, notSupported, required } from '../../schema/problem.ts'
import { formed, textAt } from '../rules.ts'
import { eachContainer, type Place } from './place.ts'

const KIB = 1024
const MAX_CREDENTIALS_KIB = 64
const MAX_DOMAIN = 256
const MAX_USER = 104
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dns = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`)

/** What is wrong with `windowsOptions`. */
export const windowsProblems = (options: JsonObject, field: string): Problem[] => {
  const credentials = textAt(options, 'gmsaCredentialSpec')
  const user = textAt(options, 'runAsUserName')
  return [
    ...formed(
      textAt(options, 'gmsaCredentialSpecName'),
      `${field}.gmsaCredentialSpecName`,
      subdomainProblems,
    ),
    ...formed(credentials, `${field}.gmsaCredentialSpec`, credentialsProblems),
    ...formed(user, `${field}.runAsUserName`, userNameProblems),
  ]
}

const credentialsProblems = (value: string): string[] => {
  if (value === '') return ['gmsaCredentialSpec cannot be an empty string']
  if (Buffer.byteLength(value) <= MAX_CREDENTIALS_KIB * KIB) return []
  return [`gmsaCredentialSpec size must be under ${MAX_CREDENTIALS_KIB} KiB`]
}

const userNameProblems = (value: string): string[] => {
  const parts = value.split('\\')
  if (value === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(value)) return ['runAsUserName cannot contain control characters']
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const [user = '', domain] = parts.reverse()
  return [...(domain === undefined ? [] : domainProblems(domain)), ...userProblems(user)]
}

const domainProblems = (domain: string): string[] => [
  ...(domain.length >= MAX_DOMAIN
    ? [`runAsUserName's Domain length must be under ${MAX_DOMAIN} characters`]
    : []),
  ...(netBios.test(domain) || dns.test(domain)
    ? []
    : ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]),
]

const userProblems = (user: string): string[] => [
  ...(user === '' ? ["runAsUserName's User cannot be empty"] : []),
  ...(user.length > MAX_USER
    ? [`runAsUserName's User length must not be longer than ${MAX_USER} characters`]
    : []),
  ...(/^[. ]+$/.test(user) ? ["runAsUserName's User cannot contain only periods or spaces"] : []),
  ...(/["/\\:;|=,+*?<>@[\]]/.test(user)
    ? ['runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]']
    : []),
]

const hostProcessOf = (of: JsonObject): boolean | undefined => {
  const value = at(of, 'securityContext', 'windowsOptions', 'hostProcess')
  return typeof value === 'boolean' ? value : undefined
}

/** Host processes come all together, and in the network of the host. */
export const hostProcessProblems = ({ spec, field }: Place): Problem[] => {
  const ofPod = hostProcessOf(spec)
  const all = eachContainer(spec, field, (container, path) => [[hostProcessOf(container), path] as const])
  const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
  const differing = all
    .filter(([own]) => ofPod !== undefined && own !== undefined && own !== ofPod)
    .map(([own, path]) => invalid(`${path}.securityContext.windowsOptions.hostProcess`, own ?? false, text))
  const many = all.filter(([own]) => own ?? ofPod ?? false).length
  if (many === 0) return differing
  const together =
    'If pod contains any hostProcess containers then all containers must be HostProcess containers'
  const network = 'hostNetwork must be true if pod contains any hostProcess containers'
  return [
    ...differing,
    ...(many === all.length ? [] : [invalid(field, '', together)]),
    ...(spec.hostNetwork === true ? [] : [invalid(`${field}.hostNetwork`, false, network)]),
  ]
}

const notOnWindows = {
  pod: ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'],
  podContext: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'fsGroup',
    'fsGroupChangePolicy',
    'sysctls',
    'runAsUser',
    'runAsGroup',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'seLinuxChangePolicy',
  ],
  context: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'capabilities',
    'readOnlyRootFilesystem',
    'privileged',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
  ],
}

/** What is wrong with `os`, and what cannot be set on it. */
export const systemProblems = (place: Place): Problem[] => {
  const { spec, field } = place
  if (spec.os === undefined) return []
  const name = stringAt(spec, 'os', 'name')
  if (name === '') return [required(`${field}.os.name`)]
  if (name === 'linux') return linuxProblems(place)
  return name === 'windows'
    ? onWindowsProblems(place)
    : [notSupported(`${field}.os`, name, ['linux', 'windows'])]
}

const linuxProblems = ({ spec, field }: Place): Problem[] => {
  const text = 'windows options cannot be set for a linux pod'
  const look = (of: JsonObject, path: string): Problem[] =>
    objectAt(of, 'securityContext').windowsOptions === undefined
      ? []
      : [forbidden(`${path}.securityContext.windowsOptions`, text)]
  return [...look(spec, field), ...eachContainer(spec, field, look)]
}

const onWindowsProblems = ({ spec, field }: Place): Problem[] => [
  ...setProblems(spec, field, notOnWindows.pod),
  ...setProblems(objectAt(spec, 'securityContext'), `${field}.securityContext`, notOnWindows.podContext),
  ...eachContainer(spec, field, (container, path) =>
    setProblems(objectAt(container, 'securityContext'), `${path}.securityContext`, notOnWindows.context),
  ),
]

const setProblems = (of: JsonObject, field: string, names: readonly string[]): Problem[] =>
  names
    .filter((name) => (Array.isArray(of[name]) ? listAt(of, name).length > 0 : of[name] !== undefined))
    .map((name) => forbidden(`${field}.${name}`, 'cannot be set for a windows pod'))
