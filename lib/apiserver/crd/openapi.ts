/**
 * What a schema of a CRD may say at all: the supported part of OpenAPI v3, and Kubernetes' extensions of it. Whether it is
 * structural is looked at in `structural.ts`, its rules are compiled in `rules.ts`.
 */

import type { Problem, Schema } from '../resource.ts'
import { forbidden, invalid, notSupported, required } from '../schema/problem.ts'
import { listProblems } from './lists.ts'
import { ruleFormProblems } from './ruleform.ts'
import { itemsOf } from './structural.ts'

/** Where a schema stands. */
interface Place {
  /** Why a default may not be given; undefined where it may. */
  readonly noDefault: string | undefined
  /** In the metadata, kind or apiVersion of a resource. */
  readonly isMeta: boolean
}

/** The problems of the schema of a version, which stands at `path`. */
export const openApiProblems = (schema: Schema, path: string): Problem[] =>
  look(schema, path, { noDefault: undefined, isMeta: false }, true)

const META = ['metadata', 'kind', 'apiVersion']

/** False for a schema of which the real server does not ask whether it is structural. */
export const isReadable = (schema: Schema): boolean => {
  if (Array.isArray(schema.items) || UNSUPPORTED.some((name) => name in schema)) return false
  const { additionalProperties, items, not, allOf = [], anyOf = [], oneOf = [], properties = {} } = schema
  const below = [...Object.values(properties), ...allOf, ...anyOf, ...oneOf, items, not]
  if (typeof additionalProperties === 'object') below.push(additionalProperties)
  return below.every((one) => one === undefined || isReadable(one))
}

const look = (schema: Schema, path: string, place: Place, isRoot: boolean): Problem[] => {
  const items = itemsOf(schema)
  const { additionalProperties } = schema
  const below = (one: Schema, step: string, more: Partial<Place> = {}): Problem[] =>
    look(one, `${path}.${step}`, { ...place, ...more }, false)
  return [
    ...keywordProblems(schema, path, place),
    ...exclusiveProblems(schema, path),
    ...(typeof additionalProperties === 'object'
      ? below(
          additionalProperties,
          'additionalProperties',
          place.isMeta ? { noDefault: 'inside additionalProperties applying to object metadata' } : {},
        )
      : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
      below(one, `properties[${name}]`, metaOf(schema, name, isRoot)),
    ),
    ...(schema.not ? below(schema.not, 'not') : []),
    ...(['allOf', 'oneOf', 'anyOf'] as const).flatMap((name) =>
      (schema[name] ?? []).flatMap((one, index) => below(one, `${name}[${index}]`)),
    ),
    ...(items ? below(items, 'items') : []),
    ...extensionProblems(schema, path),
    ...listProblems(schema, path),
    ...ruleFormProblems(schema, path),
  ]
}

/** What is the same for all resources may have no default at the root, and little elsewhere. */
const metaOf = (schema: Schema, name: string, isRoot: boolean): Partial<Place> => {
  if (!META.includes(name) || !(isRoot || schema['x-kubernetes-embedded-resource'])) return {}
  return isRoot ? { isMeta: true, noDefault: `in top-level ${name}` } : { isMeta: true }
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
/** With one of these a schema cannot even be read as a structural one. */
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref']

const keywordProblems = (schema: Schema, path: string, place: Place): Problem[] => {
  const type: string | undefined = schema.type
  const problems =
    type === undefined || TYPES.includes(type) ? [] : [notSupported(`${path}.type`, type, TYPES)]
  if (schema.default !== undefined && place.noDefault !== undefined)
    problems.push(forbidden(`${path}.default`, `must not be set ${place.noDefault}`))
  for (const name of UNSUPPORTED)
    if (name in schema) problems.push(forbidden(`${path}.${name}`, `${name} is not supported`))
  if (type === 'null')
    problems.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'))
  if (Array.isArray(schema.items))
    problems.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'))
  if (place.isMeta && schema['x-kubernetes-embedded-resource'])
    problems.push(
      forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'),
    )
  return problems
}

const exclusiveProblems = (schema: Schema, path: string): Problem[] => {
  const problems: Problem[] = []
  if (schema.uniqueItems)
    problems.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    )
  const { properties = {}, additionalProperties } = schema
  if (
    Object.keys(properties).length > 0 &&
    additionalProperties !== undefined &&
    additionalProperties !== true
  )
    problems.push(
      forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    )
  return problems
}

const extensionProblems = (schema: Schema, path: string): Problem[] => {
  const problems: Problem[] = []
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    problems.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  const mapType: string | undefined = schema['x-kubernetes-map-type']
  if (mapType === undefined) return problems
  if (schema.type !== 'object') {
    const text = 'must be object if x-kubernetes-map-type is specified'
    problems.push(
      schema.type === undefined ? required(`${path}.type`, text) : invalid(`${path}.type`, schema.type, text),
    )
  }
  if (mapType !== 'atomic' && mapType !== 'granular')
    problems.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  return problems
}
