/**
 * Requests and limits: which resources there are, and what amounts of them.
 */

import type { Json, JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../../schema/equal.ts'
import { labelProblems, qualifiedProblems } from '../../schema/names.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../../schema/problem.ts'
import { amountOf, canonical } from '../quantity.ts'
import { each, formed, notFound } from '../rules.ts'
import { totalAmount, totalOf } from './totals.ts'

const forContainers = ['cpu', 'memory', 'ephemeral-storage']
const standard = [
  ...forContainers,
  ...forContainers.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
]

/** Pages of memory of one size. */
export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')

/** Resources of Kubernetes itself: without a prefix, or with one of its own. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')

/** Resources that a quota may be about, of those without a prefix. */
export const isQuotable = (name: string): boolean =>
  (standard.includes(name) && name !== 'storage') ||
  isHugePages(name) ||
  name.startsWith('requests.hugepages-')

const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedProblems(`requests.${name}`).length === 0

/** What is wrong with the name of a resource. */
export const nameProblems = (name: string, field: string): Problem[] => {
  const wrong = formed(name, field, qualifiedProblems)
  if (wrong.length > 0 || name.includes('/')) return wrong
  if (standard.includes(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return []
  return [invalid(field, name, 'must be a standard resource type or fully qualified')]
}

/** What is wrong with the name of a resource of a container. */
export const containerNameProblems = (name: string, field: string): Problem[] => {
  const problems = nameProblems(name, field)
  if (!name.includes('/')) {
    if (!forContainers.includes(name) && !isHugePages(name))
      problems.push(invalid(field, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtended(name))
    problems.push(invalid(field, name, "doesn't follow extended resource name standard"))
  return problems
}

const podNameProblems = (name: string, field: string): Problem[] => {
  const problems = nameProblems(name, field)
  if (problems.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return problems
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])]
}

/** Amounts that are counted one by one. */
const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]

/** What is wrong with an amount of a resource, whatever it is an amount for. */
export const valueProblems = (name: string, amount: Json, field: string): Problem[] => {
  const value = amountOf(amount) ?? 0
  const shown = String(canonical(amount))
  const problems = value < 0 ? [invalid(field, shown, 'must be greater than or equal to 0')] : []
  if ((counted.includes(name) || isExtended(name)) && !Number.isInteger(value))
    problems.push(invalid(field, shown, 'must be an integer'))
  return problems
}

/** The same for what a container asks for. */
export const amountProblems = (name: string, amount: Json, field: string): Problem[] => {
  const value = amountOf(amount) ?? 0
  const shown = String(canonical(amount))
  const problems = valueProblems(name, amount, field)
  if (isHugePages(name) && !isMultiple(value, amountOf(name.slice('hugepages-'.length))))
    problems.push(invalid(field, shown, `${shown} is not positive integer multiple of ${name}`))
  return problems
}

const isMultiple = (value: number, page: number | undefined): boolean =>
  page !== undefined && page > 0 && Number.isInteger(page) && Math.ceil(value) % page === 0

/** What is wrong with `resources` of a container (or `overhead`, as limits); `claims` are the names of the pod's claims. */
export const resourcesProblems = (
  resources: JsonObject,
  field: string,
  claims: readonly string[],
): Problem[] => requirementsProblems(resources, field, claims, containerNameProblems)

type NameRule = (name: string, field: string) => Problem[]

const requirementsProblems = (
  resources: JsonObject,
  field: string,
  claims: readonly string[],
  nameRule: NameRule,
): Problem[] => {
  const limits = objectAt(resources, 'limits')
  const requests = objectAt(resources, 'requests')
  const named = [...Object.keys(limits), ...Object.keys(requests)]
  const needsMore = named.some(isHugePages) && !named.some((name) => name === 'cpu' || name === 'memory')
  return [
    ...amountsProblems(limits, `${field}.limits`, nameRule),
    ...amountsProblems(requests, `${field}.requests`, nameRule),
    ...Object.entries(requests).flatMap(([name, amount]) =>
      overcommitProblems(name, amount, limits[name], field),
    ),
    ...(needsMore ? [forbidden(field, 'HugePages require cpu or memory')] : []),
    ...claimsProblems(listAt(resources, 'claims'), `${field}.claims`, claims),
  ]
}

const amountsProblems = (amounts: JsonObject, field: string, nameRule: NameRule): Problem[] =>
  Object.entries(amounts).flatMap(([name, amount]) => [
    ...nameRule(name, `${field}[${name}]`),
    ...amountProblems(name, amount, `${field}[${name}]`),
  ])

const overcommitProblems = (
  name: string,
  amount: Json,
  limit: Json | undefined,
  field: string,
): Problem[] => {
  const mayDiffer = isNative(name) && !isHugePages(name)
  if (limit === undefined)
    return mayDiffer
      ? []
      : [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')]
  const shown = String(canonical(amount))
  const asked = amountOf(amount) ?? 0
  const most = amountOf(limit) ?? 0
  const say = (how: string): Problem[] => [
    invalid(`${field}.requests`, shown, `must be ${how} ${name} limit of ${String(canonical(limit))}`),
  ]
  if (!mayDiffer && asked !== most) return say('equal to')
  return asked > most ? say('less than or equal to') : []
}

const claimsProblems = (given: Json[], field: string, known: readonly string[]): Problem[] => {
  const seen = new Set<string>()
  return each(given, field, (claim, at) => {
    const name = stringAt(claim, 'name')
    if (name === '') return [required(at)]
    return [...repeatedClaim(claim, at, seen), ...unknownClaim(name, at, known)]
  })
}

/** A claim as a whole and a request of it are two; the same one twice is not. */
const repeatedClaim = (claim: JsonObject, field: string, seen: Set<string>): Problem[] => {
  const name = stringAt(claim, 'name')
  const request = stringAt(claim, 'request')
  if (seen.has(name)) return [duplicate(field, name)]
  const key = request === '' ? name : `${name}/${request}`
  const problems = request === '' ? [] : formed(request, `${field}.request`, labelProblems)
  if (seen.has(key)) problems.push(duplicate(field, key))
  else if (request === '')
    problems.push(...[...seen].filter((one) => one.startsWith(`${name}/`)).map(() => duplicate(field, name)))
  seen.add(key)
  return problems
}

const unknownClaim = (name: string, field: string, known: readonly string[]): Problem[] => {
  if (known.includes(name)) return []
  const rest = known.length === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`
  return [notFound(field, name, `must be one of the names in pod.spec.resourceClaims${rest}`)]
}

/** What is wrong with the resources of a whole pod, also next to those of its containers. */
export const podResourcesProblems = (
  spec: JsonObject,
  field: string,
  claims: readonly string[],
): Problem[] => {
  const { resources } = spec
  if (!isObject(resources)) return []
  if (stringAt(spec, 'os', 'name') === 'windows')
    return [forbidden(field, 'may not be set for a windows pod')]
  return [
    ...(resources.claims === undefined
      ? []
      : [forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level')]),
    ...requirementsProblems(resources, field, claims, podNameProblems),
    ...totalsProblems(spec, resources, field),
  ]
}

const totalsProblems = (spec: JsonObject, resources: JsonObject, field: string): Problem[] => {
  const containers = listAt(spec, 'containers').filter(isObject)
  const requests = objectAt(resources, 'requests')
  const limits = objectAt(resources, 'limits')
  return [
    ...Object.keys(requests).flatMap((name) => {
      if (totalAmount(spec, 'requests', name) <= (amountOf(requests[name]) ?? 0)) return []
      const text = `must be greater than or equal to aggregate container requests of ${totalOf(spec, 'requests', name)}`
      return [invalid(`${field}.requests[${name}]`, String(canonical(requests[name] ?? '0')), text)]
    }),
    ...containers.flatMap((container, index) =>
      Object.entries(objectAt(container, 'resources', 'limits'))
        .filter(([name, limit]) => name in limits && (amountOf(limit) ?? 0) > (amountOf(limits[name]) ?? 0))
        .map(([name, limit]) =>
          invalid(
            `${field}.containers[${index}][${name}].limits`,
            String(canonical(limit)),
            `must be less than or equal to pod limits of ${String(canonical(limits[name] ?? '0'))}`,
          ),
        ),
    ),
  ]
}
