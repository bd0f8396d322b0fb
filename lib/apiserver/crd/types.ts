/**
 * The kinds that a CustomResourceDefinition adds to the server.
 */

import type { Conversion } from '../conversion/conversion.ts'
import { parsePath } from '../jsonpathParse.ts'
import { ageColumn as builtinAge, nameColumn } from '../kinds/columns.ts'
import { copyOf } from '../fields/json.ts'
import { goQuote } from '../quote.ts'
import type { Column, JsonObject, ResourceType, Schema, Verb } from '../resource.ts'
import { at, isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { blockedBy, rulesOf } from '../schema/cel.ts'
import { applyDefaults } from '../schema/default.ts'
import { isStandardFinalizer } from '../schema/metadata.ts'
import { metadata } from '../schema/objectmeta.ts'
import { prune } from '../schema/prune.ts'
import { validateSchema } from '../schema/validate.ts'
import { scaleSubresource, statusSubresource } from '../subresource.ts'
import { compareVersions } from '../versions.ts'

/** One type per served version, from the accepted names of a CRD. */
export const typesOfCrd = (crd: JsonObject): ResourceType[] => {
  const schemas = schemasOf(crd)
  return listAt(crd, 'spec', 'versions')
    .filter(isObject)
    .filter((version) => version.served === true)
    .map((version) => typeOf(crd, version, schemas))
}

const apiVersionOf = (crd: JsonObject, version: JsonObject): string =>
  `${stringAt(crd, 'spec', 'group')}/${stringAt(version, 'name')}`

const schemasOf = (crd: JsonObject): ReadonlyMap<string, Schema> =>
  new Map(
    listAt(crd, 'spec', 'versions')
      .filter(isObject)
      .map((version) => [apiVersionOf(crd, version), schemaOf(version)]),
  )

const verbs: Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** Structure first, then rules: what `validateSchema` finds wrong with the structure keeps rules from being evaluated. */
const ruleValidation = (schema: Schema): Pick<ResourceType, 'validate'> => {
  const check = rulesOf(schema)
  if (!check) return {}
  return {
    validate: (object, before) => {
      const blocked = blockedBy(validateSchema(object, before, schema))
      return blocked.length > 0 ? blocked : check(object, before)
    },
  }
}

const finalizersOf = (object: JsonObject | undefined): Set<string> =>
  new Set(listAt(object, 'metadata', 'finalizers').map(String))

/** Told of each finalizer that is added without the domain of its maker. */
const finalizerWarnings = (object: JsonObject, before: JsonObject | undefined): string[] => {
  const old = finalizersOf(before)
  return [...finalizersOf(object)]
    .filter((name) => !old.has(name) && !name.includes('/') && !isStandardFinalizer(name))
    .sort()
    .map(
      (name) =>
        `metadata.finalizers: ${goQuote(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    )
}

const typeOf = (crd: JsonObject, version: JsonObject, schemas: ReadonlyMap<string, Schema>): ResourceType => {
  const schema = schemas.get(apiVersionOf(crd, version)) ?? {}
  const group = stringAt(crd, 'spec', 'group')
  const names = objectAt(crd, 'status', 'acceptedNames')
  const plural = stringAt(names, 'plural')
  const scale = scaleOf(version)
  const hasStatus = isObject(at(version, 'subresources', 'status'))
  return {
    group,
    version: stringAt(version, 'name'),
    kind: stringAt(names, 'kind'),
    listKind: stringAt(names, 'listKind'),
    plural,
    singular: stringAt(names, 'singular'),
    shortNames: listAt(names, 'shortNames').map(String),
    categories: listAt(names, 'categories').map(String),
    namespaced: stringAt(crd, 'spec', 'scope') === 'Namespaced',
    schema,
    warnings: finalizerWarnings,
    ...ruleValidation(schema),
    versionSchemas: schemas,
    ...conversions(crd, version, schemas),
    ...deprecation(crd, version),
    custom: true,
    storage: `${plural}.${group}`,
    storageVersion: apiVersionOf(crd, storedIn(crd, version)),
    hasStatus,
    ...(scale ? { scale } : {}),
    subresources: [...(hasStatus ? [statusSubresource] : []), ...(scale ? [scaleSubresource] : [])],
    bumpsGeneration: contentChanged(hasStatus),
    columns: columnsOf(version),
    selectableFields: selectableOf(version),
    verbs,
    nameFormat: 'subdomain',
    metadataRules: { standardFinalizers: false, again: 'changes', status: 'changes' },
    statusKeeps: [],
    allowsUnconditionalUpdate: false,
    allowsCreateOnUpdate: false,
  }
}

const deprecation = (crd: JsonObject, version: JsonObject): Pick<ResourceType, 'deprecation'> => {
  if (version.deprecated !== true) return {}
  const given = stringAt(version, 'deprecationWarning')
  return { deprecation: given === '' ? deprecationText(crd, stringAt(version, 'name')) : given }
}

/** Points to the best of the versions that are served, newer, and not deprecated themselves. */
const deprecationText = (crd: JsonObject, name: string): string => {
  const named = (version: string): string =>
    `${stringAt(crd, 'spec', 'group')}/${version} ${stringAt(crd, 'spec', 'names', 'kind')}`
  const [best] = listAt(crd, 'spec', 'versions')
    .filter((one) => at(one, 'served') === true && at(one, 'deprecated') !== true)
    .map((one) => stringAt(one, 'name'))
    .filter((other) => compareVersions(other, name) < 0)
    .sort(compareVersions)
  return `${named(name)} is deprecated${best === undefined ? '' : `; use ${named(best)}`}`
}

/**
 * Between what is stored and a version, where no webhook converts: the apiVersion is another, and each schema prunes and
 * defaults what it sees, so that a new default appears on objects stored before. What was read stays remembered for as
 * long as it is stored.
 */
const conversions = (
  crd: JsonObject,
  version: JsonObject,
  schemas: ReadonlyMap<string, Schema>,
): Pick<ResourceType, 'fromStored' | 'toStored' | 'conversion'> => {
  if (stringAt(crd, 'spec', 'conversion', 'strategy') === 'Webhook')
    return webhookConversion(crd, version, schemas)
  const own = apiVersionOf(crd, version)
  const schema = schemas.get(own) ?? {}
  const stored = storedIn(crd, version)
  const storedVersion = apiVersionOf(crd, stored)
  const storedSchema = schemas.get(storedVersion) ?? {}
  const known = new WeakMap<JsonObject, JsonObject>()
  const read = (object: JsonObject): JsonObject => {
    const found = known.get(object) ?? convert(object, own, schema)
    known.set(object, found)
    return found
  }
  if (stored === version) return { fromStored: read }
  return { fromStored: read, toStored: (object) => convert(object, storedVersion, storedSchema) }
}

/** The version that objects are stored in. */
const storedIn = (crd: JsonObject, otherwise: JsonObject): JsonObject =>
  listAt(crd, 'spec', 'versions')
    .filter(isObject)
    .find((one) => one.storage === true) ?? otherwise

/** The same where a webhook converts: what is stored in another version can be read once it has been converted. */
const webhookConversion = (
  crd: JsonObject,
  version: JsonObject,
  schemas: ReadonlyMap<string, Schema>,
): Pick<ResourceType, 'fromStored' | 'conversion'> => {
  const own = apiVersionOf(crd, version)
  const webhook = objectAt(crd, 'spec', 'conversion', 'webhook')
  const conversion: Conversion = {
    client: objectAt(webhook, 'clientConfig'),
    reviewVersions: listAt(webhook, 'conversionReviewVersions').map(String),
    own,
    storage: apiVersionOf(crd, storedIn(crd, version)),
    schemas,
    known: new WeakMap(),
    pending: new WeakMap(),
  }
  const fromStored = (object: JsonObject): JsonObject => {
    const found = conversion.known.get(object)
    if (found !== undefined) return found
    if (object.apiVersion !== own)
      throw new Error(`an object of ${String(object.apiVersion)} was read as ${own} before it was converted`)
    const read = convert(object, own, schemas.get(own) ?? {})
    conversion.known.set(object, read)
    return read
  }
  return { fromStored, conversion }
}

/** The object itself when nothing is different. */
const convert = (object: JsonObject, apiVersion: string, schema: Schema): JsonObject => {
  const converted = { ...copyOf(object), apiVersion }
  prune(converted, schema)
  applyDefaults(converted, schema)
  return isEqual(converted, object) ? object : converted
}

const scaleOf = (version: JsonObject): NonNullable<ResourceType['scale']> | undefined => {
  const scale = at(version, 'subresources', 'scale')
  if (!isObject(scale)) return undefined
  const selector = stringAt(scale, 'labelSelectorPath')
  return {
    specReplicasPath: stringAt(scale, 'specReplicasPath'),
    statusReplicasPath: stringAt(scale, 'statusReplicasPath'),
    ...(selector === '' ? {} : { labelSelectorPath: selector }),
  }
}

/** Metadata never counts; status counts only where it is no subresource. */
const contentChanged =
  (hasStatus: boolean) =>
  (before: JsonObject, after: JsonObject): boolean =>
    !isEqual(contentOf(before, hasStatus), contentOf(after, hasStatus))

const contentOf = ({ metadata: _, status, ...content }: JsonObject, hasStatus: boolean): JsonObject =>
  hasStatus || status === undefined ? content : { ...content, status }

/** The schema of a version with what every object has; restrictions of names stay. */
const schemaOf = (version: JsonObject): Schema => {
  const given: Schema = objectAt(version, 'schema', 'openAPIV3Schema')
  const named = given.properties?.metadata?.properties
  const properties = { ...metadata.properties }
  for (const name of ['name', 'generateName']) {
    const restriction = named?.[name]
    if (restriction) properties[name] = { ...properties[name], ...restriction }
  }
  return {
    ...given,
    properties: {
      ...given.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { ...metadata, properties },
    },
  }
}

const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  format: '',
  description: builtinAge.description ?? '',
  priority: 0,
  value: '.metadata.creationTimestamp',
}

const columnsOf = (version: JsonObject): Column[] => {
  const given = listAt(version, 'additionalPrinterColumns').filter(isObject)
  if (given.length === 0) return [nameColumn, ageColumn]
  const wrong = given.findIndex((column) => parsePath(stringAt(column, 'jsonPath')) === undefined)
  return [
    nameColumn,
    // Nothing is said of a path that is none: its column and all behind it are missing.
    ...given.slice(0, wrong < 0 ? given.length : wrong).map((column) => ({
      name: stringAt(column, 'name'),
      type: stringAt(column, 'type'),
      format: stringAt(column, 'format'),
      description: stringAt(column, 'description') || describe(stringAt(column, 'jsonPath')),
      priority: numberAt(column, 'priority') ?? 0,
      value: stringAt(column, 'jsonPath'),
    })),
  ]
}

const describe = (path: string): string => `Custom resource definition column (in JSONPath format): ${path}`

const selectableOf = (version: JsonObject): ResourceType['selectableFields'] => {
  const paths = listAt(version, 'selectableFields').map((field) =>
    stringAt(field, 'jsonPath').replace(/^\./, ''),
  )
  return Object.fromEntries(paths.map((path) => [path, (object) => textAt(object, path)]))
}

const textAt = (object: JsonObject, path: string): string => {
  const value = at(object, ...path.split('.'))
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value)
}
