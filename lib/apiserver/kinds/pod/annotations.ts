/**
 * Annotations that pods still understand: mirrors of static pods, seccomp and AppArmor before they were fields.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, objectAt, stringAt } from '../../schema/equal.ts'
import { forbidden, invalid } from '../../schema/problem.ts'
import { descending } from './paths.ts'
import { eachContainer, type Place } from './place.ts'

export const MIRROR = 'kubernetes.io/config.mirror'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const LOCALHOST = 'localhost/'

const MAX_INT32 = 2147483647

const isCost = (text: string): boolean => {
  const value = Number(text)
  return /^(-?[1-9]\d*|0)$/.test(text) && value >= -MAX_INT32 - 1 && value <= MAX_INT32
}

/** What is wrong with the annotations that mean something. */
export const annotationProblems = (annotations: JsonObject, place: Place, field: string): Problem[] => {
  const cost = annotations[DELETION_COST]
  const mirror = annotations[MIRROR]
  return [
    ...(mirror !== undefined && stringAt(place.spec, 'nodeName') === ''
      ? [invalid(`${field}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set')]
      : []),
    ...(cost !== undefined && !isCost(String(cost))
      ? [invalid(`${field}[${DELETION_COST}]`, cost, 'must be a 32bit integer')]
      : []),
    ...Object.entries(annotations).flatMap(([key, value]) => [
      ...seccompProblems(key, String(value), field),
      ...appArmorProblems(key, String(value), place, field),
    ]),
  ]
}

const seccompProblems = (key: string, value: string, field: string): Problem[] => {
  if (key !== SECCOMP && !key.startsWith(SECCOMP_CONTAINER)) return []
  if (['runtime/default', 'docker/default', 'unconfined'].includes(value)) return []
  if (value.startsWith(LOCALHOST)) return descending(value.slice(LOCALHOST.length), `${field}.${key}`)
  return [invalid(`${field}.${key}`, value, 'must be a valid seccomp profile')]
}

const appArmorProblems = (key: string, value: string, place: Place, field: string): Problem[] => {
  if (!key.startsWith(APPARMOR)) return []
  const name = key.slice(APPARMOR.length)
  const names = eachContainer(place.spec, '', (container) => [stringAt(container, 'name')])
  const isKnown = ['', 'runtime/default', 'unconfined'].includes(value) || value.startsWith(LOCALHOST)
  const text = `invalid AppArmor profile name: ${JSON.stringify(value)}`
  return [
    ...(names.includes(name) ? [] : [invalid(`${field}[${key}]`, name, 'container not found')]),
    ...(isKnown ? [] : [invalid(`${field}[${key}]`, value, text)]),
  ]
}

/** What the fields say otherwise than the annotations that came before them. */
export const agreementProblems = (annotations: JsonObject, { spec, field }: Place): Problem[] => {
  if (Object.keys(annotations).length === 0) return []
  const pod = objectAt(spec, 'securityContext')
  const isWindows = stringAt(spec, 'os', 'name') === 'windows'
  return [
    ...differing(
      annotations[SECCOMP],
      pod.seccompProfile,
      `${field}.securityContext.seccompProfile`,
      'seccomp',
    ),
    ...eachContainer(spec, field, (container, path) => {
      const context = objectAt(container, 'securityContext')
      const name = stringAt(container, 'name')
      const seccomp = annotations[`${SECCOMP_CONTAINER}${name}`]
      const at = `${path}.securityContext`
      const appArmor = context.appArmorProfile ?? pod.appArmorProfile
      return [
        ...differing(seccomp, context.seccompProfile, `${at}.seccompProfile`, 'seccomp'),
        ...(isWindows
          ? []
          : differing(annotations[`${APPARMOR}${name}`], appArmor, `${at}.appArmorProfile`, 'apparmor')),
      ]
    }),
  ]
}

const differing = (
  annotation: JsonObject[string] | undefined,
  profile: JsonObject[string] | undefined,
  field: string,
  what: string,
): Problem[] => {
  if (typeof annotation !== 'string' || !isObject(profile)) return []
  const type = stringAt(profile, 'type')
  const said = typeOf(annotation)
  if (!['Localhost', 'RuntimeDefault', 'Unconfined'].includes(type)) return []
  if (said !== type) return [forbidden(`${field}.type`, `${what} type in annotation and field must match`)]
  if (type !== 'Localhost' || annotation.slice(LOCALHOST.length) === stringAt(profile, 'localhostProfile'))
    return []
  return [forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`)]
}

const typeOf = (annotation: string): string => {
  if (annotation.startsWith(LOCALHOST)) return 'Localhost'
  if (annotation === 'unconfined') return 'Unconfined'
  return annotation === 'runtime/default' || annotation === 'docker/default' ? 'RuntimeDefault' : ''
}

const guarded = (key: string): string | undefined => {
  if (key.startsWith(APPARMOR)) return 'AppArmor annotations'
  return key === MIRROR ? 'mirror pod annotation' : undefined
}

/** What an update of a pod may not change of them. */
export const annotationChanges = (now: JsonObject, before: JsonObject, field: string): Problem[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
    const what = guarded(key)
    if (what === undefined || now[key] === before[key]) return []
    const verb = key in before ? 'remove or update' : 'add'
    return [forbidden(`${field}[${key}]`, `may not ${verb} ${what}`)]
  })
