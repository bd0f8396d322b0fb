/**
 * Containers of a pod: those that run, those that run before, and those that are added later.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { labelProblems, portNameProblems, portProblems } from '../../schema/names.ts'
import { forbidden, invalid, required } from '../../schema/problem.ts'
import { each, formed, neededInForm, neededOneOf, notFound, noneTwice, whenGiven } from '../rules.ts'
import { environmentProblems } from './env.ts'
import { mountsProblems, type Volumes } from './mount.ts'
import { isPod, type Place } from './place.ts'
import { runningOnly, runningProblems } from './probe.ts'
import { resourcesProblems } from './resources.ts'
import { noRestartOnResize, resizeProblems, restartProblems } from './restart.ts'
import { contextProblems } from './security.ts'

/** What containers may refer to. */
export interface Known {
  readonly volumes: Volumes
  /** Names of `resourceClaims`. */
  readonly claims: readonly string[]
}

/** What is wrong with the containers of all three lists. */
export const containersProblems = (place: Place, known: Known): Problem[] => {
  const { spec, field } = place
  const containers = listAt(spec, 'containers')
  const grace = numberAt(spec, 'terminationGracePeriodSeconds')
  return [
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...each(containers, `${field}.containers`, (container, at) => [
      ...commonProblems(container, at, place, known),
      ...runningProblems(container, at, grace),
      ...restartProblems(container, at),
    ]),
    ...hostPortProblems(containers.filter(isObject), `${field}.containers`),
    ...each(listAt(spec, 'initContainers'), `${field}.initContainers`, (container, at) => [
      ...commonProblems(container, at, place, known),
      ...restartProblems(container, at),
      ...initProblems(container, at, grace),
      ...hostPortProblems([container], `${field}.initContainers`),
    ]),
    ...each(listAt(spec, 'ephemeralContainers'), `${field}.ephemeralContainers`, (container, at) => [
      ...commonProblems(container, at, place, known),
      ...ephemeralProblems(container, at, spec),
    ]),
    ...namesProblems(spec, field),
  ]
}

/** No two containers have the same name, whichever list they are in. */
const namesProblems = (spec: JsonObject, field: string): Problem[] => {
  const twice = noneTwice()
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
    each(listAt(spec, list), `${field}.${list}`, (container, at) => {
      const name = stringAt(container, 'name')
      // An init container without a name is not remembered.
      return name === '' && list === 'initContainers' ? [] : twice(name, `${at}.name`)
    }),
  )
}

const policies = ['Always', 'IfNotPresent', 'Never']

const commonProblems = (container: JsonObject, field: string, place: Place, known: Known): Problem[] => {
  const image = stringAt(container, 'image')
  const padded = 'must not have leading or trailing whitespace'
  const { spec } = place
  return [
    ...neededInForm(stringAt(container, 'name'), `${field}.name`, labelProblems),
    ...(image === '' ? [required(`${field}.image`)] : []),
    ...(isPod(place) && image !== image.trim() ? [invalid(`${field}.image`, image, padded)] : []),
    ...neededOneOf(stringAt(container, 'terminationMessagePolicy'), `${field}.terminationMessagePolicy`, [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...portsProblems(container, `${field}.ports`),
    ...environmentProblems(container, field),
    ...mountsProblems(container, field, known.volumes),
    ...neededOneOf(stringAt(container, 'imagePullPolicy'), `${field}.imagePullPolicy`, policies),
    ...resourcesProblems(objectAt(container, 'resources'), `${field}.resources`, known.claims),
    ...resizeProblems(container, field, stringAt(spec, 'restartPolicy')),
    ...whenGiven(container.securityContext, (context) =>
      contextProblems(context, `${field}.securityContext`, spec.hostUsers !== false),
    ),
  ]
}

const portsProblems = (container: JsonObject, field: string): Problem[] => {
  const twice = noneTwice()
  return each(listAt(container, 'ports'), field, (port, at) => {
    const name = stringAt(port, 'name')
    const number = numberAt(port, 'containerPort') ?? 0
    const hostPort = numberAt(port, 'hostPort') ?? 0
    const wrong = name === '' ? [] : formed(name, `${at}.name`, portNameProblems)
    return [
      ...wrong,
      ...(name === '' || wrong.length > 0 ? [] : twice(name, `${at}.name`)),
      ...(number === 0 ? [required(`${at}.containerPort`)] : numberProblems(number, `${at}.containerPort`)),
      ...(hostPort === 0 ? [] : numberProblems(hostPort, `${at}.hostPort`)),
      ...neededOneOf(stringAt(port, 'protocol'), `${at}.protocol`, ['SCTP', 'TCP', 'UDP']),
    ]
  })
}

const numberProblems = (port: number, field: string): Problem[] =>
  portProblems(port).map((text) => invalid(field, port, text))

const hostPortProblems = (containers: JsonObject[], field: string): Problem[] => {
  const twice = noneTwice()
  return each(containers, field, (container, at) =>
    each(listAt(container, 'ports'), `${at}.ports`, (port, item) => {
      const number = numberAt(port, 'hostPort') ?? 0
      const key = `${stringAt(port, 'protocol')}/${stringAt(port, 'hostIP')}/${number}`
      return number === 0 ? [] : twice(key, `${item}.hostPort`)
    }),
  )
}

/** Init containers end before the others begin, unless they are sidecars. */
const initProblems = (container: JsonObject, field: string, grace: number | undefined): Problem[] => {
  if (container.restartPolicy === 'Always') return runningProblems(container, field, grace)
  const text = 'may not be set for init containers without restartPolicy=Always'
  return [
    ...runningOnly
      .filter((name) => container[name] !== undefined)
      .map((name) => forbidden(`${field}.${name}`, text)),
    ...noRestartOnResize(container, field),
  ]
}

/** What a container that is added to a running pod cannot have. */
const notEphemeral = [
  'ports',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
]

const ephemeralProblems = (container: JsonObject, field: string, spec: JsonObject): Problem[] => {
  const text = 'cannot be set for an Ephemeral Container'
  const target = stringAt(container, 'targetContainerName')
  const others = ['containers', 'initContainers'].flatMap((list) => listAt(spec, list))
  const hasResources = Object.keys(objectAt(container, 'resources')).length > 0
  return [
    ...(target === '' || others.some((one) => stringAt(one, 'name') === target)
      ? []
      : [notFound(`${field}.targetContainerName`, target)]),
    ...(hasResources ? [forbidden(`${field}.resources`, text)] : []),
    ...notEphemeral
      .filter((name) => container[name] !== undefined)
      .map((name) => forbidden(`${field}.${name}`, text)),
    ...each(listAt(container, 'volumeMounts'), `${field}.volumeMounts`, (mount, at) =>
      ['subPath', 'subPathExpr']
        .filter((name) => stringAt(mount, name) !== '')
        .map((name) => forbidden(`${at}.${name}`, text)),
    ),
  ]
}

/** In the network of the host, ports of containers are ports of the host; templates may leave that to the pod. */
export const hostNetworkProblems = (place: Place): Problem[] => {
  const { spec, field } = place
  if (spec.hostNetwork !== true) return []
  const text = 'must match `containerPort` when `hostNetwork` is true'
  return each(listAt(spec, 'containers'), `${field}.containers`, (container, at) =>
    each(listAt(container, 'ports'), `${at}.ports`, (port, item) => {
      const hostPort = numberAt(port, 'hostPort') ?? 0
      const differs = hostPort !== (numberAt(port, 'containerPort') ?? 0)
      return (isPod(place) || hostPort !== 0) && differs ? [invalid(`${item}.hostPort`, hostPort, text)] : []
    }),
  )
}
