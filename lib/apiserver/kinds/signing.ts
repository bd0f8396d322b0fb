/**
 * CertificateSigningRequests of certificates.k8s.io/v1. Nobody signs here but who is asked to by a test; what may be written
 * through which path is as on the real server.
 */

import type { Json, JsonObject, Problem, ResourceType } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelProblems, subdomainProblems } from '../schema/names.ts'
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../schema/problem.ts'
import { always, choice, keyed, listOf, mapOf, needed, struct } from './dsl.ts'
import { defineKind, selectable } from './kind.ts'
import { certificateProblem, requestProblem } from './pem.ts'

const usages = [
  ...['any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign'],
  ...['data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only'],
  ...['ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment'],
  ...['microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping'],
]

const spec = struct('CertificateSigningRequestSpec', {
  request: needed({ type: 'string', format: 'byte', 'x-go-type': '[]uint8', 'x-go-zero': null }),
  signerName: 'string!',
  expirationSeconds: 'int32?',
  usages: listOf(choice('string', ...usages)),
  username: 'string',
  uid: 'string',
  groups: 'string[]',
  extra: mapOf('string[]'),
})

const status = struct('CertificateSigningRequestStatus', {
  conditions: keyed(
    struct('CertificateSigningRequestCondition', {
      type: 'string!',
      status: 'string!',
      reason: 'string',
      message: 'string',
      lastUpdateTime: 'time',
      lastTransitionTime: 'time',
    }),
    ['type'],
    null,
  ),
  certificate: 'bytes',
})

const decoded = (value: Json | undefined): string =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('latin1') : ''

const conditionsOf = (object: JsonObject | undefined): JsonObject[] =>
  listAt(object, 'status', 'conditions').filter(isObject)

const ofType = (object: JsonObject | undefined, type: string): JsonObject[] =>
  conditionsOf(object).filter((one) => one.type === type)

/** In seconds: nobody asks for less. */
const minExpiration = 600

const usageProblems = (given: readonly Json[]): Problem[] =>
  given.length === 0
    ? [required('spec.usages')]
    : [
        ...given.flatMap((one, index) =>
          usages.includes(String(one)) ? [] : [notSupported(`spec.usages[${index}]`, one, usages)],
        ),
        ...given.flatMap((one, index) =>
          given.indexOf(one) < index ? [duplicate(`spec.usages[${index}]`, one)] : [],
        ),
      ]

const maxDomain = 253
const maxSigner = 571

const signerProblems = (name: string): Problem[] => {
  const field = 'spec.signerName'
  if (name === '') return [required(field)]
  if (name === 'kubernetes.io/legacy-unknown')
    return [invalid(field, name, 'the legacy signerName is not allowed via this API version')]
  const [domain = '', path = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0)
    return [
      invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    ]
  return [
    ...(domain.length > maxDomain ? [tooLong(field, maxDomain)] : []),
    ...partProblems(domain, labelProblems),
    ...(domain.includes('.')
      ? []
      : [invalid(field, domain, 'should be a domain with at least two segments separated by dots')]),
    ...partProblems(path, subdomainProblems),
    ...(name.length > maxSigner ? [tooLong(field, maxSigner)] : []),
  ]
}

/** Of the first label that has any. */
const partProblems = (part: string, check: (label: string) => string[]): Problem[] => {
  const label = part.split('.').find((one) => check(one).length > 0)
  return label === undefined
    ? []
    : check(label).map((text) =>
        invalid('spec.signerName', part, `validating label ${JSON.stringify(label)}: ${text}`),
      )
}

/** Conditions that are true or not there. */
const verdicts = ['Approved', 'Denied', 'Failed']

const conditionProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const field = 'status.conditions'
  const wasBoth = ofType(before, 'Approved').length > 0 && ofType(before, 'Denied').length > 0
  const seen = new Set<string>()
  return conditionsOf(object).flatMap((one, index) => {
    const type = stringAt(one, 'type')
    const status = stringAt(one, 'status')
    const own = `${field}[${index}]`
    const allowed = verdicts.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    const problems = type === '' ? [required(`${own}.type`)] : []
    if (status === '') problems.push(required(`${own}.status`))
    else if (!allowed.includes(status)) problems.push(notSupported(`${own}.status`, status, allowed))
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    if (other !== undefined && seen.has(other) && !wasBoth)
      problems.push(invalid(field, type, 'Approved and Denied conditions are mutually exclusive'))
    if (seen.has(type)) problems.push(duplicate(`${own}.type`, type))
    seen.add(type)
    return problems
  })
}

const changeProblems = (object: JsonObject, before: JsonObject, subresource: string): Problem[] => {
  const field = 'status.conditions'
  const count = (one: JsonObject, type: string): number => ofType(one, type).length
  const removed = verdicts.filter((type) => count(object, type) < count(before, type))
  const added = ['Approved', 'Denied'].filter((type) => count(object, type) > count(before, type))
  return [
    ...removed.map((type) => forbidden(field, `updates may not remove a condition of type "${type}"`)),
    ...(subresource === 'approval'
      ? []
      : added.map((type) => forbidden(field, `updates may not add a condition of type "${type}"`))),
    ...certificateChanges(object, before, subresource),
  ]
}

const certificateChanges = (object: JsonObject, before: JsonObject, subresource: string): Problem[] => {
  const field = 'status.certificate'
  const old = stringAt(before, 'status', 'certificate')
  if (stringAt(object, 'status', 'certificate') === old) return []
  if (subresource !== 'status') return [forbidden(field, 'updates may not set certificate content')]
  return old === '' ? [] : [forbidden(field, 'updates may not modify existing certificate content')]
}

const validate = (object: JsonObject, before: JsonObject | undefined, subresource = ''): Problem[] => {
  const spec = objectAt(object, 'spec')
  const request = requestProblem(decoded(spec.request))
  const certificate = stringAt(object, 'status', 'certificate')
  const issued = certificateProblem(decoded(certificate))
  const isNew = certificate !== stringAt(before, 'status', 'certificate')
  const seconds = numberAt(spec, 'expirationSeconds')
  return [
    ...(request === undefined ? [] : [invalid('spec.request', spec.request ?? null, request)]),
    ...usageProblems(listAt(spec, 'usages')),
    ...signerProblems(stringAt(spec, 'signerName')),
    ...(seconds !== undefined && seconds < minExpiration
      ? [
          invalid(
            'spec.expirationSeconds',
            seconds,
            `may not specify a duration less than ${minExpiration} seconds (10 minutes)`,
          ),
        ]
      : []),
    ...conditionProblems(object, before),
    ...(issued === undefined || !isNew ? [] : [invalid('status.certificate', '<certificate data>', issued)]),
    ...(before ? changeProblems(object, before, subresource) : []),
  ]
}

/** Whoever writes the status leaves the verdict as it was, and every condition has its times. */
const settleConditions = (object: JsonObject, before: JsonObject, subresource: string, now: string): void => {
  const status = objectAt(object, 'status')
  if (!Array.isArray(status.conditions)) return
  const kept = new Map(
    subresource === 'status'
      ? ['Approved', 'Denied']
          .filter((type) => ofType(object, type).length === ofType(before, type).length)
          .map((type) => [type, ofType(before, type)])
      : [],
  )
  status.conditions = conditionsOf(object).map((one) => {
    const old = kept.get(stringAt(one, 'type'))?.shift()
    if (old !== undefined) return old
    const same = ofType(before, stringAt(one, 'type')).find((other) => other.status === one.status)
    return {
      ...one,
      lastUpdateTime: one.lastUpdateTime ?? now,
      lastTransitionTime: one.lastTransitionTime ?? same?.lastTransitionTime ?? now,
    }
  })
}

/** certificates.k8s.io/v1 CertificateSigningRequest. */
export const signingRequestType: ResourceType = defineKind({
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  namespaced: false,
  shortNames: ['csr'],
  hasStatus: true,
  nameFormat: 'any',
  subresources: [{ name: 'approval', verbs: ['get', 'patch', 'update'] }],
  outOfReach: {
    '': ['spec', 'status'],
    status: ['spec', 'status.conditions'],
    approval: ['spec', 'status.certificate'],
  },
  fields: { spec: needed(always(spec)), status: always(status) },
  selectableFields: selectable('spec.signerName'),
  sign: (object, { username, uid, groups, extra }) => {
    const spec = objectAt(object, 'spec')
    for (const name of ['username', 'uid', 'groups', 'extra']) delete spec[name]
    Object.assign(spec, {
      username,
      ...(uid === undefined ? {} : { uid }),
      groups: [...groups],
      ...(extra === undefined
        ? {}
        : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
    })
  },
  prepare: (object, before, server, subresource = '') => {
    if (before === undefined || subresource === '') return
    settleConditions(object, before, subresource, server.now())
    if (subresource !== 'approval') return
    const { conditions } = objectAt(object, 'status')
    const { conditions: _, ...rest } = objectAt(before, 'status')
    object.status = conditions === undefined ? rest : { conditions, ...rest }
  },
  validate,
})
