/** Names in OpenAPI documents: of components, operations and tags. */
import type { ResourceType } from '../resource.ts'

/** Packages of groups whose types are not in k8s.io/api. */
const PACKAGES: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}

/** The package of a built-in group's version: `io.k8s.api.apps.v1`. */
export const packageOf = (group: string, version: string): string =>
  `${PACKAGES[group] ?? `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}`}.${version}`

type Named = Pick<ResourceType, 'group' | 'version' | 'custom'>

/** `io.k8s.api.apps.v1.Deployment`, custom: `com.example.v1.Widget`. */
export const componentName = (type: Named, kind: string): string =>
  type.custom
    ? [...type.group.split('.').reverse(), type.version, kind].join('.')
    : `${packageOf(type.group, type.version)}.${kind}`

/** A word in camel case: what is neither letter nor digit is left out, and the letter behind it is big. */
function camelCase(text: string, isBig: boolean): string {
  const [first = '', ...others] = text.split(/[^\p{L}\p{Nd}_]+/u)
  return (isBig ? big(first) : first) + others.map(big).join('')
}

const big = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

const shortGroup = (group: string): string => (group === '' ? 'core' : group.replace(/\.k8s\.io$/, ''))

/** `listCoreV1NamespacedPod` from `list` and `NamespacedPod`. */
export const operationId = (group: string, version: string, verb: string, rest: string): string =>
  verb + camelCase(shortGroup(group), true) + camelCase(version, true) + camelCase(rest, true)

/** `apps_v1`; of a group alone: `apps`. */
export const tagOf = (group: string, version?: string): string =>
  camelCase(shortGroup(group), false) + (version === undefined ? '' : `_${camelCase(version, false)}`)

/** ` a Pod `, ` an Ingress `, plurals stand alone. */
export const article = (noun: string): string => {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return ' '
  return /^[aeiou]/i.test(noun) ? ' an ' : ' a '
}

export const capitalised = (text: string): string =>
  text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()
