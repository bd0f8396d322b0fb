/**
 * Files that volumes make of objects: items of ConfigMaps and Secrets, fields of the pod, tokens, and all of them in one
 * volume.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { forbidden, invalid, required } from '../../schema/problem.ts'
import { each, needed } from '../rules.ts'
import { inFiles, podFieldProblems, resourceFieldProblems } from './env.ts'
import { unreserved } from './paths.ts'

const MAX_MODE = 0o777

/** The permissions of files. */
export const modeProblems = (of: JsonObject, name: string, field: string): Problem[] => {
  const mode = numberAt(of, name)
  if (mode === undefined || (mode >= 0 && mode <= MAX_MODE)) return []
  return [invalid(`${field}.${name}`, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** `items` of a ConfigMap or Secret: keys, and the files that they become. */
export const filesProblems = (of: JsonObject, field: string): Problem[] =>
  each(listAt(of, 'items'), `${field}.items`, (item, at) => [
    ...needed(item, at, 'key', 'path'),
    ...unreserved(stringAt(item, 'path'), `${at}.path`),
    ...modeProblems(item, 'mode', at),
  ])

/** A file that shows a field of the pod or a resource of a container. The real server names the volume, not the item. */
export const downwardProblems = (item: JsonObject, field: string): Problem[] => {
  const { fieldRef, resourceFieldRef } = item
  const both = 'fieldRef and resourceFieldRef can not be specified simultaneously'
  return [
    ...needed(item, field, 'path'),
    ...unreserved(stringAt(item, 'path'), `${field}.path`),
    ...(isObject(fieldRef) ? podFieldProblems(fieldRef, `${field}.fieldRef`, inFiles) : []),
    ...(isObject(fieldRef) && isObject(resourceFieldRef) ? [invalid(field, 'resource', both)] : []),
    ...(isObject(resourceFieldRef) && !isObject(fieldRef)
      ? resourceFieldProblems(resourceFieldRef, `${field}.resourceFieldRef`, true)
      : []),
    ...(isObject(fieldRef) || isObject(resourceFieldRef)
      ? []
      : [required(field, 'one of fieldRef and resourceFieldRef is required')]),
    ...modeProblems(item, 'mode', field),
  ]
}

type Part = (value: JsonObject, field: string, claim: Claim) => Problem[]

/** Says that a path is taken; `shown` is what the text names. */
type Claim = (path: string, shown: string) => Problem[]

const objectPart: Part = (value, field, claim) => {
  const name = stringAt(value, 'name')
  return [
    ...needed(value, field, 'name'),
    ...filesProblems(value, field),
    ...listAt(value, 'items').flatMap((item) => claim(stringAt(item, 'path'), name)),
  ]
}

const TEN_MINUTES = 600
const MOST_SECONDS = 2 ** 32

const tokenProblems = (value: JsonObject, field: string, volume: string): Problem[] => {
  const seconds = numberAt(value, 'expirationSeconds') ?? 0
  const path = stringAt(value, 'path')
  const at = `${field}.expirationSeconds`
  return [
    ...(seconds < TEN_MINUTES
      ? [invalid(at, seconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(seconds > MOST_SECONDS
      ? [invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...(path === '' ? [required(`${volume}.path`)] : unreserved(path, `${volume}.path`)),
  ]
}

/** What is wrong with the parts of a projected volume. */
export const projectedProblems = (projected: JsonObject, field: string): Problem[] => {
  const taken = new Set<string>()
  const claim: Claim = (path, shown) => {
    if (path === '') return []
    if (taken.has(path)) return [invalid(field, shown, 'conflicting duplicate paths')]
    taken.add(path)
    return []
  }
  const parts: Readonly<Record<string, Part>> = {
    secret: objectPart,
    configMap: objectPart,
    downwardAPI: (value, at) =>
      listAt(value, 'items')
        .filter(isObject)
        .flatMap((item) => [
          ...downwardProblems(item, at),
          ...claim(stringAt(item, 'path'), stringAt(item, 'path')),
        ]),
    serviceAccountToken: (value, at) => tokenProblems(value, at, field),
  }
  return each(listAt(projected, 'sources'), `${field}.sources`, (source, at) => {
    const given = Object.keys(parts).filter((name) => isObject(source[name]))
    const problems = given.flatMap(
      (name) => parts[name]?.(objectAt(source, name), `${at}.${name}`, claim) ?? [],
    )
    if (given.length < 2) return problems
    return [...problems, forbidden(at, 'may not specify more than 1 volume type per source')]
  })
}
