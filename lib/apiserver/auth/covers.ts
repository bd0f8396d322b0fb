/**
 * Do somebody's rules cover others? Those are broken up until each part is one right, which a single rule covers or does not
 * (k8s.io/component-helpers/auth/rbac/validation).
 */
import { coversPath, type Rule } from './rbac.ts'

/** The rights that are not covered, as the real server prints them: rights to one resource together, sorted. */
export function missingRights(own: readonly Rule[], wanted: readonly Rule[]): string[] {
  const missing = wanted
    .flatMap((rule) => [...partsOf(rule)])
    .filter((part) => !own.some((rule) => covers(rule, part)))
  return [...new Set(compacted(missing).map(textOf))].sort()
}

const NOTHING: Rule = { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] }

function* partsOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): Generator<Rule> {
  const names = resourceNames.length === 0 ? [[]] : resourceNames.map((name) => [name])
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs)
        for (const name of names)
          yield { ...NOTHING, apiGroups: [group], resources: [resource], verbs: [verb], resourceNames: name }
  for (const url of nonResourceURLs)
    for (const verb of verbs) yield { ...NOTHING, nonResourceURLs: [url], verbs: [verb] }
}

/** Does a rule cover a part, which has at most one of each? */
function covers(rule: Rule, part: Rule): boolean {
  const every = (own: readonly string[], wanted: readonly string[]) =>
    own.includes('*') || wanted.every((one) => own.includes(one))
  return (
    every(rule.verbs, part.verbs) &&
    every(rule.apiGroups, part.apiGroups) &&
    part.resources.every((resource) => coversResource(rule, resource)) &&
    coversNames(rule, part) &&
    part.nonResourceURLs.every((url) => rule.nonResourceURLs.some((own) => coversPath(own, url)))
  )
}

function coversResource({ resources }: Rule, resource: string): boolean {
  if (resources.includes('*') || resources.includes(resource)) return true
  const at = resource.indexOf('/')
  return at >= 0 && resources.includes(`*${resource.slice(at)}`)
}

const coversNames = ({ resourceNames }: Rule, part: Rule): boolean =>
  resourceNames.length === 0 ||
  (part.resourceNames.length > 0 && part.resourceNames.every((name) => resourceNames.includes(name)))

/** Rights to the same resource become one rule with several verbs. */
function compacted(parts: readonly Rule[]): Rule[] {
  const others: Rule[] = []
  const byResource = new Map<string, Rule>()
  for (const part of parts) {
    if (part.nonResourceURLs.length > 0) others.push(part)
    else {
      const key = JSON.stringify([part.apiGroups, part.resources, part.resourceNames])
      const known = byResource.get(key)
      byResource.set(key, known === undefined ? part : { ...known, verbs: [...known.verbs, ...part.verbs] })
    }
  }
  return [...others, ...byResource.values()]
}

const NAMES: readonly (readonly [string, keyof Rule])[] = [
  ['APIGroups', 'apiGroups'],
  ['Resources', 'resources'],
  ['NonResourceURLs', 'nonResourceURLs'],
  ['ResourceNames', 'resourceNames'],
  ['Verbs', 'verbs'],
]

const textOf = (rule: Rule): string => {
  const lists = NAMES.filter(([, field]) => rule[field].length > 0)
  const quoted = (values: readonly string[]) => values.map((value) => JSON.stringify(value)).join(' ')
  return `{${lists.map(([name, field]) => `${name}:[${quoted(rule[field])}]`).join(', ')}}`
}
