/**
 * Validation of pod specs, of pods and of templates, in the words of the real server: what each part of a spec must hold
 * stands in the file of that part.
 */

import type { Json, JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { labelsProblems } from '../../schema/metadata.ts'
import { labelProblems, qualifiedProblems, subdomainProblems } from '../../schema/names.ts'
import { duplicate, forbidden, invalid, invalidPrinted, required } from '../../schema/problem.ts'
import { between, each, formed, formedIfAny, neededOneOf, notFound, textAt, whenGiven } from '../rules.ts'
import { affinityProblems, spreadProblems } from './affinity.ts'
import { MIRROR } from './annotations.ts'
import { containersProblems, hostNetworkProblems } from './container.ts'
import { dnsProblems, hostnamesProblems } from './dns.ts'
import { goText } from './go.ts'
import { eachContainer, type Place } from './place.ts'
import { podResourcesProblems, resourcesProblems } from './resources.ts'
import { hostUsersProblems, podContextProblems } from './security.ts'
import { tolerationsProblems } from './toleration.ts'
import { volumesProblems } from './volume.ts'
import { hostProcessProblems, systemProblems } from './windows.ts'

const MAX_DEADLINE = 2147483647

/** What is wrong with a pod spec. */
export const podSpecProblems = (place: Place): Problem[] => {
  const { spec, field } = place
  const { volumes, problems } = volumesProblems(place)
  const claims = listAt(spec, 'resourceClaims')
    .map((claim) => stringAt(claim, 'name'))
    .filter((name) => name !== '')
  return [
    ...problems,
    ...claimsProblems(place),
    ...containersProblems(place, { volumes, claims }),
    ...podResourcesProblems(spec, `${field}.resources`, claims),
    ...hostNetworkProblems(place),
    ...neededOneOf(stringAt(spec, 'restartPolicy'), `${field}.restartPolicy`, [
      'Always',
      'OnFailure',
      'Never',
    ]),
    ...dnsProblems(place),
    ...hostnamesProblems(place),
    ...podContextProblems(place),
    ...schedulingProblems(place),
    ...hostProcessProblems(place),
    ...hostUsersProblems(place),
    ...namesProblems(place),
    ...between(numberAt(spec, 'activeDeadlineSeconds'), `${field}.activeDeadlineSeconds`, 1, MAX_DEADLINE),
    ...whenGiven(spec.overhead, (limits) => resourcesProblems({ limits }, `${field}.overhead`, [])),
    ...systemProblems(place),
    ...fileKeyProblems(place),
  ]
}

const schedulingProblems = ({ spec, field }: Place): Problem[] => [
  ...labelsProblems(objectAt(spec, 'nodeSelector'), `${field}.nodeSelector`),
  ...whenGiven(spec.affinity, (affinity) => affinityProblems(affinity, `${field}.affinity`)),
  ...spreadProblems(listAt(spec, 'topologySpreadConstraints'), `${field}.topologySpreadConstraints`),
  ...tolerationsProblems(listAt(spec, 'tolerations'), `${field}.tolerations`),
  ...each(listAt(spec, 'readinessGates'), `${field}.readinessGates`, (gate, at) =>
    formed(stringAt(gate, 'conditionType'), `${at}.conditionType`, qualifiedProblems),
  ),
  ...gatesProblems(listAt(spec, 'schedulingGates'), `${field}.schedulingGates`),
  ...preemptionProblems(textAt(spec, 'preemptionPolicy'), `${field}.preemptionPolicy`),
]

const preemptionProblems = (policy: string | undefined, field: string): Problem[] =>
  policy === undefined ? [] : neededOneOf(policy, field, ['PreemptLowerPriority', 'Never'])

const gatesProblems = (gates: Json[], field: string): Problem[] => {
  const seen = new Set<string>()
  return each(gates, field, (gate, at) => {
    const name = stringAt(gate, 'name')
    const isTwice = seen.has(name)
    seen.add(name)
    return [...formed(name, at, qualifiedProblems), ...(isTwice ? [duplicate(at, name)] : [])]
  })
}

/** Names of other objects, which look as those objects' names do. */
const namesProblems = ({ spec, field }: Place): Problem[] => [
  ...['serviceAccountName', 'nodeName', 'priorityClassName'].flatMap((name) =>
    formedIfAny(stringAt(spec, name), `${field}.${name}`, subdomainProblems),
  ),
  ...formed(textAt(spec, 'runtimeClassName'), `${field}.runtimeClassName`, subdomainProblems),
]

const claimsProblems = ({ spec, field, metadata }: Place): Problem[] => {
  const claims = listAt(spec, 'resourceClaims')
  const seen = new Set<string>()
  if (MIRROR in objectAt(metadata, 'annotations'))
    return claims.map(() => forbidden('', 'static pods do not support resource claims'))
  return each(claims, `${field}.resourceClaims`, (claim, at) => [
    ...claimNameProblems(stringAt(claim, 'name'), `${at}.name`, seen),
    ...claimSourceProblems(claim, at),
    ...['resourceClaimName', 'resourceClaimTemplateName'].flatMap((name) =>
      formed(textAt(claim, name), `${at}.${name}`, subdomainProblems),
    ),
  ])
}

const claimNameProblems = (name: string, field: string, seen: Set<string>): Problem[] => {
  if (name === '') return [required(field)]
  if (seen.has(name)) return [duplicate(field, name)]
  seen.add(name)
  return formed(name, field, labelProblems)
}

const claimSourceProblems = (claim: JsonObject, field: string): Problem[] => {
  const given = ['resourceClaimName', 'resourceClaimTemplateName'].filter((name) => claim[name] !== undefined)
  if (given.length === 1) return []
  const text =
    given.length === 0
      ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
      : 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
  return [invalidPrinted(field, goText('PodResourceClaim', claim), text)]
}

/** Variables that are read from a file, which another container writes into an empty volume. */
const fileKeyProblems = ({ spec, field }: Place): Problem[] => {
  const volumes = listAt(spec, 'volumes').filter(isObject)
  return eachContainer(spec, field, (container, path) =>
    each(listAt(container, 'env'), `${path}.env`, (variable, at) =>
      whenGiven(objectAt(variable, 'valueFrom').fileKeyRef, (ref) => {
        const name = stringAt(ref, 'volumeName')
        const volume = volumes.find((one) => stringAt(one, 'name') === name)
        const where = `${at}.valueFrom.fileKeyRef.volumeName`
        if (volume === undefined) return [notFound(where, name)]
        if (isObject(volume.emptyDir)) return []
        return [invalid(where, name, 'referenced volume must be of type emptyDir')]
      }),
    ),
  )
}
